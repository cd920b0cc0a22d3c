"""Clauses, and when two JSON values are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.clauses import OPERATORS, SEGMENT_MATCH, Clause, clause_findings, same, segments_named
from equipoise.domain.errors import Exceeded, Invalid, check
from equipoise.domain.limits import VALUES_PER_CLAUSE_MAX
from equipoise.evaluation.reference import MALFORMED, reference


@pytest.mark.parametrize("op", sorted(OPERATORS))
def test_a_clause_takes_every_known_operator(op: str) -> None:
    check(*clause_findings("clause", Clause("c", "email", op, ("a",))))


def test_a_clause_names_all_that_is_wrong_with_it() -> None:
    wrong = Clause("c", "", "resembles", ("a",), kind="no kind")
    with pytest.raises(Invalid) as refusal:
        check(*clause_findings("clause", wrong))
    places = [violation.where for violation in refusal.value.violations]
    assert places == ["clause.op", "clause.attribute", "clause.kind"]


def test_a_clause_on_segments_needs_no_attribute() -> None:
    check(*clause_findings("clause", Clause("c", "", SEGMENT_MATCH, ("beta",))))


def wrong_places(clause: Clause) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        check(*clause_findings("clause", clause))
    return [violation.where for violation in refusal.value.violations]


@given(st.text("/~01a ", max_size=8))
def test_a_clause_asks_for_what_leads_somewhere_as_evaluation_reads_it(attribute: str) -> None:
    clause = Clause("c", attribute, "in", ("a",))
    if reference(attribute) == MALFORMED:
        assert set(wrong_places(clause)) == {"clause.attribute"}
    else:
        check(*clause_findings("clause", clause))


def test_a_clause_has_values_that_every_client_can_read() -> None:
    assert wrong_places(Clause("c", "age", "in", (1, 10**400, [-(10**400)]))) == ["clause.values"] * 2


def test_a_clause_has_so_many_values_and_no_more() -> None:
    full = tuple(range(VALUES_PER_CLAUSE_MAX))
    check(*clause_findings("clause", Clause("c", "age", "in", full)))
    with pytest.raises(Exceeded, match="VALUES_PER_CLAUSE_MAX"):
        check(*clause_findings("clause", Clause("c", "age", "in", (*full, -1))))


def test_the_segments_that_clauses_name_stand_once() -> None:
    clauses = (
        Clause("c", "", SEGMENT_MATCH, ("beta", "staff")),
        Clause("d", "country", "in", ("DE",)),
        Clause("e", "", SEGMENT_MATCH, ("beta", 1, ["staff"]), negate=True),
    )
    assert segments_named(clauses) == ("beta", "staff")


def test_one_and_true_and_one_point_zero_are_three_values() -> None:
    assert not same(1, True)
    assert not same(1, 1.0)
    assert not same([0], [False])


def test_the_order_of_members_does_not_matter() -> None:
    assert same({"a": 1, "b": [2]}, {"b": [2], "a": 1})
    assert not same([1, 2], [2, 1])
