"""Access tokens: what a client of OAuth is granted for the id and the secret of a token of ours."""

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import Clock, Reader, Store, Vault
from equipoise.application.stand_ins import StandIn, behind, mark, seal, unseal
from equipoise.domain.errors import Forbidden, Unknown
from equipoise.domain.identity import Id, is_id
from equipoise.domain.token import TOKEN
from equipoise.domain.token.state import ACTS, Token
from equipoise.security.permissions import Act, may
from equipoise.security.principals import Principal, bearer
from equipoise.security.tokens import ACCESS, digest, same

GRANT_MS = 24 * 3_600_000


class Grant(StandIn, frozen=True, tag="grant"):
    """What an access token holds. `acts` are never none: a principal with none is not narrowed at all."""

    acts: tuple[str, ...]


class Granted(Struct, frozen=True):
    """An access token, the only time it is seen, and what it allows, of domain.token.state.ACTS."""

    access_token: str
    expires_in_seconds: int
    acts: tuple[str, ...]


class Grants:
    """Where clients of OAuth get their access tokens."""

    def __init__(self, store: Store, clock: Clock, vault: Vault) -> None:
        self.store, self.clock, self.vault = store, clock, vault

    def grant(self, client_id: Id, client_secret: str, acts: tuple[str, ...] = ()) -> Granted:
        """An access token that lasts GRANT_MS, but no longer than the token it stands for.

        client_id  id of the token whose secret comes with it
        acts       those asked for; () for all that the token allows
        raises     Unknown when the secret is not that token's; Forbidden when it does not allow as much
        """
        now = self.clock()
        with self.store.read() as reader:
            token = _token_of(reader, client_id, client_secret, now)
        allowed = _within(bearer(token), acts)
        expires_at = min(now + GRANT_MS, token.expires_at or now + GRANT_MS)
        grant = Grant(token.id, mark(token.digest), expires_at, allowed)
        return Granted(ACCESS + seal(self.vault, grant), (expires_at - now) // 1_000, allowed)


def granted(reader: Reader, vault: Vault, access_token: str, now: int) -> Principal:
    """Whom an access token stands for, narrowed to what was granted. `now` in milliseconds since 1970.

    raises  Unknown
    """
    grant = unseal(vault, access_token.removeprefix(ACCESS), Grant)
    return replace(behind(reader, grant, now), acts=grant.acts)


def _token_of(reader: Reader, client_id: Id, client_secret: str, now: int) -> Token:
    token = reader.find(TOKEN, client_id) if is_id(client_id) else None
    if token is None or token.expired(now) or not same(token.digest, digest(client_secret)):
        raise Unknown
    return token


def _within(principal: Principal, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The acts asked for, each once, or all that the principal may. raises Forbidden"""
    allowed = tuple(act for act in ACTS if may(principal, Act(act)))
    for act in asked:
        if act not in allowed:
            raise Forbidden(act, str(principal.territory))
    if not allowed:
        raise Forbidden("do anything in", str(principal.territory))
    return tuple(act for act in allowed if act in asked) if asked else allowed
