"""What happened to a statement."""

from typing import Any

from equipoise.domain.change import Event
from equipoise.domain.statement.state import Statement


class Created(Event, frozen=True):
    statement: Statement


class Restated(Event, frozen=True):
    """`said_at` in milliseconds since 1970."""

    said_at: int
    document: dict[str, Any]
