"""What an environment serves."""

from msgspec.structs import replace

from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Rollout
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import snapshot
from tests.domain.builders import a_flag, a_segment_rule, an_environment
from tests.domain.experiment.examples import FIRST, an_iteration, by_segment, paused, running


def test_a_flag_is_served_with_the_experiment_that_runs_on_it_here() -> None:
    flag, experiment = a_flag(), running()
    found = snapshot(an_environment(), 9, (flag,), {flag.key: 7}, (experiment,))
    served = found.flags[flag.key]
    assert (found.number, served.version) == (9, 7)
    assert isinstance(served.targeting.fallthrough, Rollout)
    assert served.targeting.fallthrough.experiment


def test_an_experiment_of_another_environment_lays_nothing_over() -> None:
    flag, elsewhere = a_flag(), replace(running(), environment="test")
    served = snapshot(an_environment(), 9, (flag,), {}, (elsewhere,)).flags[flag.key]
    assert served.targeting == flag.in_environment("production")
    assert served.version == 1


def test_an_archived_flag_is_not_served() -> None:
    assert snapshot(an_environment(), 9, (replace(a_flag(), archived_at=5),), {}, ()).flags == {}


def by_segments(environment: str = "production") -> Experiment:
    return replace(running(draft=an_iteration(proposal=by_segment())), environment=environment)


def test_the_segments_that_run_here_are_served_with_the_flags() -> None:
    key = f"{FIRST}:0:beta"
    found = snapshot(an_environment(), 9, (a_flag(),), {}, (by_segments(),))
    assert found.segments == {key: Membership(key, (a_segment_rule().clauses,))}


def test_without_an_experiment_that_asks_for_one_there_is_no_segment() -> None:
    waiting = paused(draft=an_iteration(proposal=by_segment()))
    for experiments in ((), (running(),), (waiting,), (by_segments("test"),)):
        assert snapshot(an_environment(), 9, (a_flag(),), {}, experiments).segments == {}
