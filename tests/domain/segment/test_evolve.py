"""Events of a segment are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.labels import Renamed
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.events import RulesSet
from tests.domain.builders import LATER, a_segment, a_segment_rule


def test_the_rules_are_those_that_were_told() -> None:
    rules = (a_segment_rule("one"), a_segment_rule("one", clauses=()))
    now = fold(SEGMENT, a_segment(), (RulesSet(rules),), LATER)
    assert now is not None
    assert (now.rules, now.revision, now.touched_at) == (rules, 1, LATER)


def test_an_archived_segment_is_renamed_when_it_was_told() -> None:
    now = fold(SEGMENT, a_segment(archived_at=LATER), (Renamed("Gamma"),), LATER)
    assert now is not None
    assert (now.name, now.archived_at) == ("Gamma", LATER)
