"""Requests about experiments as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict, replace

from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.auth0 import tenant
from equipoise.dialects.auth0.documents import DEVICE
from equipoise.dialects.auth0.errors import Declined
from equipoise.dialects.auth0.experiments import allocations, checks, documents
from equipoise.dialects.auth0.experiments.allocations import DIALECT, PERCENT
from equipoise.dialects.auth0.experiments.hand import Hand, named
from equipoise.dialects.auth0.experiments.statuses import claims_of, shown, status_of
from equipoise.dialects.auth0.flags.intents import changeable
from equipoise.dialects.auth0.flags.intents import named as flag_named
from equipoise.dialects.auth0.naming import unique_name
from equipoise.dialects.auth0.texts import findings, key_of
from equipoise.domain.change import Outcome
from equipoise.domain.clauses import Json
from equipoise.domain.errors import Exceeded, Invalid, Missing, Violation, check
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance, Create, Stop
from equipoise.domain.experiment.state import Experiment, Iteration, Status
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Place
from equipoise.domain.labels import Delete
from equipoise.domain.proposal import Proposal
from equipoise.translation.intents import by_field
from equipoise.translation.salvage import Found, read, settle
from equipoise.translation.starting import facts_for, given_back, released

SAID = "experiment"
DRAFTS_PER_TENANT_MAX = 100
Changing = Generator[Step, Outcome[Any], Experiment]
Moving = Generator[Step, Outcome[Any], tuple[Experiment, Experiment]]
Gone = Generator[Step, Outcome[Any], None]


def create(place: Place, body: Any) -> Intent[Experiment]:
    """A draft, as unfinished as it may be."""

    def intent(world: World) -> Changing:
        tenant.found(world, place)
        said, unreadable = read(body, documents.CreateExperiment)
        flag = _flag(world, place, said.feature_flag_id, unreadable)
        strategy = "percentage" if said.allocation_strategy is UNSET else said.allocation_strategy
        draft = _unborn(world, place, said, flag)
        hand = Hand(world, place, draft)
        settle(unreadable, _findings(said, flag, strategy, hand))
        changeable(flag)
        unique_name(world, EXPERIMENT, place, SAID, said.name)
        _room_for_drafts(world, place)
        made = yield EXPERIMENT, None, Create(_newborn(draft, said, flag, strategy, hand))
        experiment: Experiment = made.state
        return experiment

    return intent


def update(place: Place, id: str, body: Any) -> Intent[Experiment]:
    """Fields, then the transition: all of it, or nothing."""

    def intent(world: World) -> Changing:
        now = named(world, place, id)
        said, unreadable = read(body, documents.UpdateExperiment)
        unreadable = tuple(map(_told_if_fixed, unreadable))
        hand, strategy = Hand(world, place, now), allocations.strategy_of(now)
        settle(unreadable, _findings(said, _flag_of(hand, said), strategy, hand))
        fields = {name: value for name, value in asdict(said).items() if value is not UNSET}
        hand.check_editable(name for name in fields if name != "status")
        if said.name is not UNSET:
            tenant.found(world, place)
            unique_name(world, EXPERIMENT, place, SAID, said.name, now.id)
        yield from by_field(fields, hand.fields(), EXPERIMENT, now)
        after = named(world, place, id)
        yield from given_back(world, after)
        return after

    return intent


def advance(place: Place, id: str, body: Any) -> Intent[tuple[Experiment, Experiment]]:
    """The experiment before and after: to the next level, or to where it stands already."""

    def intent(world: World) -> Moving:
        now = named(world, place, id)
        said, unreadable = read(body, documents.AdvanceRamp)
        check(*unreadable)
        level = said.target_level * PERCENT
        _check_target(now, level)
        flag = world.peek(FLAG, Place(place.project), now.flag)
        facts = None if flag is None else facts_for(world, now, flag)
        changed = yield EXPERIMENT, now, Advance(level, facts)
        return now, changed.state

    return intent


def remove(place: Place, id: str) -> Intent[None]:
    """What is not there is as good as gone; what is active stays."""

    def intent(world: World) -> Gone:
        try:
            now = named(world, place, id)
        except Missing:
            return
        if now.status is Status.RUNNING:
            why = "An active experiment cannot be deleted; pause or complete it first."
            raise Declined(why, "experiment_requires_pause")
        if now.active:
            yield EXPERIMENT, now, Stop()
        yield from released(world, now)
        yield EXPERIMENT, now, Delete()

    return intent


# what is said

FIXED = ("feature_flag_id", "allocation_strategy")


def _told_if_fixed(violation: Violation) -> Violation:
    """What a request may say at birth alone is known, if not to a patch."""
    if violation.where not in FIXED:
        return violation
    return replace(violation, rule="cannot be changed after creation")


def _findings(said: checks.Said, flag: Flag | None, strategy: str, hand: Hand) -> checks.Findings:
    yield from findings(said)
    yield checks.of_managed(said)
    if said.assignment_config is not UNSET:
        yield checks.of_subject(said.assignment_config.subject, hand.project)
    yield from checks.of_levels(said.levels, strategy)
    if flag is not None and said.allocations is not UNSET:
        segments = hand.segments(said.allocations) if strategy == "segment" else {}
        yield from checks.of_allocations(said.allocations, strategy, flag, segments)


def _flag(world: World, place: Place, id: str, unreadable: Found) -> Flag:
    """raises Missing, where it was said; what else is wrong comes first where it was not"""
    if any(each.where in ("", "feature_flag_id") for each in unreadable):
        raise Invalid(*unreadable)
    return flag_named(world, place, id)


def _flag_of(hand: Hand, said: documents.UpdateExperiment) -> Flag | None:
    """Only allocations are held to it. Where it is gone the experiment is archived, and keeps its own."""
    if said.allocations is UNSET:
        return None
    return hand.world.peek(FLAG, Place(hand.place.project), hand.now.flag)


def _check_target(now: Experiment, level: int) -> None:
    """raises Declined, Invalid"""
    levels = shown(now).proposal.levels
    if not levels:
        raise Declined("The experiment has no levels.", "experiment_without_levels")
    rule = f"must be one of the levels: {', '.join(str(each // PERCENT) for each in levels)}"
    check(level in levels or Violation("target_level", rule, level // PERCENT))
    if status_of(now) != "active":
        why = f"A ramp advances while the experiment is active; it is {status_of(now)}."
        raise Declined(why, "experiment_not_active", 409)
    step = shown(now).proposal.step
    if level not in levels[step : step + 2]:
        following = levels[step + 1 : step + 2]
        where = f"the next level is {following[0] // PERCENT}" if following else "it stands at the last level"
        raise Declined(f"A ramp goes up one level at a time; {where}.", "invalid_target_level", 409)


# what is born


def _room_for_drafts(world: World, place: Place) -> None:
    drafts = Query(place, archived=False, statuses=(Status.DRAFT,), limit=1)
    found = world.reader.select(EXPERIMENT, drafts).total  # not remembered: nothing hangs on who they are
    if found >= DRAFTS_PER_TENANT_MAX:
        raise Exceeded("DRAFTS_PER_TENANT_MAX", DRAFTS_PER_TENANT_MAX, found)


def _unborn(world: World, place: Place, said: documents.CreateExperiment, flag: Flag) -> Experiment:
    """With a draft that has no allocation yet."""
    moment = world.moment
    id = moment.id("experiment", place.project, place.environment, said.name)
    config = said.assignment_config
    return Experiment(
        id=id,
        project=place.project,
        environment=place.environment,
        key=key_of(said.name, id, lambda key: world.peek(EXPERIMENT, place, key) is not None),
        name=said.name,
        flag=flag.key,
        created_at=moment.at,
        maintainer=world.principal.member,
        description=said.description or "",
        draft=Iteration(
            id=moment.id("iteration", id, 0),
            created_at=moment.at,
            unit=DEVICE if config is UNSET else config.subject,
        ),
        claims=claims_of(said.authentication_flow),
    )


def _newborn(
    unborn: Experiment, said: documents.CreateExperiment, flag: Flag, strategy: str, hand: Hand
) -> Experiment:
    assert unborn.draft is not None, "it is born with a draft"
    items = () if said.allocations is UNSET else tuple(said.allocations)
    segments = hand.segments(items) if strategy == "segment" else {}
    levels = () if said.levels is UNSET else tuple(level * PERCENT for level in said.levels)
    proposal = Proposal(allocations.arms_of(items, strategy, flag, segments), levels=levels)
    kept = allocations.beside(items, strategy)
    beside = {} if kept is None else {f"{DIALECT}.{allocations.BESIDE}": kept}
    annotations: dict[str, Json] = {f"{DIALECT}.{allocations.STRATEGY}": strategy}
    if said.is_stateful is not UNSET:
        annotations[f"{DIALECT}.{allocations.STATEFUL}"] = said.is_stateful
    draft = replace(unborn.draft, proposal=proposal, annotations=beside)
    return replace(unborn, draft=draft, annotations=annotations)
