"""A segment as clauses alone, and further segments for whom its rules keep out."""

from hypothesis import given

from equipoise.domain.clauses import SEGMENT_MATCH, Clause, segments_named
from equipoise.domain.segment.membership import Membership, memberships
from equipoise.domain.segment.state import Segment, SegmentRule
from tests.properties.strategies.segments import segments

GERMAN = Clause("a", "country", "in", ("DE",))
ADULT = Clause("b", "age", "greaterThanOrEqual", (18,), negate=True)
STAFF = Clause("c", "email", "endsWith", ("@example.com",), "employee")


def outside(key: str) -> Clause:
    return Clause(key, "", SEGMENT_MATCH, (key,), negate=True)


def test_nobody_is_in_a_segment_without_rules() -> None:
    assert list(memberships("s", ())) == [Membership("s", ())]


def test_each_rule_is_a_group_of_clauses() -> None:
    rules = (SegmentRule("one", (GERMAN, ADULT)), SegmentRule("two", (STAFF,)))
    assert list(memberships("s", rules)) == [Membership("s", ((GERMAN, ADULT), (STAFF,)))]


def test_whom_a_rule_keeps_out_is_a_segment_of_its_own() -> None:
    rules = (
        SegmentRule("one", (GERMAN,), unless=((STAFF,), (ADULT, GERMAN))),
        SegmentRule("two", unless=((ADULT,),)),
        SegmentRule("three", (STAFF,)),
    )
    assert list(memberships("s", rules)) == [
        Membership("s:one", ((STAFF,), (ADULT, GERMAN))),
        Membership("s:two", ((ADULT,),)),
        Membership("s", ((GERMAN, outside("s:one")), (outside("s:two"),), (STAFF,))),
    ]


@given(segments())
def test_every_segment_it_asks_for_on_its_own_is_given_before_and_once(segment: Segment) -> None:
    given = list(memberships("s", segment.rules))
    keys = [each.key for each in given]
    assert keys == [*(f"s:{rule.id}" for rule in segment.rules if rule.unless), "s"]
    named = segments_named(clause for group in given[-1].groups for clause in group)
    assert {key for key in named if ":" in key} == set(keys[:-1])
    assert all(group for each in given for group in each.groups), "no group lets everybody in"
