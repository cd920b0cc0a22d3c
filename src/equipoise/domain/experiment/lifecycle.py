"""The life of an experiment: draft → running ⇄ paused → stopped, and on through a new draft.

Beside it stands the archive: what is archived stays as it is until it is restored.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Refused
from equipoise.domain.experiment.commands import (
    Claim,
    JoinHoldout,
    Pause,
    Resume,
    SetAnalysis,
    Start,
    Stop,
)
from equipoise.domain.experiment.state import Experiment, Status


class Move(Struct, frozen=True):
    """A command that not every status allows: what refusals call it, and why they refuse, by status."""

    action: str
    refused: Mapping[Status, str]


_ACTIVE = {
    Status.RUNNING: "is running; stop it first",
    Status.PAUSED: "is paused; stop it first",
}
_IDLE = {
    Status.DRAFT: "has not started",
    Status.STOPPED: "has stopped; it goes on through a new draft",
}
MOVES: Mapping[type[Command], Move] = MappingProxyType(
    {
        Start: Move("start", _ACTIVE),
        Pause: Move("pause", _IDLE),
        Resume: Move("resume", _IDLE),
        Stop: Move("stop", _IDLE),
        SetAnalysis: Move("change the analysis", _ACTIVE),
        JoinHoldout: Move("change the holdout", _ACTIVE),
        Claim: Move("change what it claims", _ACTIVE),
        labels.Archive: Move("archive", _ACTIVE),
        labels.Delete: Move("delete", _ACTIVE),
    }
)
WHILE_ARCHIVED = frozenset({labels.Restore, labels.Archive, labels.Delete, labels.Annotate})


def refusal(status: Status, archived: bool, command: type[Command]) -> str:
    """Why a command of this type is refused; "" when it is not."""
    if archived and command not in WHILE_ARCHIVED:
        return "is archived; restore it first"
    return MOVES[command].refused.get(status, "") if command in MOVES else ""


def lived(decide: Decide) -> Decide:
    """The decision, asked only where the experiment's life allows the command. Raises Refused."""

    def decided(now: Experiment, command: Command, moment: Moment) -> tuple[Event, ...]:
        asked = type(command)
        if why := refusal(now.status, now.archived_at is not None, asked):
            action = MOVES[asked].action if asked in MOVES else "change it"
            raise Refused(action, now.said, why)
        return decide(now, command, moment)

    return decided
