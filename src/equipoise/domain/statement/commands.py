"""What may be asked of a statement."""

from typing import Any

from equipoise.domain.change import Command
from equipoise.domain.statement.state import Statement


class Create(Command, frozen=True):
    """`statement` whole, revision 0."""

    statement: Statement


class Restate(Command, frozen=True):
    """What is said now. What was said before what is known already, changes nothing."""

    said_at: int
    document: dict[str, Any]
