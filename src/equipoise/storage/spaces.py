"""Which space numbers a change: its project's, or the instance's."""

from typing import Any

from equipoise.application.ports import INSTANCE_SPACE, space_of
from equipoise.domain.change import Outcome


def space(outcome: Outcome[Any]) -> str:
    """Projects made and deleted, and what lies in no project, are the instance's; the rest its project's."""
    state = outcome.state
    if outcome.noun.name == "project" and outcome.before is not None and outcome.after is not None:
        return space_of(state.key)
    return space_of(state.place.project) if state.place.project else INSTANCE_SPACE


def revision(outcome: Outcome[Any]) -> int:
    """The revision that the log knows the change by; deletion is one more."""
    gone = outcome.after is None
    known: int = outcome.state.revision
    return known + 1 if gone else known
