"""The life of an experiment in this surface's words: what each status may become, and what may be edited."""

from collections.abc import Mapping
from typing import get_args

from equipoise.dialects.auth0.experiments.documents import Flow, Status, Strategy
from equipoise.domain.experiment import state
from equipoise.domain.experiment.state import Experiment, Iteration

TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "draft": ("active", "archived"),
    "active": ("paused", "completed"),
    "paused": ("active", "completed", "archived"),
    "completed": ("archived",),
    "archived": (),
}
_EDITABLE: Mapping[str, tuple[str, ...]] = {
    "draft": ("name", "description", "authentication_flow", "allocations", "assignment_config", "levels"),
    "active": ("name", "description"),
    "paused": ("name", "description", "allocations"),
    "completed": ("name", "description"),
    "archived": (),
}
_STATUSES: Mapping[state.Status, Status] = {
    state.Status.DRAFT: "draft",
    state.Status.RUNNING: "active",
    state.Status.PAUSED: "paused",
    state.Status.STOPPED: "completed",
}
OURS: Mapping[str, tuple[state.Status, ...]] = {theirs: (ours,) for ours, theirs in _STATUSES.items()}


def status_of(now: Experiment) -> Status:
    return "archived" if now.archived_at is not None else _STATUSES[now.status]


def editable(now: Experiment, strategy: Strategy) -> tuple[str, ...]:
    """What may be edited. Where a draft waits beside what is paused, allocations would become the draft's;
    segments have no levels."""
    fixed = {"levels"} if strategy == "segment" else set()
    if now.active and now.draft is not None:
        fixed.add("allocations")
    return tuple(each for each in _EDITABLE[status_of(now)] if each not in fixed)


def shown(now: Experiment) -> Iteration:
    """The iteration that this surface speaks of: the one that runs or ran last, else the draft."""
    found = now.shown
    assert found is not None, "an experiment has an iteration from birth"
    return found


# flows are claims

ALL = "all"
FLOWS = tuple(flow for flow in get_args(Flow) if flow != ALL)
_PREFIX = "auth0:"


def claims_of(flow: str) -> tuple[str, ...]:
    """What an active experiment on this flow claims; on all flows, each of them."""
    return tuple(_PREFIX + each for each in (FLOWS if flow == ALL else (flow,)))


def flow_of(now: Experiment) -> str:
    """The flow it was made for. What was made elsewhere has none, and is told to be for all."""
    flows = [claim.removeprefix(_PREFIX) for claim in now.claims if claim.startswith(_PREFIX)]
    return flows[0] if len(flows) == 1 else ALL
