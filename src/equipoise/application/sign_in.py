"""Signing in with a browser: links that work once, and the sessions they lead to.

A link holds a random code, of which only the digest is stored. A session stands for a token (stand_ins.py).
"""

from base64 import urlsafe_b64encode

from equipoise.application.authentication import holder
from equipoise.application.ports import Clock, Entropy, LostRace, Query, Reader, Store, Ticket, Vault
from equipoise.application.stand_ins import StandIn, behind, mark, seal, unseal
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import INSTANCE
from equipoise.domain.token import TOKEN
from equipoise.domain.token.state import Token
from equipoise.security.principals import Principal
from equipoise.security.tokens import SECRET_BYTES, digest

TICKET_MS = 3_600_000
SESSION_MS = 30 * 86_400_000


class Session(StandIn, frozen=True, tag="session"):
    """Who signed in."""


class Reception:
    """Where browsers sign in."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy, vault: Vault) -> None:
        self.store, self.clock, self.entropy, self.vault = store, clock, entropy, vault

    def invite(self) -> str:
        """A new code that signs in once, within TICKET_MS, as the oldest admin token of the whole instance,
        one that is not narrowed.

        raises  Missing when there is no such token
        """
        code = urlsafe_b64encode(self.entropy(SECRET_BYTES)).rstrip(b"=").decode()
        now = self.clock()
        with self.store.write() as transaction:
            token = _oldest_admin(transaction, now)
            transaction.issue(Ticket(digest(code), token.id, now + TICKET_MS), now)
        return code

    def redeem(self, code: str) -> str:
        """The session of whoever comes first with a code. raises Unknown"""
        now = self.clock()
        try:
            with self.store.write() as transaction:
                ticket = transaction.take(digest(code))
                token = None if ticket is None else transaction.find(TOKEN, ticket.token)
        except LostRace:  # to whoever used the same code
            raise Unknown from None
        if ticket is None or ticket.expires_at <= now or token is None or token.expired(now):
            raise Unknown
        return self._session(token, now)

    def admit(self, secret: str) -> str:
        """The session of whoever holds an API token; an access token leads to none, since it is narrower than
        the token that a session stands for. raises Unknown"""
        now = self.clock()
        with self.store.read() as reader:
            return self._session(holder(reader, secret, now), now)

    def principal(self, session: str) -> Principal:
        """Who signed in, as the token is now. raises Unknown"""
        known = unseal(self.vault, session, Session)
        with self.store.read() as reader:
            return behind(reader, known, self.clock())

    def _session(self, token: Token, now: int) -> str:
        return seal(self.vault, Session(token.id, mark(token.digest), now + SESSION_MS))


def _oldest_admin(reader: Reader, now: int) -> Token:
    for token in reader.select(TOKEN, Query(INSTANCE)).items:
        whole = token.territory == INSTANCE and not token.acts
        if token.role == "admin" and whole and not token.expired(now):
            return token
    raise Missing("admin token", "of the whole instance")
