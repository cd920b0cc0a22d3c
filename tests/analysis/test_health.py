"""Whether a result may be believed, in words."""

from typing import Any

import pytest

from equipoise.analysis.data import compaction
from equipoise.analysis.results import Call, Check, Grade, Results
from equipoise.domain.allocation import Arm, Hashing, Split
from equipoise.domain.experiment.state import Pause, Phase, Status
from equipoise.domain.proposal import allocate
from tests.analysis.found import NOW, facts, halves, reported
from tests.domain.builders import OFF, ON, a_definition, a_metric
from tests.domain.experiment.examples import STARTED_AT, a_ramp

DAY = 86_400_000_000


def found(results: Results, code: str) -> Check | None:
    return next((check for check in results.health if check.code == code), None)


def grade(results: Results, code: str) -> Grade | None:
    check = found(results, code)
    return None if check is None else check.grade


def evenly(units: int, **fields: Any) -> Results:
    return reported(halves([1.0, 0.0] * (units // 2), [0.0, 1.0] * (units // 2), **fields))


def test_all_is_well_where_nothing_is_wrong() -> None:
    results = evenly(1_000)
    assert {check.grade for check in results.health} == {Grade.GOOD}
    assert all(check.sentence for check in results.health)


def test_a_split_that_chance_alone_does_not_make_is_bad_and_nothing_is_decided_on_it() -> None:
    results = reported(halves([1.0, 0.0] * 2_750, [0.0, 1.0] * 2_250))
    check = found(results, "sample_ratio")
    assert check is not None
    assert (check.grade, results.verdict.call) == (Grade.BAD, Call.UNTRUSTED)
    assert "55.0 % : 45.0 %" in check.sentence or "45.0 % : 55.0 %" in check.sentence
    assert check.figures["p_value"] < 0.001
    assert check.remedy == results.verdict.next_step


def test_shares_that_changed_on_the_way_expect_no_split() -> None:
    less = Split((Arm(OFF, 90_000, control=True), Arm(ON, 10_000)), Hashing("sha1/15hex", seed=1))
    more = Split((Arm(OFF, 50_000, control=True), Arm(ON, 50_000)), Hashing("sha1/15hex", seed=1))
    phases = (Phase(less, STARTED_AT), Phase(more, STARTED_AT + 1))
    results = reported(halves([1.0, 0.0] * 2_750, [0.0, 1.0] * 2_250), phases=phases)
    assert grade(results, "sample_ratio") is Grade.UNKNOWN
    assert results.verdict.call is not Call.UNTRUSTED


def test_a_ramp_past_one_half_says_that_its_control_is_kept() -> None:
    seeded = Hashing("sha1/15hex", seed=1)
    levels = enumerate((50_000, 100_000))
    climbed = tuple(Phase(allocate(a_ramp(level), seeded), STARTED_AT + at) for at, level in levels)
    check = found(reported(halves([1.0, 0.0], [0.0, 1.0]), phases=climbed), "ramp")
    assert check is not None
    assert "does not count" in check.sentence
    assert found(reported(halves([1.0, 0.0], [0.0, 1.0]), phases=climbed[:1]), "ramp") is None


def test_an_arm_with_no_share_is_not_held_to_one() -> None:
    split = Split((Arm(OFF, 100_000, control=True), Arm(ON, 0)), Hashing("sha1/15hex", seed=1))
    results = reported(facts({OFF: [0.0] * 100}), phases=(Phase(split, STARTED_AT),))
    assert (grade(results, "sample_ratio"), grade(results, "empty_arm")) == (Grade.UNKNOWN, None)


def test_an_arm_that_should_have_units_and_has_none_is_said() -> None:
    results = reported(facts({OFF: [0.0] * 4}))
    assert grade(results, "empty_arm") is Grade.WARNING


@pytest.mark.parametrize("code", ["doubled", "strangers", "collisions"])
def test_units_that_do_not_count_are_said_with_a_remedy(code: str) -> None:
    check = found(evenly(100, **{code: 7}), code)
    assert check is not None
    assert (check.grade, check.sentence.startswith("7 "), bool(check.remedy)) == (Grade.WARNING, True, True)


def test_dead_letters_are_told_by_cause_the_most_frequent_first() -> None:
    results = reported(halves([1.0, 0.0], [0.0, 1.0]), dead={"no key": 2, "bad time": 1_000})
    check = found(results, "dead_letters")
    assert check is not None
    assert check.grade is Grade.WARNING
    assert "1,002 events" in check.sentence
    assert "bad time: 1,000, no key: 2" in check.sentence
    assert check.figures == {"cause.bad time": 1_000, "cause.no key": 2}


def test_a_metric_of_which_no_event_came_is_said_by_its_event() -> None:
    check = found(reported(halves([0.0] * 50, [0.0] * 50)), "no_outcomes")
    assert check is not None
    assert "“purchase”" in check.sentence


def test_outcomes_that_count_nowhere_are_not_called_good() -> None:
    results = reported(halves([0.0] * 50, [0.0] * 50, outcomes=3))
    check = found(results, "no_outcomes")
    assert check is not None
    assert "3 outcomes read in all" in check.sentence
    assert "before a unit's first exposure" in check.remedy
    assert found(results, "outcomes") is None
    assert grade(reported(halves([1.0, 0.0], [0.0, 1.0], outcomes=3)), "outcomes") is Grade.GOOD


def test_data_that_stays_away_while_it_runs_is_said() -> None:
    old = halves([1.0, 0.0], [0.0, 1.0], watermark=NOW - 3 * DAY)
    assert grade(reported(old), "freshness") is Grade.WARNING
    assert grade(reported(old, status=Status.STOPPED), "freshness") is Grade.GOOD
    assert grade(reported(halves([], [], watermark=0)), "freshness") is Grade.UNKNOWN
    ended = reported(old, status=Status.STOPPED, ended_at=NOW - 3 * DAY)
    assert found(ended, "freshness") is None, "what comes now is not of it"


def test_events_that_are_not_compacted_are_said_and_whether_for_too_long() -> None:
    assert compaction(NOW - 1_000_000, NOW).grade is Grade.GOOD
    assert compaction(NOW + 1_000_000, NOW).grade is Grade.GOOD, "clocks differ"
    late = compaction(NOW - 3 * DAY, NOW)
    assert (late.grade, "3 days" in late.sentence) == (Grade.WARNING, True)


def test_a_pause_is_said_and_that_it_lasts() -> None:
    over, lasting = (Pause(STARTED_AT + 1, STARTED_AT + 2),), (Pause(STARTED_AT + 1),)
    seen = halves([1.0, 0.0], [0.0, 1.0])
    assert grade(reported(seen, pauses=over), "pauses") is Grade.GOOD
    assert grade(reported(seen, pauses=lasting, status=Status.PAUSED), "pauses") is Grade.WARNING


def test_a_metric_that_cannot_be_measured_yet_is_said() -> None:
    ratio = a_metric(version=3, definition=a_definition(analysis="percentile", percentile=90))
    results = reported(facts({OFF: [], ON: []}), known={"purchases": ratio})
    assert grade(results, "not_measured") is Grade.WARNING


def test_before_it_started_nothing_is_looked_at() -> None:
    assert reported(facts({}), started_at=None, phases=()).health == ()
