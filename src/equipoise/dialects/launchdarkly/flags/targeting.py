"""What instructions on targeting ask of a flag, in the environment that the body names."""

from collections.abc import Iterable

from msgspec.structs import replace

from equipoise.dialects.launchdarkly.flags import instructions as said
from equipoise.dialects.launchdarkly.flags.aims import (
    USER,
    Aim,
    Commands,
    Handler,
    serve_of,
    served_by_itself,
)
from equipoise.dialects.launchdarkly.flags.rules import RULES
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import (
    SetFallthrough,
    SetOffVariation,
    SetPrerequisites,
    SetTargets,
    SetTracking,
    Switch,
)
from equipoise.domain.flag.state import FALLTHROUGH, Prerequisite, Target
from equipoise.domain.prerequisites import needed_by


def turn_on(_: said.TurnFlagOn, aim: Aim) -> Commands:
    return (Switch(aim.environment, True),)


def turn_off(_: said.TurnFlagOff, aim: Aim) -> Commands:
    return (Switch(aim.environment, False),)


def update_fallthrough(wanted: said.UpdateFallthroughVariationOrRollout, aim: Aim) -> Commands:
    served_by_itself(aim, FALLTHROUGH)
    return (SetFallthrough(aim.environment, serve_of(wanted, aim.flag)),)


def update_off_variation(wanted: said.UpdateOffVariation, aim: Aim) -> Commands:
    return (SetOffVariation(aim.environment, wanted.variation_id),)


def update_track_events(wanted: said.UpdateTrackEvents, aim: Aim) -> Commands:
    return (SetTracking(aim.environment, wanted.track_events, aim.targeting.track_events_fallthrough),)


def update_track_events_fallthrough(wanted: said.UpdateTrackEventsFallthrough, aim: Aim) -> Commands:
    return (SetTracking(aim.environment, aim.targeting.track_events, wanted.track_events),)


# targets


def add_targets(wanted: said.AddTargets | said.AddUserTargets, aim: Aim) -> Commands:
    pool = _pool(aim.targeting.targets)
    place = wanted.variation_id, getattr(wanted, "context_kind", USER)
    pool[place] = (*pool.get(place, ()), *wanted.values)
    return _pooled(pool, aim)


def remove_targets(wanted: said.RemoveTargets | said.RemoveUserTargets, aim: Aim) -> Commands:
    pool = _pool(aim.targeting.targets)
    place = wanted.variation_id, getattr(wanted, "context_kind", USER)
    pool[place] = tuple(key for key in pool.get(place, ()) if key not in set(wanted.values))
    return _pooled(pool, aim)


def clear_targets(wanted: said.ClearTargets, aim: Aim) -> Commands:
    left = tuple(each for each in aim.targeting.targets if each.variation != wanted.variation_id)
    return (SetTargets(aim.environment, left),)


def clear_user_targets(wanted: said.ClearUserTargets, aim: Aim) -> Commands:
    cleared = wanted.variation_id, USER
    left = tuple(each for each in aim.targeting.targets if (each.variation, each.kind) != cleared)
    return (SetTargets(aim.environment, left),)


def replace_targets(wanted: said.ReplaceTargets, aim: Aim) -> Commands:
    return _pooled(_pool(_targets_of(wanted.targets)), aim)


def replace_user_targets(wanted: said.ReplaceUserTargets, aim: Aim) -> Commands:
    users = (replace(each, context_kind=USER) for each in wanted.targets)
    others = (each for each in aim.targeting.targets if each.kind != USER)
    return _pooled(_pool((*_targets_of(users), *others)), aim)


def _targets_of(items: Iterable[said.TargetSaid]) -> tuple[Target, ...]:
    return tuple(Target(each.variation_id, tuple(each.values), each.context_kind) for each in items)


Pool = dict[tuple[str, str], tuple[str, ...]]  # (variation, context kind) → keys


def _pool(targets: Iterable[Target]) -> Pool:
    pool: Pool = {}
    for each in targets:
        place = each.variation, each.kind
        pool[place] = (*pool.get(place, ()), *each.keys)
    return pool


def pooled(targets: Iterable[Target]) -> tuple[Target, ...]:
    """One target for each variation and context kind."""
    return tuple(Target(variation, keys, kind) for (variation, kind), keys in _pool(targets).items())


def _pooled(pool: Pool, aim: Aim) -> Commands:
    targets = (Target(variation, keys, kind) for (variation, kind), keys in pool.items())
    return (SetTargets(aim.environment, tuple(targets)),)


# prerequisites


def add_prerequisite(wanted: said.AddPrerequisite, aim: Aim) -> Commands:
    there = aim.targeting.prerequisites
    added = needed("", wanted.key, wanted.variation_id, aim)
    if added in there:
        return ()
    known = any(each.flag == wanted.key for each in there)
    check(not known or Violation("key", "is a prerequisite already; use updatePrerequisite", wanted.key))
    return (SetPrerequisites(aim.environment, (*there, added)),)


def remove_prerequisite(wanted: said.RemovePrerequisite, aim: Aim) -> Commands:
    left = tuple(each for each in aim.targeting.prerequisites if each.flag != wanted.key)
    return (SetPrerequisites(aim.environment, left),)


def update_prerequisite(wanted: said.UpdatePrerequisite, aim: Aim) -> Commands:
    there = aim.targeting.prerequisites
    known = any(each.flag == wanted.key for each in there)
    check(known or Violation("key", "must be a prerequisite there", wanted.key))
    changed = needed("", wanted.key, wanted.variation_id, aim)
    wanted_now = tuple(changed if each.flag == wanted.key else each for each in there)
    return (SetPrerequisites(aim.environment, wanted_now),)


def replace_prerequisites(wanted: said.ReplacePrerequisites, aim: Aim) -> Commands:
    found = tuple(
        needed(f"prerequisites[{index}].", each.key, each.variation_id, aim)
        for index, each in enumerate(wanted.prerequisites)
    )
    return (SetPrerequisites(aim.environment, found),)


def needed(where: str, key: str, variation: str, aim: Aim) -> Prerequisite:
    """A prerequisite on a flag that is there, serves the variation, and does not itself need this one.

    raises  Invalid
    cost    a read for each flag that it needs in turn; so these are held, and none of them comes to need
            others at the same time
    """
    other = aim.world.peek(FLAG, aim.flag.place, key)
    if other is None:
        raise Invalid(Violation(f"{where}key", "must be the key of a flag of the project", key))
    known = other.variation(variation) is not None
    check(
        known or Violation(f"{where}variationId", "must be a variation of the prerequisite", variation),
        not _leads_back(key, aim) or Violation(f"{where}key", "needs this flag first: a circle", key),
    )
    return Prerequisite(key, variation)


def _leads_back(key: str, aim: Aim) -> bool:
    """Whether the flag of this key needs, by way of others too, the one aimed at."""
    reached, left = {key}, [key]
    while left and aim.flag.key not in reached:
        other = aim.world.peek(FLAG, aim.flag.place, left.pop())
        more = needed_by(other, aim.environment) - reached if other is not None else frozenset()
        reached |= more
        left += sorted(more)
    return aim.flag.key in reached


TARGETING: dict[type[said.Instruction], Handler] = {
    **RULES,
    said.TurnFlagOn: turn_on,
    said.TurnFlagOff: turn_off,
    said.UpdateFallthroughVariationOrRollout: update_fallthrough,
    said.UpdateOffVariation: update_off_variation,
    said.UpdateTrackEvents: update_track_events,
    said.UpdateTrackEventsFallthrough: update_track_events_fallthrough,
    said.AddTargets: add_targets,
    said.RemoveTargets: remove_targets,
    said.ClearTargets: clear_targets,
    said.ReplaceTargets: replace_targets,
    said.AddUserTargets: add_targets,
    said.RemoveUserTargets: remove_targets,
    said.ClearUserTargets: clear_user_targets,
    said.ReplaceUserTargets: replace_user_targets,
    said.AddPrerequisite: add_prerequisite,
    said.RemovePrerequisite: remove_prerequisite,
    said.UpdatePrerequisite: update_prerequisite,
    said.ReplacePrerequisites: replace_prerequisites,
}
