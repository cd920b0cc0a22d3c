"""A flag's document in one environment, edited: each field that changed as commands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from equipoise.dialects.launchdarkly.flags import documents as wire
from equipoise.dialects.launchdarkly.flags.aims import USER, Aim, fresh_id, served_by_itself
from equipoise.dialects.launchdarkly.flags.rules import clause_ids, clauses_of
from equipoise.dialects.launchdarkly.flags.targeting import needed, pooled
from equipoise.domain.change import Command
from equipoise.domain.clauses import same
from equipoise.domain.errors import Held, Invalid, Violation, check
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import (
    SetFallthrough,
    SetOffVariation,
    SetPrerequisites,
    SetRules,
    SetTargets,
    SetTracking,
    Switch,
)
from equipoise.domain.flag.state import (
    FALLTHROUGH,
    Fixed,
    Flag,
    Prerequisite,
    Rollout,
    Rule,
    Serve,
    Target,
    Weighted,
)
from equipoise.translation.decode import convert
from equipoise.translation.given import given
from equipoise.translation.intents import Field, Steps, by_field

Document = dict[str, Any]
Commands = Iterable[Command]


def config_edited(before: Document, after: Document, ids: tuple[str, ...], aim: Aim) -> Steps:
    """What turns a document, as it was shown, into the edited one.

    ids     of the variations, by the indices of the edited document
    raises  Invalid, each violation under its place
    """
    try:
        changed = _changed(before, after)
        names = {field.encode_name for field in msgspec.structs.fields(wire.ConfigEdit)}
        check(*(name in names or Violation(name, "cannot be changed") for name in changed))
        said = convert(changed, wire.ConfigEdit)
        table = Config(before, after, ids, aim).table
        yield from by_field(msgspec.structs.asdict(said), table, FLAG, aim.world.get(FLAG, aim.flag.id))
    except Invalid as error:
        raise error.under(f"environments.{aim.environment}") from None


def _changed(before: Document, after: Document) -> Document:
    """The fields that differ, as they are after; null for one that is gone."""
    names = {**before, **after}
    return {name: after.get(name) for name in names if not same(before.get(name), after.get(name))}


class Config(Struct, frozen=True):
    """An edit in one environment; `before` and `after` are the documents, whole."""

    before: Document
    after: Document
    ids: tuple[str, ...]
    aim: Aim

    @property
    def table(self) -> Mapping[str | tuple[str, ...], Field]:
        """Field by field, in the order in which they apply."""
        here = self.aim.environment
        return {
            "prerequisites": self._prerequisites,
            ("targets", "context_targets"): self._targets,
            "rules": self._rules,
            "fallthrough": self._fallthrough,
            "off_variation": lambda index, now: (SetOffVariation(here, self._id("offVariation", index)),),
            ("track_events", "track_events_fallthrough"): self._tracking,
            "on": lambda on, now: (Switch(here, on),),
        }

    def _id(self, where: str, index: int) -> str:
        """The id of the variation that an index means. raises Invalid"""
        rule = "must be the index of a variation"
        check(0 <= index < len(self.ids) or Violation(where, rule, index))
        return self.ids[index]

    def _tracking(self, said: Mapping[str, bool], now: Flag) -> Commands:
        there = now.in_environment(self.aim.environment)
        both = said.get("track_events_fallthrough", there.track_events_fallthrough)
        return (SetTracking(self.aim.environment, said.get("track_events", there.track_events), both),)

    # what is served

    def _fallthrough(self, said: wire.VariationOrRollout, _: Flag) -> Commands:
        served_by_itself(self.aim, FALLTHROUGH)
        shown = self.before["fallthrough"]
        serve = self._serve("fallthrough", self.after["fallthrough"], shown, said.variation, said.rollout)
        return (SetFallthrough(self.aim.environment, serve),)

    def _serve(self, where: str, after: Document, before: Document, variation: Any, rollout: Any) -> Serve:
        """Of a variation and a rollout that stand side by side, the one that is new counts."""
        if variation is not UNSET and rollout is not UNSET:
            if same(after["rollout"], before.get("rollout")):
                rollout = UNSET
            elif same(after["variation"], before.get("variation")):
                variation = UNSET
        one = (variation is UNSET) is not (rollout is UNSET)
        check(one or Violation(where, "must hold either a variation or a rollout"))
        if rollout is UNSET:
            return Fixed(self._id(f"{where}.variation", variation))
        shown = before.get("rollout", {})
        kept = same(after["rollout"].get("experimentAllocation"), shown.get("experimentAllocation"))
        rule = "is set by the experiment that runs there"
        check(kept or Violation(f"{where}.rollout.experimentAllocation", rule))
        return self._rollout(f"{where}.rollout", rollout)

    def _rollout(self, where: str, said: wire.Rollout) -> Rollout:
        weights = tuple(
            Weighted(
                self._id(f"{where}.variations[{position}]", each.variation),
                each.weight,
                given(each.untracked, False),
            )
            for position, each in enumerate(said.variations)
        )
        return Rollout(
            weights=weights,
            bucket_by=given(said.bucket_by, ""),
            kind=given(said.context_kind, USER),
            seed=None if said.seed is UNSET else said.seed,
        )

    # rules

    def _rules(self, said: list[wire.RulePost] | None, now: Flag) -> Commands:
        stored = {rule.id: rule for rule in now.in_environment(self.aim.environment).rules}
        shown = {rule["_id"]: rule for rule in self.before["rules"]}
        taken, kept = {*stored, *shown}, set[str]()
        rules: list[Rule] = []
        for index, item in enumerate(said or ()):
            where, after = f"rules[{index}]", self.after["rules"][index]
            id = item.id
            if id is UNSET or id not in shown or id in kept:
                id = fresh_id(self.aim.world.moment, "rule", taken)
            taken.add(id)
            kept.add(id)
            if id not in stored and id in shown:
                _must_stay(after, shown[id])
            else:
                before = shown.get(id, {})
                rule = stored.get(id) or Rule(id, (), Fixed(""))
                rules.append(replace(rule, **dict(self._altered(where, item, after, before))))
        for id in sorted(shown.keys() - stored.keys() - kept):
            _must_stay(None, shown[id])
        return (SetRules(self.aim.environment, tuple(rules)),)

    def _altered(
        self, where: str, said: wire.RulePost, after: Document, before: Document
    ) -> Iterator[tuple[str, Any]]:
        """The fields of a rule that differ from what was shown."""
        changed = _changed(before, after)
        known = clause_ids(self.aim.targeting)
        if "clauses" in changed:
            yield "clauses", clauses_of(said.clauses, known, self.aim.world.moment)
        if {"variation", "rollout"} & changed.keys() or not before:
            served_by_itself(self.aim, before.get("_id", ""))
            yield "serve", self._serve(where, after, before, said.variation, said.rollout)
        for name in ("description", "ref", "disabled"):
            if name in changed:
                yield name, getattr(said, name)
        if "trackEvents" in changed:
            yield "track_events", said.track_events

    # targets

    def _targets(self, said: Mapping[str, list[wire.Target] | None], now: Flag) -> Commands:
        """Users first: the wire tells them from the other kinds, and does not say how they mix."""
        there = now.in_environment(self.aim.environment).targets
        users = [each for each in there if each.kind == USER]
        others = [each for each in there if each.kind != USER]
        if "targets" in said:
            users = list(self._named("targets", said["targets"]))
        if "context_targets" in said:
            others = list(self._named("contextTargets", said["context_targets"]))
        return (SetTargets(self.aim.environment, pooled((*users, *others))),)

    def _named(self, where: str, said: list[wire.Target] | None) -> Iterator[Target]:
        for index, each in enumerate(said or ()):
            variation = self._id(f"{where}[{index}].variation", each.variation)
            yield Target(variation, tuple(each.values), given(each.context_kind, USER))

    # prerequisites

    def _prerequisites(self, said: list[wire.Prerequisite] | None, _: Flag) -> Commands:
        found = tuple(self._needed(f"prerequisites[{i}].", each) for i, each in enumerate(said or ()))
        return (SetPrerequisites(self.aim.environment, found),)

    def _needed(self, where: str, said: wire.Prerequisite) -> Prerequisite:
        """The index is among the variations of the other flag."""
        other = self.aim.world.peek(FLAG, self.aim.flag.place, said.key)
        if other is None:
            return needed(where, said.key, "", self.aim)
        known = 0 <= said.variation < len(other.variations)
        rule = "must be the index of a variation of the prerequisite"
        check(known or Violation(f"{where}variation", rule, said.variation))
        return needed(where, said.key, other.variations[said.variation].id, self.aim)


def _must_stay(after: Document | None, before: Document) -> None:
    """Raises Held unless a rule that an experiment has laid over the flag is left as it is, and there."""
    if not same(after, before):
        raise Held(f"change rule {before['_id']}", "a running experiment serves it")
