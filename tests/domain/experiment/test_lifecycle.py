"""Which command passes in which part of an experiment's life, and what the others are told."""

import pytest

from equipoise.domain import labels
from equipoise.domain.change import Command
from equipoise.domain.errors import Refused
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    Advance,
    AnnotateIteration,
    Claim,
    JoinHoldout,
    LeaveHoldout,
    Pause,
    Resume,
    SetAnalysis,
    SetHypothesis,
    Stop,
)
from equipoise.domain.experiment.lifecycle import MOVES, WHILE_ARCHIVED, refusal
from equipoise.domain.experiment.state import Analysis, Experiment, Status
from tests.domain.builders import LATER, after, events_of
from tests.domain.experiment.examples import (
    a_ramp,
    a_start,
    an_iteration,
    drafted,
    paused,
    running,
    stopped,
    with_draft,
)

RAMPED = an_iteration(proposal=a_ramp(10_000, 50_000))
LIVES = {
    Status.DRAFT: drafted(),
    Status.RUNNING: with_draft(running(draft=RAMPED)),
    Status.PAUSED: with_draft(paused(draft=RAMPED)),
    Status.STOPPED: with_draft(stopped(draft=RAMPED)),
}
D, R, P, S = Status.DRAFT, Status.RUNNING, Status.PAUSED, Status.STOPPED
ALLOWED: list[tuple[Command, set[Status]]] = [
    (a_start(), {D, S}),
    (Pause(), {R, P}),
    (Resume(), {R, P}),
    (Stop(), {R, P}),
    (SetAnalysis(Analysis("bayesian")), {D, S}),
    (JoinHoldout("holdout"), {D, S}),
    (LeaveHoldout(), {D, R, P, S}),
    (Claim(("flow:login",)), {D, S}),
    (Advance(50_000), {R, P}),
    (labels.Archive(), {D, S}),
    (labels.Delete(), {D, S}),
    (labels.Rename("Other"), {D, R, P, S}),
    (labels.Describe("Other"), {D, R, P, S}),
    (labels.Tag(("other",)), {D, R, P, S}),
    (labels.AssignMaintainer("other"), {D, R, P, S}),
    (labels.Annotate("some", "field", 1), {D, R, P, S}),
    (SetHypothesis("other"), {D, R, P, S}),
]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(("command", "allowed"), ALLOWED, ids=lambda it: type(it).__name__)
def test_a_command_passes_where_the_life_allows_it(
    status: Status, command: Command, allowed: set[Status]
) -> None:
    now = LIVES[status]
    assert now.status is status
    if status in allowed:
        events_of(EXPERIMENT, now, command)
    else:
        with pytest.raises(Refused):
            events_of(EXPERIMENT, now, command)


@pytest.mark.parametrize(
    ("now", "command", "sentence"),
    [
        (running(), a_start(), "cannot start: experiment new-checkout is running; stop it first"),
        (drafted(), Stop(), "cannot stop: experiment new-checkout has not started"),
        (paused(), labels.Archive(), "cannot archive: experiment new-checkout is paused; stop it first"),
        (stopped(), a_start(), "cannot start: experiment new-checkout has no draft iteration"),
        (
            after(EXPERIMENT, drafted(), labels.Archive()),
            labels.Rename("Other"),
            "cannot change it: experiment new-checkout is archived; restore it first",
        ),
    ],
    ids=str,
)
def test_a_refusal_says_why_in_one_sentence(now: Experiment, command: Command, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        events_of(EXPERIMENT, now, command)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("command", sorted(EXPERIMENT.decide, key=str), ids=lambda it: it.__name__)
def test_what_is_archived_refuses_all_but_four_commands(command: type[Command]) -> None:
    assert bool(refusal(Status.STOPPED, True, command)) is (command not in WHILE_ARCHIVED)


def test_what_is_archived_may_be_restored_annotated_and_deleted() -> None:
    archived = after(EXPERIMENT, drafted(), labels.Archive())
    assert archived.archived_at == LATER
    assert events_of(EXPERIMENT, archived, labels.Archive()) == ()
    assert events_of(EXPERIMENT, archived, labels.Annotate("some", "field", 1)) != ()
    assert events_of(EXPERIMENT, archived, labels.Delete()) == (labels.Deleted(),)
    with pytest.raises(Refused):
        events_of(EXPERIMENT, archived, AnnotateIteration("some", "field", 1))
    assert after(EXPERIMENT, archived, labels.Restore()).archived_at is None


def test_every_move_is_a_command_of_the_noun() -> None:
    assert set(MOVES) | WHILE_ARCHIVED <= set(EXPERIMENT.decide)
