"""What may be asked of an experiment as a whole, and what it answers."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.allocation import SHA1, SHARE_WHOLE, BySegment, Hashing, SegmentArm, Split
from equipoise.domain.barriers import Barriers
from equipoise.domain.change import Moment, apply
from equipoise.domain.errors import Exceeded, Held, Invalid
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    Claim,
    CloneIteration,
    Create,
    JoinHoldout,
    Pause,
    ProposeAllocation,
    Resume,
    SetAnalysis,
    SetAside,
    SetHypothesis,
    Start,
    Stop,
    TakeUp,
)
from equipoise.domain.experiment.events import AnalysisSet, Claimed, HoldoutJoined, Started, Stopped
from equipoise.domain.experiment.state import Analysis, Iteration, MetricUse, Phase, Status
from equipoise.domain.experiment.state import Pause as PauseSpan
from equipoise.domain.gates import Gate, salted
from equipoise.domain.limits import CLAIMS_PER_EXPERIMENT_MAX
from equipoise.domain.proposal import Proposal
from tests.domain.builders import BORN_AT, LATER, OFF, ON, a_moment, a_segment, after, events_of
from tests.domain.experiment.examples import (
    FIRST,
    PAUSED_AT,
    SECOND,
    STARTED_AT,
    STOPPED_AT,
    THIRD,
    a_ramp,
    a_start,
    an_arm,
    an_experiment,
    an_iteration,
    by_segment,
    drafted,
    paused,
    running,
    stopped,
    the_facts,
    with_draft,
)


def current(now: Any) -> Iteration:
    assert now.current is not None
    iteration: Iteration = now.current
    return iteration


def test_an_experiment_is_born_with_its_draft() -> None:
    assert drafted() == an_experiment(revision=1, touched_at=BORN_AT)
    assert drafted().status is Status.DRAFT


def test_a_second_birth_is_held() -> None:
    with pytest.raises(Held):
        events_of(EXPERIMENT, drafted(), Create(an_experiment()))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"id": "short"}, "id"),
        ({"key": "no key"}, "key"),
        ({"name": " "}, "name"),
        ({"name": "a\0"}, "name"),
        ({"description": "\0"}, "description"),
        ({"tags": ("",)}, "tags"),
        ({"flag": ""}, "flag"),
        ({"environment": ""}, "environment"),
        ({"design": "other"}, "design"),
        ({"analysis": Analysis("other")}, "analysis.methodology"),
        ({"holdout": "no key"}, "holdout"),
        ({"claims": ("flow:login", "flow:login")}, "claims"),
        ({"claims": ("",)}, "claims"),
        ({"claims": ("a\0",)}, "claims"),
        ({"claims": ("rule:checkout:rule-1",)}, "claims"),
        ({"draft": None}, "draft"),
        ({"current": an_iteration(id=SECOND)}, "draft"),
        ({"aside": an_iteration(id=SECOND)}, "draft"),
        ({"archived_at": 1}, "archived_at"),
        ({"revision": 1}, "revision"),
        ({"draft": an_iteration(id="")}, "draft.id"),
        ({"draft": an_iteration(started_at=1)}, "draft"),
        ({"draft": an_iteration(proposal=a_ramp(1, 2, step=1))}, "draft"),
        ({"draft": an_iteration(metrics=(MetricUse("a"), MetricUse("a")))}, "draft.metrics"),
        ({"draft": an_iteration(primary="other")}, "draft.primary"),
        ({"draft": an_iteration(unit="no key")}, "draft.unit"),
        ({"draft": an_iteration(hypothesis_text="\0")}, "draft.hypothesis"),
        ({"draft": an_iteration(rule="")}, "draft.rule"),
    ],
    ids=str,
)
def test_an_unsound_birth_is_invalid(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as invalid:
        events_of(EXPERIMENT, None, Create(an_experiment(**fields)))
    assert [violation.where for violation in invalid.value.violations] == [where]


def test_every_violation_of_a_birth_is_named() -> None:
    unsound = an_experiment(key="", name="", draft=an_iteration(unit="?", primary="other"))
    with pytest.raises(Invalid) as invalid:
        events_of(EXPERIMENT, None, Create(unsound))
    places = [violation.where for violation in invalid.value.violations]
    assert places == ["key", "name", "draft.unit", "draft.primary"]


def test_a_birth_keeps_each_tag_once_and_pins_no_version() -> None:
    metrics = (MetricUse("purchases", version=7),)
    born = drafted(tags=("a", "b", "a"), draft=an_iteration(metrics=metrics, attributes=("x", "x")))
    assert born.tags == ("a", "b")
    assert born.draft == an_iteration(attributes=("x",))


def test_analysis_and_holdout_are_set_before_the_first_start() -> None:
    analysis = Analysis("bayesian", {"threshold": "90"})
    assert events_of(EXPERIMENT, drafted(), SetAnalysis(analysis)) == (AnalysisSet(analysis),)
    assert events_of(EXPERIMENT, drafted(), SetAnalysis(Analysis())) == ()
    assert events_of(EXPERIMENT, drafted(), JoinHoldout("q4")) == (HoldoutJoined("q4"),)
    assert events_of(EXPERIMENT, drafted(holdout="q4"), JoinHoldout("q4")) == ()
    assert after(EXPERIMENT, drafted(holdout="q4"), JoinHoldout("")).holdout == ""


def test_what_it_claims_is_said_before_it_starts() -> None:
    claims = ("flow:login", "flow:signup")
    assert events_of(EXPERIMENT, drafted(), Claim(claims)) == (Claimed(claims),)
    now = after(EXPERIMENT, drafted(), Claim(claims))
    assert now.claims == claims
    assert events_of(EXPERIMENT, now, Claim(claims)) == ()
    assert events_of(EXPERIMENT, now, Claim(claims[::-1])) != ()
    assert after(EXPERIMENT, now, Claim(())).claims == ()


@pytest.mark.parametrize("claims", [("a", "a"), (" ",), ("rule:checkout:fallthrough",)], ids=str)
def test_an_unsound_claim_is_invalid(claims: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="claims"):
        events_of(EXPERIMENT, drafted(), Claim(claims))


def test_there_are_so_many_claims_and_no_more() -> None:
    full = tuple(f"flow:{number}" for number in range(CLAIMS_PER_EXPERIMENT_MAX))
    assert events_of(EXPERIMENT, drafted(), Claim(full))
    with pytest.raises(Exceeded, match="CLAIMS_PER_EXPERIMENT_MAX"):
        events_of(EXPERIMENT, drafted(), Claim((*full, "flow:login")))


def test_a_start_by_segment_freezes_who_is_in_the_segments() -> None:
    draft = an_iteration(proposal=by_segment())
    (started,) = events_of(EXPERIMENT, drafted(draft=draft), a_start())
    assert started.allocation == BySegment(
        (SegmentArm(ON, "beta", rules=a_segment().rules),), OFF, fallback_control=True
    )


def test_a_setting_of_another_json_type_is_a_change() -> None:
    now = drafted(analysis=Analysis(settings={"sequential": 1}))
    assert events_of(EXPERIMENT, now, SetAnalysis(Analysis(settings={"sequential": True}))) != ()


def test_a_start_makes_the_proposal_an_allocation_under_a_seed_of_its_own() -> None:
    moment = a_moment(STARTED_AT)
    (started,) = events_of(EXPERIMENT, drafted(), a_start(reason="go"), at=STARTED_AT)
    assert isinstance(started, Started)
    assert (started.iteration, started.at, started.reason) == (FIRST, STARTED_AT, "go")
    assert isinstance(started.allocation, Split)
    traffic = salted(moment.token("traffic", FIRST))
    assert started.allocation.hashing == Hashing(SHA1, moment.seed("iteration", FIRST), traffic=traffic)
    assert started.allocation.outside == OFF


def test_what_no_arm_takes_is_let_into_none() -> None:
    proposal = Proposal((an_arm(OFF, 30_000, control=True), an_arm(ON, 20_000)))
    allocation = current(running(draft=an_iteration(proposal=proposal))).allocation
    assert isinstance(allocation, Split)
    assert (allocation.traffic, allocation.rest, allocation.unarmed) == (50_000, 0, 50_000)
    assert [arm.share for arm in allocation.arms] == [60_000, 40_000]


def test_a_phase_keeps_the_gates_that_it_began_with() -> None:
    holdout, layer = Gate("holdout.0", ((10_000, SHARE_WHOLE),)), Gate("layer.0", ((0, 20_000),))
    now = after(EXPERIMENT, drafted(), a_start(flag=the_facts(barriers=Barriers((holdout, layer)))))
    assert current(now).phases[0].gates == (holdout, layer)
    facts = the_facts(barriers=Barriers((layer,)))
    narrower = Proposal((an_arm(OFF, 30_000, control=True), an_arm(ON, 20_000)))
    now = after(EXPERIMENT, now, Pause(), ProposeAllocation(narrower, facts))
    assert [phase.gates for phase in current(now).phases] == [(holdout, layer), (layer,)]


def test_the_draft_that_starts_is_the_current_iteration() -> None:
    now = running()
    assert now.status is Status.RUNNING
    assert now.draft is None
    assert current(now).started_at == STARTED_AT
    assert current(now).phases[0].started_at == STARTED_AT


def test_a_start_pins_the_versions_of_what_it_measures() -> None:
    (started,) = events_of(EXPERIMENT, drafted(), a_start(pins={"purchases": 3, "other": 9}))
    assert started.pins == {"purchases": 3}
    assert current(running()).metrics == (MetricUse("purchases", version=3),)


def test_the_same_moment_gives_the_same_seed_and_another_iteration_another() -> None:
    again = with_draft(stopped())
    seeds = [
        events_of(EXPERIMENT, now, a_start())[0].allocation.hashing.seed for now in (drafted(), again, again)
    ]
    assert seeds[1] == seeds[2] != seeds[0]


def test_what_ran_before_is_kept_when_the_next_draft_starts() -> None:
    now = after(EXPERIMENT, with_draft(stopped(ON)), a_start())
    assert [each.id for each in now.previous] == [FIRST]
    assert now.previous[0].winner == ON
    assert current(now).id == SECOND
    assert now.status is Status.RUNNING


def test_a_reason_is_text() -> None:
    with pytest.raises(Invalid):
        events_of(EXPERIMENT, drafted(), a_start(reason="\0"))
    with pytest.raises(Invalid):
        events_of(EXPERIMENT, running(), Stop(reason="\0"))


def test_pauses_are_kept_as_spans() -> None:
    now = after(EXPERIMENT, paused(), Resume(), at=STOPPED_AT)
    assert now.status is Status.RUNNING
    assert current(now).pauses == (PauseSpan(PAUSED_AT, STOPPED_AT),)
    assert events_of(EXPERIMENT, now, Resume()) == ()
    assert events_of(EXPERIMENT, paused(), Pause()) == ()


def test_a_stop_ends_phase_pause_and_iteration() -> None:
    now = after(EXPERIMENT, paused(), Stop(ON, "it sells"), at=STOPPED_AT)
    iteration = current(now)
    assert now.status is iteration.status is Status.STOPPED
    assert iteration.ended_at == STOPPED_AT
    assert iteration.phases[-1].ended_at == STOPPED_AT
    assert iteration.pauses == (PauseSpan(PAUSED_AT, STOPPED_AT),)
    assert (iteration.winner, iteration.winner_reason) == (ON, "it sells")


def test_a_stop_leaves_a_pause_that_has_ended() -> None:
    resumed = after(EXPERIMENT, paused(), Resume(), at=PAUSED_AT + 1)
    ended = after(EXPERIMENT, resumed, Stop(), at=STOPPED_AT)
    assert current(ended).pauses == (PauseSpan(PAUSED_AT, PAUSED_AT + 1),)


def test_the_winner_is_an_arm_or_nobody() -> None:
    assert events_of(EXPERIMENT, running(), Stop()) == (Stopped(LATER),)
    with pytest.raises(Invalid, match="winner"):
        events_of(EXPERIMENT, running(), Stop("elsewhere"))


def test_an_iteration_is_stopped_cloned_edited_and_started_in_one_change() -> None:
    """A draft that waited is there again at the end."""
    now = with_draft(running())
    waiting = now.draft
    steps = (
        SetAside(),
        Stop(),
        CloneIteration(THIRD),
        SetHypothesis("better"),
        a_start(pins={"purchases": 4}),
    )
    for step in steps:
        now = after(EXPERIMENT, now, step)
    assert not now.complete
    now = after(EXPERIMENT, now, TakeUp())
    assert now.complete
    assert now.draft == waiting
    assert current(now).id == THIRD
    assert current(now).hypothesis_text == "better"
    assert current(now).metrics == (MetricUse("purchases", version=4),)
    assert [each.id for each in now.previous] == [FIRST]
    assert [each.id for each in now.iterations] == [FIRST, THIRD, SECOND]


def test_a_stopped_iteration_keeps_its_phase() -> None:
    was = current(running())
    assert current(stopped()).phases == (replace(was.phases[0], ended_at=STOPPED_AT),)
    assert isinstance(was.phases[0], Phase)


def test_a_start_does_not_depend_on_the_time_alone() -> None:
    one, two = (
        apply(EXPERIMENT, drafted(), Start(the_facts()), Moment(LATER, entropy)).after
        for entropy in (b"one", b"two")
    )
    assert current(one).hashing != current(two).hashing
