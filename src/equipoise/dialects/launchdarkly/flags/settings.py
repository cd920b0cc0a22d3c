"""What instructions on variations, settings and lifecycle ask of a flag, in all environments."""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags import everywhere as said
from equipoise.dialects.launchdarkly.flags.aims import Aim, Commands, Handler, fresh_uuid
from equipoise.dialects.launchdarkly.flags.instructions import Instruction
from equipoise.dialects.launchdarkly.flags.reading import project_named
from equipoise.dialects.launchdarkly.maintainers import maintainer_rule
from equipoise.domain.clauses import Json, same
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.flag.commands import (
    Deprecate,
    SetAvailability,
    SetLifetime,
    SetProperties,
    SetVariations,
    Undeprecate,
)
from equipoise.domain.flag.state import Flag, Property, Variation
from equipoise.domain.identity import Place, unique
from equipoise.domain.labels import Archive, AssignMaintainer, Describe, Rename, Restore, Tag

# variations


def variations_commands(
    aim: Aim, variations: tuple[Variation, ...], on: str = "", off: str = ""
) -> tuple[SetVariations, ...]:
    """All variations, and the defaults where they change. Flags of other surfaces may have one or none."""
    flag = aim.flag
    least = min(len(flag.variations), 2)
    check(len(variations) >= least or Violation("variations", "must be at least two", len(variations)))
    first = variations[0].id if variations else ""
    defaults = on or flag.on_variation or first, off or flag.off_variation or first
    kept = defaults == (flag.on_variation, flag.off_variation)
    environments = () if kept else environment_keys(aim.world, flag.place)
    return (SetVariations(variations, *defaults, environments),)


def environment_keys(world: World, place: Place) -> tuple[str, ...]:
    """Of all that there are, those the principal may not see too: what they serve by default is kept."""
    return tuple(each.key for each in world.reader.select(ENVIRONMENT, Query(place)).items)


def values_rule(where: str, variations: Iterable[Variation]) -> bool | Violation:
    """Each value stands once."""
    texts = [msgspec.json.encode(each.value, order="deterministic") for each in variations]
    return len(set(texts)) == len(texts) or Violation(where, "each variation has a value of its own")


def add_variation(wanted: said.AddVariation, aim: Aim) -> Commands:
    there = aim.flag.variations
    id = fresh_uuid(aim.world.moment, "variation", {each.id for each in there})
    variations = (*there, Variation(id, wanted.value, wanted.name, wanted.description))
    check(values_rule("value", variations))
    return variations_commands(aim, variations)


def remove_variation(wanted: said.RemoveVariation, aim: Aim) -> Commands:
    left = tuple(each for each in aim.flag.variations if each.id != wanted.variation_id)
    return variations_commands(aim, left)


def update_variation(wanted: said.UpdateVariation, aim: Aim) -> Commands:
    there = aim.flag.variation(wanted.variation_id)
    if there is None:
        raise Invalid(Violation("variationId", "must be a variation of the flag", wanted.variation_id))
    given = {"value": wanted.value, "name": wanted.name, "description": wanted.description}
    changed = replace(there, **{name: value for name, value in given.items() if value is not UNSET})
    variations = tuple(changed if each.id == there.id else each for each in aim.flag.variations)
    check(wanted.value is UNSET or values_rule("value", variations))
    return variations_commands(aim, variations)


def update_default_variation(wanted: said.UpdateDefaultVariation, aim: Aim) -> Commands:
    on = _by_value("onVariationValue", wanted.on_variation_value, aim.flag)
    off = _by_value("offVariationValue", wanted.off_variation_value, aim.flag)
    return variations_commands(aim, aim.flag.variations, on, off)


def _by_value(where: str, value: Json, flag: Flag) -> str:
    """The id of the variation of this value; "" where none is said."""
    if value is UNSET:
        return ""
    for each in flag.variations:
        if same(each.value, value):
            return each.id
    raise Invalid(Violation(where, "must be the value of a variation", value))


# settings


def add_tags(wanted: said.AddTags, aim: Aim) -> Commands:
    return (Tag((*aim.flag.tags, *wanted.values)),)


def remove_tags(wanted: said.RemoveTags, aim: Aim) -> Commands:
    return (Tag(tuple(tag for tag in aim.flag.tags if tag not in wanted.values)),)


def turn_availability(on: bool) -> Handler:
    def turned(
        wanted: said.TurnOnClientSideAvailability | said.TurnOffClientSideAvailability, aim: Aim
    ) -> Commands:
        if wanted.value == "usingMobileKey":
            return (SetAvailability(aim.flag.client_side, mobile=on),)
        return (SetAvailability(on, mobile=aim.flag.mobile),)

    return turned


def update_maintainer(wanted: said.UpdateMaintainerMember, aim: Aim) -> Commands:
    project = project_named(aim.world, aim.flag.project)
    check(maintainer_rule("value", wanted.value, project, aim.world.principal))
    return (AssignMaintainer(wanted.value),)


def add_property(wanted: said.AddCustomProperties, aim: Aim) -> Commands:
    added = Property(wanted.key, wanted.name, unique(tuple(wanted.values)))
    there = {each.key: each for each in aim.flag.properties}
    free = there.get(wanted.key, added) == added
    check(free or Violation("key", "is a custom property already; use replaceCustomProperties", wanted.key))
    return (SetProperties(tuple({**there, wanted.key: added}.values())),)


def replace_property(wanted: said.ReplaceCustomProperties, aim: Aim) -> Commands:
    there = {each.key: each for each in aim.flag.properties}
    there[wanted.key] = Property(wanted.key, wanted.name, unique(tuple(wanted.values)))
    return (SetProperties(tuple(there.values())),)


def remove_property(wanted: said.RemoveCustomProperties, aim: Aim) -> Commands:
    left = tuple(
        replace(each, values=tuple(value for value in each.values if value not in wanted.values))
        if each.key == wanted.key
        else each
        for each in aim.flag.properties
    )
    return (SetProperties(tuple(each for each in left if each.values or each.key != wanted.key)),)


def unsupported(rule: str) -> Handler:
    def refused(instruction: Instruction, _: Aim) -> Commands:
        raise Invalid(Violation("kind", rule, instruction.__struct_config__.tag))

    return refused


SETTINGS: dict[type[Instruction], Handler] = {
    said.AddVariation: add_variation,
    said.RemoveVariation: remove_variation,
    said.UpdateVariation: update_variation,
    said.UpdateDefaultVariation: update_default_variation,
    said.UpdateName: lambda wanted, _: (Rename(wanted.value),),
    said.UpdateDescription: lambda wanted, _: (Describe(wanted.value),),
    said.AddTags: add_tags,
    said.RemoveTags: remove_tags,
    said.MakeFlagPermanent: lambda _, aim: (SetLifetime(temporary=False),),
    said.MakeFlagTemporary: lambda _, aim: (SetLifetime(temporary=True),),
    said.TurnOnClientSideAvailability: turn_availability(on=True),
    said.TurnOffClientSideAvailability: turn_availability(on=False),
    said.UpdateMaintainerMember: update_maintainer,
    said.UpdateMaintainerTeam: unsupported("there are no teams here; use updateMaintainerMember"),
    said.RemoveMaintainer: lambda _, aim: (AssignMaintainer(""),),
    said.AddCustomProperties: add_property,
    said.ReplaceCustomProperties: replace_property,
    said.RemoveCustomProperties: remove_property,
    said.ArchiveFlag: lambda _, aim: (Archive(),),
    said.RestoreFlag: lambda _, aim: (Restore(),),
    said.DeprecateFlag: lambda _, aim: (Deprecate(),),
    said.RestoreDeprecatedFlag: lambda _, aim: (Undeprecate(),),
    said.DeleteFlag: unsupported("a patch does not delete here; send DELETE"),
}
