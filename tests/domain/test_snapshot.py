"""What an environment serves."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.experiment.state import Experiment
from equipoise.domain.flag.state import Flag, Rollout
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


@st.composite
def moments(draw: st.DrawFn) -> list[tuple[list[Flag], dict[str, int], list[Experiment]]]:
    """What a project holds at one moment and the next: some flags are the same objects, some are not."""
    kept = {key: a_flag(key=key, id=f"{at:024x}") for at, key in enumerate(("a", "b", "c", "d"))}
    states = (
        running(),
        paused(),
        running(draft=an_iteration(proposal=by_segment())),
        running(draft=an_iteration(unit="device")),
    )
    found = []
    for _ in range(2):
        there = draw(st.lists(st.sampled_from(sorted(kept)), unique=True))
        shown = [
            draw(
                st.sampled_from(
                    (kept[key], replace(kept[key], archived_at=5), replace(kept[key], salt="new"))
                )
            )
            for key in there
        ]
        versions = {key: draw(st.integers(1, 2)) for key in there}
        ran = [
            replace(
                draw(st.sampled_from(states)),
                flag=key,
                environment=draw(st.sampled_from(("production", "test"))),
            )
            for key in draw(st.lists(st.sampled_from(sorted(kept)), max_size=3))
        ]
        found.append((shown, versions, ran))
    return found


@given(moments())
def test_what_is_taken_over_is_what_would_be_made_anew(
    both: list[tuple[list[Flag], dict[str, int], list[Experiment]]],
) -> None:
    before, after = both
    taken = snapshot(an_environment(), 9, *before)
    now = snapshot(an_environment(), 10, *after, taken)
    assert now == snapshot(an_environment(), 10, *after)
    for key, served in now.flags.items():
        if served == taken.flags.get(key) and served.flag is taken.flags[key].flag:
            assert served is taken.flags[key]
