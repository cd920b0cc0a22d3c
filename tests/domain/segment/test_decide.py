"""What may be asked of a segment, and what it answers."""

import pytest
from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command
from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.errors import Exceeded, Invalid, Refused
from equipoise.domain.limits import CLAUSES_PER_RULE_MAX, SEGMENT_RULES_MAX
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.commands import Create, SetRules
from equipoise.domain.segment.events import RulesSet
from equipoise.domain.segment.state import SegmentRule
from tests.domain.builders import BORN_AT, LATER, a_segment, a_segment_rule, after, events_of

GERMAN = Clause("", "country", "in", ("DE",))
STAFF = Clause("", "", SEGMENT_MATCH, ("staff",))
ITSELF = Clause("", "", SEGMENT_MATCH, ("staff", "beta"))


def test_a_segment_is_born_whole() -> None:
    born = after(SEGMENT, None, Create(a_segment(tags=("eu", "eu"))))
    assert born == a_segment(tags=("eu",), revision=1, touched_at=LATER)


def test_a_segment_may_be_born_empty_or_archived() -> None:
    born = after(SEGMENT, None, Create(a_segment(rules=(), archived_at=BORN_AT)))
    assert (born.rules, born.archived_at) == ((), BORN_AT)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_segment(
        id="x", project="", environment="", key="", name="", description="\0", rules=(SegmentRule("r"),)
    )
    with pytest.raises(Invalid) as refusal:
        events_of(SEGMENT, None, Create(wrong))
    places = {violation.where for violation in refusal.value.violations}
    assert places == {"id", "project", "environment", "key", "name", "description", "rules.0"}


@pytest.mark.parametrize(
    "rule",
    [
        SegmentRule("r", (GERMAN, STAFF)),
        SegmentRule("r", unless=((GERMAN,), (STAFF, GERMAN))),
        SegmentRule("r", (GERMAN,), ((STAFF,),)),
        SegmentRule("r", (GERMAN,) * CLAUSES_PER_RULE_MAX),
    ],
)
def test_every_sound_rule_can_be_set(rule: SegmentRule) -> None:
    assert events_of(SEGMENT, a_segment(), SetRules((rule,))) == (RulesSet((rule,)),)
    assert after(SEGMENT, a_segment(), SetRules((rule,))).rules == (rule,)


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ((a_segment_rule(""),), "rules.0.id"),
        ((a_segment_rule("r"), a_segment_rule("r")), "rules: each id stands once"),
        ((SegmentRule("r"),), "rules.0: must have a clause"),
        ((SegmentRule("r", (GERMAN,), ((),)),), "rules.0.unless.0: must have a clause"),
        ((SegmentRule("r", (replace(GERMAN, op="resembles"),)),), "rules.0.clauses.0.op"),
        ((SegmentRule("r", unless=((GERMAN, replace(GERMAN, kind="")),)),), "rules.0.unless.0.1.kind"),
        ((SegmentRule("r", (replace(STAFF, values=(1,)),)),), "rules.0.clauses.0.values: must be the key"),
        ((SegmentRule("r", (replace(STAFF, values=("\0",)),)),), "rules.0.clauses.0.values"),
        ((SegmentRule("r", (ITSELF,)),), "not a member of itself"),
        ((SegmentRule("r", unless=((GERMAN,), (ITSELF,))),), "rules.0.unless.1.0.values: a segment is not"),
    ],
)
def test_a_rule_that_is_not_sound_is_invalid(rules: tuple[SegmentRule, ...], fault: str) -> None:
    for command, now in ((SetRules(rules), a_segment()), (Create(a_segment(rules=rules)), None)):
        with pytest.raises(Invalid, match=fault):
            events_of(SEGMENT, now, command)


def test_its_own_key_is_a_value_like_any_other_elsewhere() -> None:
    assert events_of(
        SEGMENT, a_segment(), SetRules((SegmentRule("r", (replace(GERMAN, values=("beta",)),)),))
    )


def test_there_are_so_many_rules_and_no_more() -> None:
    full = tuple(a_segment_rule(f"r{number}") for number in range(SEGMENT_RULES_MAX))
    assert events_of(SEGMENT, a_segment(), SetRules(full))
    with pytest.raises(Exceeded, match="SEGMENT_RULES_MAX"):
        events_of(SEGMENT, a_segment(), SetRules((*full, a_segment_rule())))


def test_the_clauses_of_a_rule_are_counted_with_those_of_its_groups() -> None:
    full = SegmentRule("r", (STAFF,), ((GERMAN,) * CLAUSES_PER_RULE_MAX,))
    with pytest.raises(Exceeded, match="CLAUSES_PER_RULE_MAX"):
        events_of(SEGMENT, a_segment(), SetRules((full,)))


def test_the_same_rules_are_no_change() -> None:
    assert events_of(SEGMENT, a_segment(), SetRules(a_segment().rules)) == ()


def test_a_rule_on_one_is_not_a_rule_on_true() -> None:
    def on(value: object) -> tuple[SegmentRule, ...]:
        return (SegmentRule("r", (replace(GERMAN, values=(value,)),)),)

    assert events_of(SEGMENT, a_segment(rules=on(1)), SetRules(on(True)))


@pytest.mark.parametrize(
    "command",
    [labels.Rename("Gamma"), labels.Describe("More"), labels.Tag(("eu",)), SetRules(())],
    ids=lambda it: type(it).__name__,
)
def test_an_archived_segment_stays_as_it_is(command: Command) -> None:
    archived = a_segment(archived_at=BORN_AT)
    with pytest.raises(Refused, match="cannot change it: segment beta is archived; restore it first"):
        events_of(SEGMENT, archived, command)
    assert events_of(SEGMENT, after(SEGMENT, archived, labels.Restore()), command)


def test_an_archived_segment_is_archived_annotated_restored_and_deleted() -> None:
    archived = after(SEGMENT, a_segment(), labels.Archive())
    assert archived.archived_at == LATER
    assert events_of(SEGMENT, archived, labels.Archive()) == ()
    for command in (labels.Annotate("some", "field", 1), labels.Restore(), labels.Delete()):
        assert events_of(SEGMENT, archived, command)
