"""Requests about the variations of a feature flag as intents.

Outside an experiment a flag serves its defaults: the first variation that overrides nothing, or else the
first of all. While the flag was never targeted anywhere, that follows what is made; afterwards it stays.
"""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.errors import Declined
from equipoise.dialects.auth0.flags import config, documents
from equipoise.dialects.auth0.flags.intents import changeable, named
from equipoise.dialects.auth0.naming import taken
from equipoise.dialects.auth0.texts import findings
from equipoise.domain.change import Moment, Outcome
from equipoise.domain.errors import Held, Missing
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import SetFallthrough, SetOffVariation, SetVariations
from equipoise.domain.flag.parameters import overrides
from equipoise.domain.flag.state import Fixed, Flag, Variation
from equipoise.domain.identity import Place
from equipoise.translation.salvage import read, settle

SAID = "variation"
Shown = tuple[Flag, Variation]
Said = documents.CreateVariation | documents.UpdateVariation
Changing = Generator[Step, Outcome[Any], Shown]
Gone = Generator[Step, Outcome[Any], None]


def create(place: Place, flag_id: str, body: Any) -> Intent[Shown]:
    def intent(world: World) -> Changing:
        flag = named(world, place, flag_id)
        said, unreadable = read(body, documents.CreateVariation)
        settle(unreadable, _findings(said, flag))
        changeable(flag)
        _parametrised(flag)
        _unique(flag, said.name)
        value = config.value_of(said.overrides, flag.parameters)
        made = Variation(_fresh_id(world.moment, flag), value, said.name, said.description or "")
        flag = yield from _set(flag, (*flag.variations, made))
        return _shown(flag, made.id)

    return intent


def update(place: Place, flag_id: str, id: str, body: Any) -> Intent[Shown]:
    def intent(world: World) -> Changing:
        flag = named(world, place, flag_id)
        now = of(flag, id)
        said, unreadable = read(body, documents.UpdateVariation)
        settle(unreadable, _findings(said, flag))
        changeable(flag)
        if said.name is not UNSET:
            _unique(flag, said.name, now.id)
        if said.overrides is not UNSET:
            _parametrised(flag)
        wanted = _edited(flag, now, said)
        flag = yield from _set(flag, tuple(wanted if each.id == now.id else each for each in flag.variations))
        return _shown(flag, now.id)

    return intent


def remove(place: Place, flag_id: str, id: str) -> Intent[None]:
    """What is not there is as good as gone; its flag must be there. What environments serve by it alone
    they serve by the baseline of what is left."""

    def intent(world: World) -> Gone:
        flag = named(world, place, flag_id)
        try:
            now = of(flag, id)
        except Missing:
            return
        changeable(flag)
        _unused(world, flag, now)
        left = tuple(each for each in flag.variations if each.id != now.id)
        if left:
            flag = yield from _served_otherwise(flag, now.id, _baseline(flag, left))
        yield from _set(flag, left)

    return intent


def of(flag: Flag, id: str) -> Variation:
    """The variation of this id. raises Missing"""
    found = flag.variation(ids.read(SAID, id))
    if found is None:
        raise Missing(SAID, id)
    return found


def _set(flag: Flag, variations: tuple[Variation, ...]) -> Generator[Step, Outcome[Any], Flag]:
    changed = yield FLAG, flag, SetVariations(variations, *_defaults(flag, variations))
    state: Flag = changed.state
    return state


def _defaults(flag: Flag, variations: tuple[Variation, ...]) -> tuple[str, str]:
    """What it serves by default when on and when off, by id."""
    present = flag.on_variation, flag.off_variation
    there = set(present) <= {each.id for each in variations}
    if there and (flag.targeting or not flag.parameters):
        return present
    baseline = _baseline(flag, variations)
    return baseline, baseline


def _baseline(flag: Flag, variations: tuple[Variation, ...]) -> str:
    """Id of the first that overrides nothing, else of the first; "" where there is none."""
    bare = (each.id for each in variations if flag.parameters and not overrides(flag.parameters, each.value))
    return next(bare, variations[0].id if variations else "")


def _served_otherwise(flag: Flag, gone: str, instead: str) -> Generator[Step, Outcome[Any], Flag]:
    """The flag with the off variation and the fallthrough of each environment moved to another one."""
    for environment, targeting in flag.targeting.items():
        if targeting.off_variation == gone:
            moved = yield FLAG, flag, SetOffVariation(environment, instead)
            flag = moved.state
        if targeting.fallthrough == Fixed(gone):
            moved = yield FLAG, flag, SetFallthrough(environment, Fixed(instead))
            flag = moved.state
    return flag


def _unused(world: World, flag: Flag, variation: Variation) -> None:
    """Nothing, when no experiment that is not archived names the variation. raises Held"""
    query = Query(flag.place, everywhere=True, archived=False, links=(("flag", flag.key),))
    seen = world.select(EXPERIMENT, query).items  # remembered; what cannot be seen counts as well
    for experiment in (*seen, *world.using(flag.project, "flag", flag.key)):
        planned = (each.proposal.arms for each in experiment.iterations)
        if any(arm.variation == variation.id for arms in planned for arm in arms):
            action = f"delete variation {variation.name or variation.id} of flag {flag.key}"
            visible = world.principal.sees(experiment.place)
            holder = (
                f"{experiment.said} in {experiment.environment}" if visible else "an experiment elsewhere"
            )
            raise Held(action, f"{holder} uses it")


def _edited(flag: Flag, now: Variation, said: documents.UpdateVariation) -> Variation:
    described = said.description
    return replace(
        now,
        name=now.name if said.name is UNSET else said.name,
        description=now.description if described is UNSET else (described or ""),
        value=now.value if said.overrides is UNSET else config.value_of(said.overrides, flag.parameters),
    )


def _findings(said: Said, flag: Flag) -> config.Findings:
    yield from findings(said)
    if said.overrides is not UNSET and (flag.parameters or not flag.variations):
        yield from config.of_overrides("overrides", said.overrides, flag.parameters)


def _parametrised(flag: Flag) -> None:
    if not flag.parameters:
        raise Declined(
            "Another surface made this flag: its variations have values, and no parameters to override.",
            "feature_flag_without_parameters",
        )


def _unique(flag: Flag, name: str, own: str = "") -> None:
    if any(each.name == name and each.id != own for each in flag.variations):
        raise taken("variation of this flag", name)


def _fresh_id(moment: Moment, flag: Flag) -> str:
    known = {each.id for each in flag.variations}
    drawn = (moment.uuid("variation", flag.key, at) for at in range(len(known) + 1))
    return next(each for each in drawn if each not in known)


def _shown(flag: Flag, id: str) -> Shown:
    found = flag.variation(id)
    assert found is not None, "it was set in this change"
    return flag, found
