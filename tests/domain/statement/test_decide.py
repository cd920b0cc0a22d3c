"""What may be asked of a statement, and what it answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain import labels
from equipoise.domain.errors import Invalid
from equipoise.domain.limits import STATEMENT_BYTES_MAX
from equipoise.domain.statement import STATEMENT
from equipoise.domain.statement.commands import Create, Restate
from equipoise.domain.statement.events import Restated
from equipoise.domain.statement.state import BALANCES, USAGE
from tests.domain.builders import BORN_AT, LATER, a_statement, after, events_of

FULL = {"": "x" * (STATEMENT_BYTES_MAX - len('{"":""}'))}
TOO_FULL = {"": FULL[""] + "x"}


@pytest.mark.parametrize(("kind", "day"), [(USAGE, "2023-11-14"), (BALANCES, "")])
def test_a_statement_is_born_whole(kind: str, day: str) -> None:
    born = after(STATEMENT, None, Create(a_statement(kind=kind, day=day)))
    assert born == a_statement(kind=kind, day=day, revision=1, touched_at=LATER)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_statement(
        id="x", installation="a/b", project="", environment="", kind="rumours", document=TOO_FULL
    )
    with pytest.raises(Invalid) as refusal:
        events_of(STATEMENT, None, Create(wrong))
    places = [violation.where for violation in refusal.value.violations]
    assert places == ["id", "installation", "project", "environment", "kind", "day", ""]


@pytest.mark.parametrize(("kind", "day"), [(USAGE, ""), (BALANCES, "2023-11-14")])
def test_a_day_is_said_of_usage_alone(kind: str, day: str) -> None:
    with pytest.raises(Invalid, match="day: is said of usage alone"):
        events_of(STATEMENT, None, Create(a_statement(kind=kind, day=day)))


def test_a_later_statement_replaces_the_one_before_it() -> None:
    said = {"usage": [2]}
    assert events_of(STATEMENT, a_statement(), Restate(BORN_AT + 1, said)) == (Restated(BORN_AT + 1, said),)
    now = after(STATEMENT, a_statement(), Restate(BORN_AT + 1, said))
    assert (now.said_at, now.document) == (BORN_AT + 1, said)


def test_of_two_statements_of_one_time_the_last_counts() -> None:
    assert after(STATEMENT, a_statement(), Restate(BORN_AT, {})).document == {}


def test_the_same_document_said_later_was_said_later() -> None:
    assert after(STATEMENT, a_statement(), Restate(LATER, {"usage": [1]})).said_at == LATER


def test_what_was_said_before_what_is_known_changes_nothing() -> None:
    for document in ({"usage": [1]}, {"usage": [2]}):
        assert events_of(STATEMENT, a_statement(), Restate(BORN_AT - 1, document)) == ()


def test_what_is_known_is_no_event_and_one_is_not_true() -> None:
    now = a_statement(document={"a": 1, "b": 2})
    assert events_of(STATEMENT, now, Restate(BORN_AT, {"b": 2, "a": 1})) == ()
    for one in (1.0, True):
        assert events_of(STATEMENT, now, Restate(BORN_AT, {"a": one, "b": 2}))


def test_a_statement_has_so_many_bytes_and_no_more() -> None:
    assert after(STATEMENT, None, Create(a_statement(document=FULL))).document == FULL
    assert after(STATEMENT, a_statement(), Restate(LATER, FULL)).document == FULL
    for said_at in (LATER, 0):
        with pytest.raises(Invalid, match=f"must be at most {STATEMENT_BYTES_MAX} bytes"):
            events_of(STATEMENT, a_statement(), Restate(said_at, TOO_FULL))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_in_whichever_order_they_come_what_was_said_last_is_known(said: list[tuple[int, int]]) -> None:
    now = a_statement(said_at=0, document={})
    for said_at, value in said:
        now = after(STATEMENT, now, Restate(said_at, {"value": value}))
    last = max([0, *(said_at for said_at, _ in said)])
    documents = [{}, *({"value": value} for said_at, value in said if said_at == last)]
    assert (now.said_at, now.document) == (last, documents[-1])


def test_a_statement_can_be_deleted() -> None:
    assert events_of(STATEMENT, a_statement(), labels.Delete()) == (labels.Deleted(),)
