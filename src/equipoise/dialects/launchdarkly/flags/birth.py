"""What makes a flag: the body's fields, defaults for the rest, the targeting of a flag to be copied."""

from collections.abc import Iterator

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.intents import Intent
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags.aims import Aim, fresh_uuid
from equipoise.dialects.launchdarkly.flags.documents import CustomProperty, Defaults, FeatureFlagBody
from equipoise.dialects.launchdarkly.flags.reading import project_named
from equipoise.dialects.launchdarkly.flags.settings import environment_keys, values_rule
from equipoise.dialects.launchdarkly.flags.targeting import needed
from equipoise.dialects.launchdarkly.maintainers import maintainer_at_birth, maintainer_rule
from equipoise.domain.change import Moment
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create
from equipoise.domain.flag.state import (
    Fixed,
    Flag,
    Prerequisite,
    Property,
    Rollout,
    Serve,
    Targeting,
    Variation,
)
from equipoise.domain.identity import Place
from equipoise.domain.project.state import Project
from equipoise.translation.given import given
from equipoise.translation.intents import Steps

Findings = Iterator[bool | Violation]


def create(body: FeatureFlagBody, place: Place, clone: str) -> Intent[None]:
    """A flag as the body has it; with the variations and the targeting of another, where it is a clone."""

    def intent(world: World) -> Steps:
        project = project_named(world, place.project)
        source = world.named(FLAG, place, clone) if clone else None
        check(*_findings(body, project, world, clone))
        flag = _flag(body, project, world)
        if source is not None:
            flag = _copied(source, flag, world.moment)
        yield FLAG, None, Create(_with_prerequisites(body, flag, world))

    return intent


def _findings(body: FeatureFlagBody, project: Project, world: World, clone: str) -> Findings:
    """What may not be said here, beyond what the domain forbids."""
    migration = "migration flags are not served here"
    yield body.purpose != "migration" or Violation("purpose", migration)
    yield body.migration_settings is UNSET or Violation("migrationSettings", migration)
    team = "there are no teams here; use maintainerId"
    yield body.maintainer_team_key is UNSET or Violation("maintainerTeamKey", team)
    if body.maintainer_id is not UNSET:
        yield maintainer_rule("maintainerId", body.maintainer_id, project, world.principal)
    if clone:
        copied = "are those of the flag that is copied"
        yield body.variations is UNSET or Violation("variations", copied)
        yield body.defaults is UNSET or Violation("defaults", copied)
    elif body.defaults is not UNSET:
        count = 2 if body.variations is UNSET else len(body.variations)
        yield from defaults_findings(body.defaults, count)


def defaults_findings(defaults: Defaults, count: int) -> Findings:
    """Both must be indices among so many variations."""
    rule = f"must be the index of one of {count} variations"
    on, off = defaults.on_variation, defaults.off_variation
    yield 0 <= on < count or Violation("defaults.onVariation", rule, on)
    yield 0 <= off < count or Violation("defaults.offVariation", rule, off)


def _flag(body: FeatureFlagBody, project: Project, world: World) -> Flag:
    moment = world.moment
    variations = _variations(body, moment)
    defaults = given(body.defaults, Defaults(0, len(variations) - 1))
    client_side, mobile = _availability(body, project)
    return Flag(
        id=moment.id("flag", body.key),
        project=project.key,
        key=body.key,
        name=body.name,
        created_at=moment.at,
        variations=variations,
        on_variation=variations[defaults.on_variation].id,
        off_variation=variations[defaults.off_variation].id,
        salt=moment.token("salt", body.key),
        description=given(body.description, ""),
        tags=tuple(given(body.tags, [])),
        temporary=given(body.temporary, True),
        maintainer=maintainer_at_birth(body.maintainer_id, world.principal),
        client_side=client_side,
        mobile=mobile,
        properties=properties_of(given(body.custom_properties, {})),
        on_at_birth=given(body.is_flag_on, False),
        annotations={} if body.purpose is UNSET else {"launchdarkly.purpose": body.purpose},
    )


def _variations(body: FeatureFlagBody, moment: Moment) -> tuple[Variation, ...]:
    """Those of the body, or true and false; each gets an id of its own."""
    if body.variations is UNSET:
        said = [(True, "", ""), (False, "", "")]
    else:
        said = [(each.value, given(each.name, ""), given(each.description, "")) for each in body.variations]
    ids: list[str] = []
    for _ in said:
        ids.append(fresh_uuid(moment, f"variation/{body.key}", ids))
    variations = tuple(Variation(id, *each) for id, each in zip(ids, said, strict=True))
    check(
        len(variations) >= 2 or Violation("variations", "must be at least two", len(variations)),
        values_rule("variations", variations),
    )
    return variations


def _availability(body: FeatureFlagBody, project: Project) -> tuple[bool, bool]:
    """(client side, mobile); the project says what holds where the body does not."""
    said = body.client_side_availability
    if said is not UNSET:
        return said.using_environment_id, said.using_mobile_key
    return given(body.include_in_snippet, project.client_side), project.mobile


def properties_of(said: dict[str, CustomProperty]) -> tuple[Property, ...]:
    return tuple(Property(key, each.name, tuple(each.value)) for key, each in said.items())


def _with_prerequisites(body: FeatureFlagBody, flag: Flag, world: World) -> Flag:
    """The flag with its initial prerequisites in every environment that there is."""
    said = given(body.initial_prerequisites, [])
    if not said:
        return flag
    found: dict[str, Violation] = {}
    targeting: dict[str, Targeting] = {}
    for key in environment_keys(world, flag.place):
        prerequisites: list[Prerequisite] = []
        for index, each in enumerate(said):
            try:
                prerequisites.append(needed("", each.key, each.variation_id, Aim(flag, key, world)))
            except Invalid as error:
                violations = error.under(f"initialPrerequisites[{index}]").violations
                found |= {violation.where: violation for violation in violations}
        targeting[key] = replace(flag.in_environment(key), prerequisites=tuple(prerequisites))
    check(*found.values())
    return replace(flag, targeting=targeting)


# a copy


def _copied(source: Flag, flag: Flag, moment: Moment) -> Flag:
    """The flag with variations and targeting like the source's; the variations have ids of their own."""
    ids: dict[str, str] = {}
    for each in source.variations:
        ids[each.id] = fresh_uuid(moment, f"variation/{flag.key}", ids.values())
    return replace(
        flag,
        variations=tuple(
            replace(each, id=ids[each.id], created_at=0, touched_at=0) for each in source.variations
        ),
        on_variation=ids.get(source.on_variation, ""),
        off_variation=ids.get(source.off_variation, ""),
        on_at_birth=source.on_at_birth,
        targeting={key: _renamed(each, ids, moment.at) for key, each in source.targeting.items()},
        parameters=source.parameters,
    )


def _renamed(targeting: Targeting, ids: dict[str, str], at: int) -> Targeting:
    return replace(
        targeting,
        off_variation=ids[targeting.off_variation],
        fallthrough=_renamed_serve(targeting.fallthrough, ids),
        rules=tuple(replace(each, serve=_renamed_serve(each.serve, ids)) for each in targeting.rules),
        targets=tuple(replace(each, variation=ids[each.variation]) for each in targeting.targets),
        changed_at=at,
    )


def _renamed_serve(serve: Serve, ids: dict[str, str]) -> Serve:
    if isinstance(serve, Fixed):
        return Fixed(ids[serve.variation])
    return _renamed_rollout(serve, ids)


def _renamed_rollout(rollout: Rollout, ids: dict[str, str]) -> Rollout:
    return replace(
        rollout,
        weights=tuple(replace(each, variation=ids[each.variation]) for each in rollout.weights),
        outside=ids.get(rollout.outside, ""),
    )
