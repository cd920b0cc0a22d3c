"""Experiments to start a test from, on the flag of the builders: two arms, ON against OFF."""

from typing import Any

from msgspec.structs import replace

from equipoise.domain.change import Command
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    Create,
    DraftIteration,
    Pause,
    Start,
    StartFacts,
    Stop,
)
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse
from equipoise.domain.proposal import Proposal, ProposedArm
from tests.domain.builders import BORN_AT, ID, OFF, ON, a_flag, a_segment, a_targeting, after

FIRST, SECOND, THIRD = (f"{number:024x}" for number in (1, 2, 3))
STARTED_AT = BORN_AT + 1_000
PAUSED_AT = BORN_AT + 2_000
STOPPED_AT = BORN_AT + 3_000


def an_arm(variation: str, share: int | None = 50_000, **fields: Any) -> ProposedArm:
    return replace(ProposedArm(variation, share), **fields)


def halves() -> Proposal:
    return Proposal((an_arm(OFF, control=True), an_arm(ON)))


def by_segment(**fields: Any) -> Proposal:
    """The beta segment gets ON, whoever else OFF, which is the control."""
    beta = an_arm(ON, None, segment="beta", priority=1)
    rest = an_arm(OFF, None, fallback=True, control=True)
    return replace(Proposal((beta, rest)), **fields)


def a_ramp(*levels: int, step: int = 0) -> Proposal:
    """ON is the treatment, OFF the control."""
    return Proposal((an_arm(OFF, None, control=True), an_arm(ON, None)), "", levels, step)


def an_iteration(**fields: Any) -> Iteration:
    """Ready to start, and measuring purchases."""
    iteration = Iteration(
        id=FIRST,
        created_at=BORN_AT,
        unit="user",
        metrics=(MetricUse("purchases"),),
        proposal=halves(),
    )
    return replace(iteration, **fields)


def an_experiment(**fields: Any) -> Experiment:
    """Not born yet; its draft can start."""
    experiment = Experiment(
        id=ID,
        project="default",
        environment="production",
        key="new-checkout",
        name="New checkout",
        flag="checkout",
        created_at=BORN_AT,
        maintainer=ID,
        draft=an_iteration(),
    )
    return replace(experiment, **fields)


def the_facts(**fields: Any) -> StartFacts:
    """The flag is on, without rules, and there is the beta segment."""
    flag = a_flag(targeting={"production": a_targeting()})
    return replace(facts_of(flag, "production", (a_segment(),)), **fields)


def a_start(**fields: Any) -> Start:
    return replace(Start(the_facts()), **fields)


def drafted(**fields: Any) -> Experiment:
    return after(EXPERIMENT, None, Create(an_experiment(**fields)), at=BORN_AT)


def running(*commands: Command, **fields: Any) -> Experiment:
    """After these commands on the draft, and a start that pins version 3 of purchases."""
    start = a_start(pins={"purchases": 3})
    return after(EXPERIMENT, drafted(**fields), *commands, start, at=STARTED_AT)


def paused(**fields: Any) -> Experiment:
    return after(EXPERIMENT, running(**fields), Pause(), at=PAUSED_AT)


def stopped(winner: str = "", **fields: Any) -> Experiment:
    return after(EXPERIMENT, running(**fields), Stop(winner), at=STOPPED_AT)


def with_draft(now: Experiment, id: str = SECOND, **fields: Any) -> Experiment:
    return after(EXPERIMENT, now, DraftIteration(an_iteration(id=id, **fields)))
