"""Signing in with a browser: links that work once, and the sessions they lead to.

A link holds a random code, of which only the digest is stored. A session is sealed by the vault and stored
nowhere: it names the token it stands for, and ends with it.
"""

from base64 import urlsafe_b64encode

import msgspec
from msgspec import Struct

from equipoise.application.authentication import authenticate
from equipoise.application.ports import Clock, Entropy, LostRace, Query, Reader, Store, Ticket, Vault
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import INSTANCE, Id
from equipoise.domain.token import TOKEN
from equipoise.domain.token.state import Token
from equipoise.security.principals import Principal, bearer
from equipoise.security.tokens import SECRET_BYTES, digest, same
from equipoise.security.vault import WrongKey

TICKET_MS = 3_600_000
SESSION_MS = 30 * 86_400_000
MARK_LENGTH = 32  # hexadecimal digits


class Session(Struct, frozen=True, tag="session"):
    """Who signed in.

    token       id of the token that it stands for
    mark        of that token's secret: another secret ends the session
    expires_at  milliseconds since 1970
    """

    token: Id
    mark: str
    expires_at: int


class Reception:
    """Where browsers sign in."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy, vault: Vault) -> None:
        self.store, self.clock, self.entropy, self.vault = store, clock, entropy, vault

    def invite(self) -> str:
        """A new code that signs in once, within TICKET_MS, as the oldest admin token of the whole instance.

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
        if ticket is None or ticket.expires_at <= now or token is None or bearer(token, now) is None:
            raise Unknown
        return self._session(token, now)

    def admit(self, secret: str) -> str:
        """The session of whoever holds an API token. raises Unknown"""
        now = self.clock()
        with self.store.read() as reader:
            token = reader.find(TOKEN, authenticate(reader, secret, now).token)
        if token is None:
            raise Unknown
        return self._session(token, now)

    def principal(self, session: str) -> Principal:
        """Who signed in, as the token is now. raises Unknown"""
        now = self.clock()
        try:
            known = msgspec.json.decode(self.vault.open(session), type=Session)
        except (WrongKey, ValueError):  # what cannot be decoded is a ValueError too
            raise Unknown from None
        with self.store.read() as reader:
            token = reader.find(TOKEN, known.token)
        if token is None or known.expires_at <= now or not same(_mark(token), known.mark):
            raise Unknown
        principal = bearer(token, now)
        if principal is None:
            raise Unknown
        return principal

    def _session(self, token: Token, now: int) -> str:
        session = Session(token.id, _mark(token), now + SESSION_MS)
        return self.vault.seal(msgspec.json.encode(session).decode())


def _mark(token: Token) -> str:
    return token.digest[:MARK_LENGTH]


def _oldest_admin(reader: Reader, now: int) -> Token:
    for token in reader.select(TOKEN, Query(INSTANCE)).items:
        if token.role == "admin" and not token.project and not token.environment and bearer(token, now):
            return token
    raise Missing("admin token", "of the whole instance")
