"""What the commands to a statement lead to."""

from collections.abc import Iterator
from typing import Any

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Violation, check
from equipoise.domain.free import size_rule
from equipoise.domain.identity import is_id, key_rule, text_rule
from equipoise.domain.limits import KEY_LENGTH_MAX, STATEMENT_BYTES_MAX
from equipoise.domain.statement.commands import Create, Restate
from equipoise.domain.statement.events import Created, Restated
from equipoise.domain.statement.state import BALANCES, USAGE, Statement

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    born = command.statement
    check(
        is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id),
        key_rule("installation", born.installation),
        key_rule("project", born.project),
        key_rule("environment", born.environment),
        born.kind in (USAGE, BALANCES) or Violation("kind", "must be usage or balances", born.kind),
        bool(born.day) == (born.kind == USAGE) or Violation("day", "is said of usage alone", born.day),
        text_rule("day", born.day, KEY_LENGTH_MAX),
        *_of_document(born.document),
    )
    return (Created(born),)


def restate(now: Statement, command: Restate, _: Moment) -> Events:
    check(*_of_document(command.document))
    known = same((command.said_at, command.document), (now.said_at, now.document))
    return () if known or command.said_at < now.said_at else (Restated(command.said_at, command.document),)


def _of_document(document: dict[str, Any]) -> Iterator[bool | Violation]:
    yield size_rule("", document, STATEMENT_BYTES_MAX)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    Create: create,
    Restate: restate,
}
