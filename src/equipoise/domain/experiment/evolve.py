"""What each event makes of an experiment. Nothing is checked here: what happened, happened.

An event on an iteration that is not there changes nothing, so that every event evolves every state.
"""

from typing import Any

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.experiment.commands import Which
from equipoise.domain.experiment.events import (
    AllocationProposed,
    AnalysisSet,
    AttributesSet,
    Claimed,
    ComparisonsSet,
    Created,
    HoldoutJoined,
    HypothesisSet,
    IterationAnnotated,
    IterationDrafted,
    MetricsSet,
    Paused,
    PhaseOpened,
    Placed,
    PutAside,
    ReshuffleSet,
    Resumed,
    Started,
    Stopped,
    TakenUp,
    UnitSet,
)
from equipoise.domain.experiment.state import Experiment, Iteration, Pause, Phase, Status


def _set(now: Experiment, which: Which, **values: Any) -> Experiment:
    """The experiment with these fields of its draft or current iteration set."""
    iteration: Iteration | None = getattr(now, which)
    if iteration is None:
        return now
    return replace(now, **{which: replace(iteration, **values)})


def _annotate(now: Experiment, event: IterationAnnotated) -> Experiment:
    iteration: Iteration | None = getattr(now, event.iteration)
    held = {} if iteration is None else iteration.annotations
    kept = labels.annotations_with(held, event.field, event.value)
    return _set(now, event.iteration, annotations=kept)


def _start(now: Experiment, event: Started) -> Experiment:
    if now.draft is None:
        return now
    started = replace(
        now.draft,
        status=Status.RUNNING,
        metrics=tuple(
            replace(use, version=event.pins.get(use.key, use.version)) for use in now.draft.metrics
        ),
        phases=(_phase(event),),
        started_at=event.at,
        start_reason=event.reason,
    )
    before = () if now.current is None else (now.current,)
    return replace(now, draft=None, current=started, previous=(*now.previous, *before))


def _phase(event: Started | PhaseOpened) -> Phase:
    return Phase(event.allocation, event.at, gates=event.gates, reserved=event.reserved)


def _open_phase(now: Experiment, event: PhaseOpened) -> Experiment:
    phases = () if now.current is None else _closed(now.current.phases, event.at)
    opened = (*phases, _phase(event))
    return _set(now, "current", proposal=event.proposal, phases=opened)


def _pause(now: Experiment, event: Paused) -> Experiment:
    pauses = () if now.current is None else now.current.pauses
    return _set(now, "current", status=Status.PAUSED, pauses=(*pauses, Pause(event.at)))


def _resume(now: Experiment, event: Resumed) -> Experiment:
    pauses = () if now.current is None else _closed(now.current.pauses, event.at)
    return _set(now, "current", status=Status.RUNNING, pauses=pauses)


def _stop(now: Experiment, event: Stopped) -> Experiment:
    if now.current is None:
        return now
    return _set(
        now,
        "current",
        status=Status.STOPPED,
        phases=_closed(now.current.phases, event.at),
        pauses=_closed(now.current.pauses, event.at),
        ended_at=event.at,
        winner=event.winner,
        winner_reason=event.reason,
    )


def _closed(spans: tuple[Any, ...], at: int) -> tuple[Any, ...]:
    """The phases or pauses with the last one ended, unless it has ended already."""
    if not spans or spans[-1].ended_at is not None:
        return spans
    return (*spans[:-1], replace(spans[-1], ended_at=at))


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(
        labels.Rename,
        labels.Describe,
        labels.Tag,
        labels.AssignMaintainer,
        labels.Annotate,
        labels.Archive,
        labels.Restore,
        labels.Delete,
    ),
    Created: lambda now, event: event.experiment,
    AnalysisSet: lambda now, event: replace(now, analysis=event.analysis),
    HoldoutJoined: lambda now, event: replace(now, holdout=event.holdout),
    Claimed: lambda now, event: replace(now, claims=event.claims),
    HypothesisSet: lambda now, event: _set(now, "draft", hypothesis_text=event.text),
    MetricsSet: lambda now, event: _set(now, event.iteration, metrics=event.metrics, primary=event.primary),
    ComparisonsSet: lambda now, event: _set(now, "draft", comparisons=event.comparisons),
    AttributesSet: lambda now, event: _set(now, event.iteration, attributes=event.attributes),
    UnitSet: lambda now, event: _set(now, "draft", unit=event.unit),
    AllocationProposed: lambda now, event: _set(now, "draft", proposal=event.proposal),
    Placed: lambda now, event: _set(now, "draft", rule=event.rule),
    ReshuffleSet: lambda now, event: _set(now, "draft", reshuffle=event.reshuffle),
    IterationDrafted: lambda now, event: replace(now, draft=event.iteration),
    IterationAnnotated: _annotate,
    PutAside: lambda now, event: replace(now, draft=None, aside=now.draft),
    TakenUp: lambda now, event: replace(now, draft=now.aside, aside=None),
    Started: _start,
    PhaseOpened: _open_phase,
    Paused: _pause,
    Resumed: _resume,
    Stopped: _stop,
}
