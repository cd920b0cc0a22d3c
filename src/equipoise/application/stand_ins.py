"""What stands for a token and ends with it: sealed by the vault, stored nowhere, known to every worker."""

from typing import TypeVar

import msgspec
from msgspec import Struct

from equipoise.application.ports import Reader, Vault
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import Id
from equipoise.domain.token import TOKEN
from equipoise.security.principals import Principal, bearer
from equipoise.security.tokens import same
from equipoise.security.vault import WrongKey

MARK_LENGTH = 32  # hexadecimal digits


class StandIn(Struct, frozen=True):
    """What all of them say. Each kind has a tag, so that none is taken for another.

    token       id of the token that it stands for
    mark        of that token's secret: another secret ends it
    expires_at  milliseconds since 1970
    """

    token: Id
    mark: str
    expires_at: int


S = TypeVar("S", bound=StandIn)


def mark(digest: str) -> str:
    """What tells a secret from those that come after it, without being the digest it is found by."""
    return digest[:MARK_LENGTH]


def seal(vault: Vault, stand_in: StandIn) -> str:
    return vault.seal(msgspec.json.encode(stand_in).decode())


def unseal(vault: Vault, sealed: str, kind: type[S]) -> S:
    """raises Unknown when this instance sealed no such thing"""
    try:
        return msgspec.json.decode(vault.open(sealed), type=kind)
    except (WrongKey, ValueError):  # what cannot be decoded is a ValueError too
        raise Unknown from None


def behind(reader: Reader, stand_in: StandIn, now: int) -> Principal:
    """Whom it stands for, as the token is now. `now` in milliseconds since 1970.

    raises  Unknown when it, the token or its secret is no more
    """
    token = reader.find(TOKEN, stand_in.token)
    if token is None or token.expired(now) or stand_in.expires_at <= now:
        raise Unknown
    if not same(mark(token.digest), stand_in.mark):
        raise Unknown
    return bearer(token)
