"""An experiment under a request, among what it stands among: each field said becomes commands here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.errors import Declined
from equipoise.dialects.auth0.experiments import allocations
from equipoise.dialects.auth0.experiments.allocations import DIALECT, PERCENT
from equipoise.dialects.auth0.experiments.around import around
from equipoise.dialects.auth0.experiments.documents import AllocationInput, AssignmentConfig, Cause
from equipoise.dialects.auth0.experiments.snapshots import snapshots
from equipoise.dialects.auth0.experiments.statuses import (
    TRANSITIONS,
    claims_of,
    editable,
    shown,
    status_of,
)
from equipoise.dialects.auth0.experiments.validity import causes, of_allocations, unready
from equipoise.dialects.auth0.tenant import owned
from equipoise.domain.change import Command
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    AnnotateIteration,
    Claim,
    Pause,
    ProposeAllocation,
    Resume,
    SetUnit,
    Stop,
    Which,
)
from equipoise.domain.experiment.readiness import shortcomings
from equipoise.domain.experiment.state import Experiment, Status
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Archive, Describe, Rename
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project
from equipoise.domain.proposal import Proposal
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.state import Segment
from equipoise.translation.intents import Field
from equipoise.translation.starting import facts_naming, start_of

Commands = Iterator[Command]


class Hand:
    """`now` is the experiment as the request found it."""

    def __init__(self, world: World, place: Place, now: Experiment) -> None:
        self.world, self.place, self.now = world, place, now

    @property
    def project(self) -> Project:
        """raises Missing"""
        return self.world.named(PROJECT, INSTANCE, self.place.project)

    @property
    def flag(self) -> Flag:
        """raises Missing"""
        return self.world.named(FLAG, Place(self.place.project), self.now.flag)

    def segments(self, said: Iterable[AllocationInput]) -> dict[str, Segment]:
        """Those of the tenant that allocations name and that are not archived, by the id that is said."""
        named = {each.segment_id for each in said if each.segment_id is not UNSET}
        found = ((id, self.world.find(SEGMENT, ids.known("segment", id))) for id in sorted(named))
        return {
            id: segment
            for id, segment in found
            if segment is not None and segment.place == self.place and segment.archived_at is None
        }

    def check_editable(self, names: Iterable[str]) -> None:
        """raises Declined for the first field that stays as it is"""
        free = editable(self.now, allocations.strategy_of(self.now))
        for name in names:
            if name not in free:
                raise self._fixed(name)

    def _fixed(self, name: str) -> Declined:
        status = status_of(self.now)
        if name == "allocations" and status == "active":
            why = "Allocations cannot be changed while the experiment is active; pause it first."
            return Declined(why, "experiment_requires_pause")
        if name == "allocations" and status == "paused":
            why = "A draft iteration that another surface made waits; start it or replace it there first."
            return Declined(why, "experiment_has_draft_iteration")
        return Declined(f"{name} cannot be changed while the experiment is {status}.", "field_not_editable")

    def fields(self) -> Mapping[str | tuple[str, ...], Field]:
        """In the order in which they apply: the transition comes last, on what the others left."""
        return {
            "name": lambda name, now: (Rename(name),),
            "description": lambda description, now: (Describe(description or ""),),
            "authentication_flow": lambda flow, now: (Claim(claims_of(flow)),),
            "assignment_config": lambda config, now: self._subject(config),
            ("allocations", "levels"): self._allocation,
            "status": self._transition,
        }

    def _subject(self, config: AssignmentConfig) -> Commands:
        yield SetUnit(config.subject)

    def _allocation(self, said: Mapping[str, Any], now: Experiment) -> Commands:
        proposal, strategy = shown(now).proposal, allocations.strategy_of(now)
        items = said.get("allocations")
        segments = self.segments(items or ()) if strategy == "segment" else {}
        if "levels" in said:
            proposal = replace(proposal, levels=tuple(level * PERCENT for level in said["levels"]))
        if items is not None:
            proposal = replace(proposal, arms=allocations.arms_of(items, strategy, self.flag, segments))
        which: Which = "current" if now.active else "draft"
        if now.active and proposal != shown(now).proposal:
            yield from self._phase(now, proposal, {each.key: each for each in segments.values()})
        elif not now.active:
            yield ProposeAllocation(proposal)
        if items is not None:
            kept = allocations.beside(items, strategy)
            yield AnnotateIteration(DIALECT, allocations.BESIDE, kept, which)

    def _phase(self, now: Experiment, proposal: Proposal, segments: dict[str, Segment]) -> Commands:
        """What is paused opens a phase, which must be fit to be served, if not to be resumed; what it
        holds to is told anew."""
        assert now.current is not None, "what is paused has an iteration"
        opened = replace(now.current, proposal=proposal)
        facts = facts_naming(self.world, now, self.flag, proposal.segments)
        if shortcomings(opened, facts):
            found = tuple(of_allocations(replace(now, current=opened), facts))
            raise declined("The allocations cannot be served.", found or unready(opened, facts))
        yield ProposeAllocation(proposal, facts)
        frozen = snapshots(opened, self.flag, self.place.environment, segments)
        yield AnnotateIteration(DIALECT, allocations.SNAPSHOTS, frozen, "current")

    def _transition(self, status: str, now: Experiment) -> Commands:
        present = status_of(now)
        if status not in TRANSITIONS[present]:
            raise Declined(
                f"The transition of an experiment from {present} to {status} is not allowed.",
                "invalid_status_transition",
            )
        match status:
            case "active":
                yield from self._activate(now)
            case "paused":
                yield Pause()
            case "completed":
                yield Stop()
            case "archived":
                yield from (Stop(),) if now.active else ()
                yield Archive()

    def _activate(self, now: Experiment) -> Commands:
        known = around(self.world, self.place, (now,))
        found = causes(now, known.standing(now))
        if found:
            raise declined("The experiment cannot be activated.", found)
        flag = self.flag
        if now.status is Status.PAUSED:
            yield Resume()
            return
        frozen = snapshots(shown(now), flag, self.place.environment, dict(known.segments))
        yield AnnotateIteration(DIALECT, allocations.SNAPSHOTS, frozen)
        yield start_of(self.world, now, flag)


def declined(what: str, causes: Sequence[Cause]) -> Declined:
    """Every cause in one message, under the code of the first."""
    return Declined(" ".join((what, *(each.message for each in causes))), causes[0].code)


def named(world: World, place: Place, id: str) -> Experiment:
    """The tenant's experiment of this id. raises Missing"""
    return owned(world, EXPERIMENT, "experiment", place, id)
