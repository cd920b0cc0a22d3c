"""JSON patches and merge patches of a flag: its document is edited, and what changed in it is asked.

The document shows experiments laid over the targeting. What a patch leaves as it was shown stays as it is
stored, field by field, so that no experiment is written into the flag.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from jsonpointer import resolve_pointer
from msgspec import UNSET, Struct
from msgspec.structs import replace

from equipoise.application.intents import Intent, steps
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.edits import edited
from equipoise.dialects.launchdarkly.flags import documents as wire
from equipoise.dialects.launchdarkly.flags.aims import Aim, fresh_uuid
from equipoise.dialects.launchdarkly.flags.birth import defaults_findings, properties_of
from equipoise.dialects.launchdarkly.flags.configs import config_edited
from equipoise.dialects.launchdarkly.flags.reading import document, project_named
from equipoise.dialects.launchdarkly.flags.settings import values_rule, variations_commands
from equipoise.dialects.launchdarkly.maintainers import maintainer_rule
from equipoise.dialects.launchdarkly.patches import Patch
from equipoise.domain.change import Command
from equipoise.domain.clauses import same
from equipoise.domain.errors import Conflict, Invalid, Violation, check
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import (
    Deprecate,
    SetAvailability,
    SetLifetime,
    SetProperties,
    SetVariations,
    Undeprecate,
)
from equipoise.domain.flag.state import Flag, Variation
from equipoise.domain.identity import Place
from equipoise.domain.labels import Archive, AssignMaintainer, Describe, Rename, Restore, Tag
from equipoise.translation.given import given
from equipoise.translation.intents import Field, Steps, by_field

_VERSION = re.compile(r"(/environments/[^/~]+)?/_?version")


def edit(patch: Patch, place: Place, key: str) -> Intent[None]:
    """The flag with what the patch changes in its document."""

    def intent(world: World) -> Steps:
        project = project_named(world, place.project)
        flag = world.named(FLAG, place, key)
        shown = document(world, project, flag)
        changed = edited(_tested(patch, shown), shown, wire.FlagEdit)
        if changed.get("maintainerId"):
            check(maintainer_rule("maintainerId", changed["maintainerId"], project, world.principal))
        plan = _plan(changed, Aim(flag, "", world))
        yield from _gathered(
            by_field(changed, FIELDS, FLAG, flag),
            steps(FLAG, flag, plan.first),
            *_environments(changed, shown, plan.ids, Aim(flag, "", world)),
            steps(FLAG, flag, plan.last),
            by_field(changed, LAST, FLAG, flag),
        )

    return intent


def _tested(patch: Patch, shown: wire.FeatureFlag) -> Patch:
    """The patch without its tests of versions, which hold: they are how this vendor locks.

    raises  Conflict when one does not
    """
    if not isinstance(patch.edit, list):
        return patch
    known = {**msgspec.to_builtins(shown), "version": shown.version}
    tests = [each for each in patch.edit if _tests_version(each, known)]
    if any(resolve_pointer(known, each["path"]) != each["value"] for each in tests):
        raise Conflict(("flag", shown.key))
    return replace(patch, edit=[each for each in patch.edit if not _tests_version(each, known)])


def _tests_version(operation: Any, known: dict[str, Any]) -> bool:
    return (
        isinstance(operation, dict)
        and operation.get("op") == "test"
        and "value" in operation
        and isinstance(operation.get("path"), str)
        and _VERSION.fullmatch(operation["path"]) is not None
        and resolve_pointer(known, operation["path"], None) is not None
    )


def _gathered(*parts: Steps) -> Steps:
    """One after the other. raises Invalid with the violations of all"""
    found: list[Violation] = []
    for part in parts:
        try:
            yield from part
        except Invalid as error:
            found += error.violations
    if found:
        raise Invalid(*found)


# fields of the flag


def _availability(said: dict[str, Any], now: Flag) -> Iterable[Command]:
    """The older field counts where the newer one is left as it was."""
    client_side, mobile = said.get("includeInSnippet", now.client_side), now.mobile
    newer: wire.ClientSideAvailability | None = said.get("clientSideAvailability")
    if newer is not None:
        client_side = given(newer.using_environment_id, client_side)
        mobile = given(newer.using_mobile_key, mobile)
    return (SetAvailability(client_side, mobile),)


FIELDS: dict[str | tuple[str, ...], Field] = {
    "archived": lambda archived, now: () if archived else (Restore(),),
    "name": lambda name, now: (Rename(name),),
    "description": lambda text, now: (Describe(text or ""),),
    "tags": lambda tags, now: (Tag(tuple(tags or ())),),
    "temporary": lambda temporary, now: (SetLifetime(temporary),),
    "maintainerId": lambda member, now: (AssignMaintainer(member or ""),),
    ("includeInSnippet", "clientSideAvailability"): _availability,
    "customProperties": lambda said, now: (SetProperties(properties_of(said or {})),),
    "deprecated": lambda deprecated, now: (Deprecate() if deprecated else Undeprecate(),),
}
LAST: dict[str | tuple[str, ...], Field] = {
    "archived": lambda archived, now: (Archive(),) if archived else (),
}


# variations


class Plan(Struct, frozen=True):
    """How the variations change around the targeting: what is new comes first, what is gone goes last.

    ids  of the variations as the edited document numbers them
    """

    ids: tuple[str, ...]
    first: tuple[SetVariations, ...] = ()
    last: tuple[SetVariations, ...] = ()


def _plan(changed: dict[str, Any], aim: Aim) -> Plan:
    there = aim.flag.variations
    wanted = _variations(changed["variations"], aim) if "variations" in changed else there
    ids = tuple(each.id for each in wanted)
    if not {"variations", "defaults"} & changed.keys():
        return Plan(ids)
    on, off = "", ""
    if "defaults" in changed:
        defaults = changed["defaults"]
        check(*defaults_findings(defaults, len(wanted)))
        on, off = ids[defaults.on_variation], ids[defaults.off_variation]
    check("variations" not in changed or values_rule("variations", wanted))
    lost = tuple(each for each in there if each.id not in ids)
    first = variations_commands(aim, (*wanted, *lost), on, off)
    return Plan(ids, first, variations_commands(aim, wanted, on, off) if lost else ())


def _variations(items: list[wire.Variation], aim: Aim) -> tuple[Variation, ...]:
    """One that names an id of the flag keeps it, and so does one without that stands where it stood."""
    there = aim.flag.variations
    known = {each.id for each in there}
    named = {item.id for item in items}
    ids: list[str] = []
    for index, item in enumerate(items):
        id = item.id
        if id is UNSET and index < len(there) and there[index].id not in named:
            id = there[index].id
        if id is UNSET or id not in known or id in ids:
            id = fresh_uuid(aim.world.moment, "variation", {*known, *ids})
        ids.append(id)
    return tuple(
        Variation(id, item.value, given(item.name, ""), given(item.description, ""))
        for id, item in zip(ids, items, strict=True)
    )


# environments


def _environments(
    changed: dict[str, Any], shown: wire.FeatureFlag, ids: tuple[str, ...], aim: Aim
) -> Iterable[Steps]:
    """The steps in each environment that the patch changes. raises Invalid when one comes or goes"""
    before: dict[str, dict[str, Any]] = msgspec.to_builtins(given(shown.environments, {}))
    after: dict[str, dict[str, Any]] = changed.get("environments", before)
    check(
        *(key in before or Violation(f"environments.{key}", "is no environment") for key in after),
        *(key in after or Violation(f"environments.{key}", "cannot be taken away") for key in before),
    )
    return [
        config_edited(before[key], after[key], ids, replace(aim, environment=key))
        for key in after
        if not same(after[key], before[key])
    ]
