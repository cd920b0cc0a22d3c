"""Events of a statement are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.statement import STATEMENT
from equipoise.domain.statement.events import Restated
from tests.domain.builders import LATER, a_statement


def test_an_older_statement_is_believed_when_it_was_told() -> None:
    now = fold(STATEMENT, a_statement(), (Restated(-1, {}),), LATER)
    assert now == a_statement(said_at=-1, document={}, revision=1, touched_at=LATER)
