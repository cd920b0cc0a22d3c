"""What the commands to a flag lead to.

A change of targeting is refused while the flag is archived, unless it changes nothing.
"""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Missing, Refused, check
from equipoise.domain.flag import checks, parameters
from equipoise.domain.flag.commands import (
    Create,
    Deprecate,
    ForgetEnvironment,
    ServeVariation,
    SetAvailability,
    SetFallthrough,
    SetLifetime,
    SetOffVariation,
    SetParameters,
    SetPrerequisites,
    SetProperties,
    SetRules,
    SetTargets,
    SetTracking,
    SetVariations,
    Switch,
    Undeprecate,
)
from equipoise.domain.flag.events import (
    AvailabilitySet,
    Created,
    DefaultKept,
    Deprecated,
    EnvironmentForgotten,
    FallthroughSet,
    LifetimeSet,
    OffVariationSet,
    ParametersSet,
    PrerequisitesSet,
    PropertiesSet,
    RulesSet,
    Switched,
    Targeted,
    TargetsSet,
    TrackingSet,
    Undeprecated,
    VariationServed,
    VariationsSet,
)
from equipoise.domain.flag.state import Fixed, Flag, Target, Variation
from equipoise.domain.identity import key_rule, unique

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    flag = _tidied(command.flag)
    check(*checks.of_flag(flag))
    return (Created(flag),)


def set_lifetime(now: Flag, command: SetLifetime, _: Moment) -> Events:
    return () if command.temporary == now.temporary else (LifetimeSet(command.temporary),)


def set_availability(now: Flag, command: SetAvailability, _: Moment) -> Events:
    if (command.client_side, command.mobile) == (now.client_side, now.mobile):
        return ()
    return (AvailabilitySet(command.client_side, command.mobile),)


def set_properties(now: Flag, command: SetProperties, _: Moment) -> Events:
    check(*checks.of_properties(command.properties))
    return () if command.properties == now.properties else (PropertiesSet(command.properties),)


def set_variations(now: Flag, command: SetVariations, moment: Moment) -> Events:
    variations = _dated(now, command.variations, moment)
    wanted = VariationsSet(variations, command.on_variation, command.off_variation)
    check(
        *checks.of_variations(wanted.variations, wanted.on_variation, wanted.off_variation, now.parameters),
        *(key_rule("environments", environment) for environment in command.environments),
    )
    kept = _defaults_to_keep(now, command)
    if len(wanted.variations) < 2 and (on := _on_in(now)):
        raise Refused("leave fewer than two variations", f"flag {now.key}", f"is on in {on}")
    _refuse_if_served(now, command, kept)
    if same(wanted, VariationsSet(now.variations, now.on_variation, now.off_variation)):
        return ()
    return (*(DefaultKept(environment) for environment in kept), wanted)


def _dated(now: Flag, wanted: tuple[Variation, ...], moment: Moment) -> tuple[Variation, ...]:
    """Each with the time of its birth and of its last change, which this may be."""
    return tuple(_dated_like(now.variation(each.id), each, moment) for each in wanted)


def _dated_like(was: Variation | None, wanted: Variation, moment: Moment) -> Variation:
    if was is None:
        return replace(wanted, created_at=moment.at, touched_at=moment.at)
    alike = replace(wanted, created_at=was.created_at, touched_at=was.touched_at)
    return was if same(alike, was) else replace(alike, touched_at=moment.at)


def _on_in(now: Flag) -> str:
    """Where it is on: the key of an environment, or words for those that are still to be targeted."""
    if now.on_at_birth:
        return "new environments"
    return next((name for name, each in now.targeting.items() if each.on), "")


def _defaults_to_keep(now: Flag, command: SetVariations) -> tuple[str, ...]:
    """Environments that would serve something else, or by another default, unless it is written down."""
    if not now.variations:
        return ()
    if (command.on_variation, command.off_variation) == (now.on_variation, now.off_variation):
        return ()
    return tuple(each for each in unique(command.environments) if each not in now.targeting)


def _refuse_if_served(now: Flag, command: SetVariations, kept: tuple[str, ...]) -> None:
    ids = {variation.id for variation in command.variations}
    for environment in (*now.targeting, *kept):
        if lost := now.in_environment(environment).variations - ids:
            why = f"still serves it in {environment}"
            raise Refused(f"leave out variation {min(lost)}", f"flag {now.key}", why)


def set_parameters(now: Flag, command: SetParameters, moment: Moment) -> Events:
    wanted = command.parameters
    if now.variations and bool(wanted) is not bool(now.parameters):
        why = "has variations whose values would be lost"
        raise Refused("give it parameters, or take all of them away", f"flag {now.key}", why)
    check(*checks.of_parameters(wanted), *parameters.lost(now.variations, now.parameters, wanted))
    if same(wanted, now.parameters):
        return ()
    kept = parameters.reconfigured(now.variations, now.parameters, wanted)
    variations = _dated(now, kept, moment)
    check(*checks.of_variations(variations, now.on_variation, now.off_variation, wanted))
    return (ParametersSet(wanted, variations),)


def deprecate(now: Flag, _command: Deprecate, moment: Moment) -> Events:
    return () if now.deprecated_at is not None else (Deprecated(moment.at),)


def undeprecate(now: Flag, _command: Undeprecate, _: Moment) -> Events:
    return () if now.deprecated_at is None else (Undeprecated(),)


def switch(now: Flag, command: Switch, moment: Moment) -> Events:
    if command.on == now.in_environment(command.environment).on:
        return ()
    if command.on and not now.finished:
        raise Refused("turn it on", f"flag {now.key}", "has fewer than two variations")
    return _targeted(now, Switched(command.environment, moment.at, command.on))


def set_off_variation(now: Flag, command: SetOffVariation, moment: Moment) -> Events:
    check(checks.of_variation(now, "off_variation", command.variation))
    if command.variation == now.in_environment(command.environment).off_variation:
        return ()
    return _targeted(now, OffVariationSet(command.environment, moment.at, command.variation))


def set_fallthrough(now: Flag, command: SetFallthrough, moment: Moment) -> Events:
    check(*checks.of_serve(now, "fallthrough", command.serve))
    if command.serve == now.in_environment(command.environment).fallthrough:
        return ()
    return _targeted(now, FallthroughSet(command.environment, moment.at, command.serve))


def set_rules(now: Flag, command: SetRules, moment: Moment) -> Events:
    check(*checks.of_rules(now, "rules", command.rules))
    if same(command.rules, now.in_environment(command.environment).rules):
        return ()
    return _targeted(now, RulesSet(command.environment, moment.at, command.rules))


def set_targets(now: Flag, command: SetTargets, moment: Moment) -> Events:
    targets = _tidied_targets(command.targets)
    check(*checks.of_targets(now, "targets", targets))
    if targets == now.in_environment(command.environment).targets:
        return ()
    return _targeted(now, TargetsSet(command.environment, moment.at, targets))


def set_prerequisites(now: Flag, command: SetPrerequisites, moment: Moment) -> Events:
    wanted = command.prerequisites
    check(*checks.of_prerequisites(now, "prerequisites", wanted))
    if wanted == now.in_environment(command.environment).prerequisites:
        return ()
    return _targeted(now, PrerequisitesSet(command.environment, moment.at, wanted))


def set_tracking(now: Flag, command: SetTracking, moment: Moment) -> Events:
    there = now.in_environment(command.environment)
    wanted = command.track_events, command.track_events_fallthrough
    if wanted == (there.track_events, there.track_events_fallthrough):
        return ()
    return _targeted(now, TrackingSet(command.environment, moment.at, *wanted))


def serve_variation(now: Flag, command: ServeVariation, moment: Moment) -> Events:
    serve = now.in_environment(command.environment).serve(command.rule)
    if serve is None:
        raise Missing("rule", command.rule)
    check(checks.of_variation(now, "variation", command.variation))
    if serve == Fixed(command.variation):
        return ()
    served = VariationServed(command.environment, moment.at, command.rule, command.variation)
    return _targeted(now, served)


def forget_environment(now: Flag, command: ForgetEnvironment, _: Moment) -> Events:
    if command.environment not in now.targeting:
        return ()
    return (EnvironmentForgotten(command.environment),)


def _targeted(now: Flag, event: Targeted) -> Events:
    check(key_rule("environment", event.environment))
    if now.archived_at is not None:
        raise Refused("change its targeting", f"flag {now.key}", "is archived")
    if not now.variations:
        raise Refused("change its targeting", f"flag {now.key}", "has no variation to serve")
    return (event,)


def _tidied(flag: Flag) -> Flag:
    targeting = {
        environment: replace(each, targets=_tidied_targets(each.targets))
        for environment, each in flag.targeting.items()
    }
    return replace(flag, tags=unique(flag.tags), targeting=targeting)


def _tidied_targets(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Each key once, none without keys."""
    return tuple(replace(target, keys=unique(target.keys)) for target in targets if target.keys)


DECIDE: dict[type[Command], Decide] = {
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
    Create: create,
    SetLifetime: set_lifetime,
    SetAvailability: set_availability,
    SetProperties: set_properties,
    SetVariations: set_variations,
    SetParameters: set_parameters,
    Deprecate: deprecate,
    Undeprecate: undeprecate,
    Switch: switch,
    SetOffVariation: set_off_variation,
    SetFallthrough: set_fallthrough,
    SetRules: set_rules,
    SetTargets: set_targets,
    SetPrerequisites: set_prerequisites,
    SetTracking: set_tracking,
    ServeVariation: serve_variation,
    ForgetEnvironment: forget_environment,
}
