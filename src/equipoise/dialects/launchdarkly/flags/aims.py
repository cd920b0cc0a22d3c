"""What an instruction is aimed at, and what they share: ids that nobody has, and what is to be served."""

from collections.abc import Callable, Collection, Iterable
from itertools import count
from typing import Any

from msgspec import UNSET, Struct

from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags import instructions as said
from equipoise.domain.change import Command, Moment
from equipoise.domain.errors import Held, Invalid, Violation
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Serve, Targeting, Weighted
from equipoise.translation.given import given

USER = "user"
Commands = Iterable[Command]


class Aim(Struct, frozen=True):
    """What an instruction is said of: the flag as it is by now, and an environment ("" for none)."""

    flag: Flag
    environment: str
    world: World

    @property
    def targeting(self) -> Targeting:
        return self.flag.in_environment(self.environment)


Handler = Callable[[Any, Aim], Commands]


def fresh_id(moment: Moment, what: str, taken: Collection[str]) -> str:
    """An id that none of those has."""
    return next(id for n in count() if (id := moment.id(what, n)) not in taken)


def fresh_uuid(moment: Moment, what: str, taken: Collection[str]) -> str:
    return next(id for n in count() if (id := moment.uuid(what, n)) not in taken)


def served_by_itself(aim: Aim, rule: str) -> None:
    """Nothing, unless an experiment owns what the rule serves: then asking for anything is in its way,
    even for what lies underneath already.

    raises  Held
    """
    for each in aim.world.active_on(aim.flag.project, aim.flag.key):
        here = each.environment == aim.environment
        if here and each.current is not None and each.current.rule == rule:
            name = f"experiment {each.key}"
            raise Held(f"change what {rule} of flag {aim.flag.key} serves", f"{name} is {each.status}")


def serve_of(wanted: said.Serving | said.RuleSaid, flag: Flag) -> Serve:
    """raises Invalid unless it is one variation, or weights"""
    one, many = wanted.variation_id, wanted.rollout_weights
    if one is not UNSET and many is UNSET:
        return Fixed(one)
    if many is UNSET or one is not UNSET:
        raise Invalid(Violation("variationId", "say either variationId or rolloutWeights"))
    ordered = [each.id for each in flag.variations if each.id in many]
    unknown = [id for id in many if flag.variation(id) is None]
    return Rollout(
        weights=tuple(Weighted(id, many[id]) for id in (*ordered, *unknown)),
        bucket_by=given(wanted.rollout_bucket_by, ""),
        kind=given(wanted.rollout_context_kind, USER),
    )
