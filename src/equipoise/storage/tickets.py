"""Tickets: what one-time links are known by until they are used."""

from sqlalchemy import Connection, bindparam, delete, insert

from equipoise.application.ports import Ticket
from equipoise.storage.tables import tickets

_t = tickets.c
_ISSUE = insert(tickets)
_TAKE = (
    delete(tickets).where(_t.digest == bindparam("of_digest")).returning(_t.digest, _t.token, _t.expires_at)
)
_SWEEP = delete(tickets).where(_t.expires_at <= bindparam("now"))


class Tickets:
    """Tickets within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def issue(self, ticket: Ticket, now: int) -> None:
        """Keeps a ticket, and forgets those that nobody used in time."""
        self.connection.execute(_SWEEP, {"now": now})
        row = {"digest": ticket.digest, "token": ticket.token, "expires_at": ticket.expires_at}
        self.connection.execute(_ISSUE, row)

    def take(self, digest: str) -> Ticket | None:
        found = self.connection.execute(_TAKE, {"of_digest": digest}).first()
        return None if found is None else Ticket(found.digest, found.token, found.expires_at)
