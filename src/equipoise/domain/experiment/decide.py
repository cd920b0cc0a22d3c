"""What the commands to an experiment lead to. The plan of an iteration is decided in `iterations`.

Whether the experiment's life allows a command is asked in one place, before any of these.
"""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Violation, check
from equipoise.domain.experiment import checks, iterations
from equipoise.domain.experiment.commands import (
    Claim,
    Create,
    JoinHoldout,
    LeaveHoldout,
    Pause,
    Resume,
    SetAnalysis,
    Start,
    Stop,
)
from equipoise.domain.experiment.events import (
    AnalysisSet,
    Claimed,
    Created,
    HoldoutJoined,
    Paused,
    Resumed,
    Started,
    Stopped,
)
from equipoise.domain.experiment.lifecycle import lived
from equipoise.domain.experiment.readiness import shortcomings
from equipoise.domain.experiment.state import Experiment, Status
from equipoise.domain.identity import text_rule, unique
from equipoise.domain.proposal import allocate

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    experiment = _tidied(command.experiment)
    check(*checks.of_experiment(experiment))
    return (Created(experiment),)


def set_analysis(now: Experiment, command: SetAnalysis, _: Moment) -> Events:
    check(*checks.of_analysis(command.analysis))
    return () if same(command.analysis, now.analysis) else (AnalysisSet(command.analysis),)


def join_holdout(now: Experiment, command: JoinHoldout, _: Moment) -> Events:
    check(*checks.of_holdout(command.holdout))
    return () if command.holdout == now.holdout else (HoldoutJoined(command.holdout),)


def leave_holdout(now: Experiment, _command: LeaveHoldout, _moment: Moment) -> Events:
    return () if not now.holdout else (HoldoutJoined(""),)


def claim(now: Experiment, command: Claim, _: Moment) -> Events:
    check(*checks.of_claims(command.claims))
    return () if command.claims == now.claims else (Claimed(command.claims),)


def start(now: Experiment, command: Start, moment: Moment) -> Events:
    draft = iterations.drafted(now, "start")
    check(text_rule("reason", command.reason), *shortcomings(draft, command.flag))
    used = (use.key for use in draft.metrics)
    return (
        Started(
            draft.id,
            moment.at,
            allocate(draft.proposal, iterations.hashing_of(draft, moment), command.flag.segments),
            command.reason,
            {key: command.pins[key] for key in used if key in command.pins},
            command.flag.barriers.gates,
            command.flag.barriers.reserved,
        ),
    )


def pause(now: Experiment, _command: Pause, moment: Moment) -> Events:
    return () if now.status is Status.PAUSED else (Paused(moment.at),)


def resume(now: Experiment, _command: Resume, moment: Moment) -> Events:
    return () if now.status is Status.RUNNING else (Resumed(moment.at),)


def stop(now: Experiment, command: Stop, moment: Moment) -> Events:
    arms = () if now.current is None else now.current.proposal.arms
    winners = ("", *(arm.variation for arm in arms))
    check(
        command.winner in winners
        or Violation("winner", "must be one of the iteration's arms", command.winner),
        text_rule("reason", command.reason),
    )
    return (Stopped(moment.at, command.winner, command.reason),)


def _tidied(experiment: Experiment) -> Experiment:
    draft = experiment.draft
    return replace(
        experiment,
        tags=unique(experiment.tags),
        draft=None if draft is None else iterations.tidied(draft),
    )


_LIVED: dict[type[Command], Decide] = {
    **labels.deciding(
        labels.Rename,
        labels.Describe,
        labels.Tag,
        labels.AssignMaintainer,
        labels.Annotate,
        labels.Archive,
        labels.Restore,
        labels.Delete,
    ),
    **iterations.DECIDE,
    SetAnalysis: set_analysis,
    JoinHoldout: join_holdout,
    LeaveHoldout: leave_holdout,
    Claim: claim,
    Start: start,
    Pause: pause,
    Resume: resume,
    Stop: stop,
}
DECIDE: dict[type[Command], Decide] = {
    Create: create,
    **{command: lived(decide) for command, decide in _LIVED.items()},
}
