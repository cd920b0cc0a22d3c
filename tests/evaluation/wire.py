"""Reads the JSON of flags and segments that published clients are sent, into rulesets."""

from collections.abc import Iterable
from typing import Any

from equipoise.evaluation.reference import Path, literal, reference
from equipoise.evaluation.ruleset import (
    Clause,
    Keys,
    Prerequisite,
    Rollout,
    Rule,
    RuledFlag,
    Ruleset,
    Segment,
    SegmentRule,
    Serve,
    Slot,
    Target,
)


def ruleset(data: Any) -> Ruleset:
    """Of `{"flags": {key: flag}, "segments": {key: segment}}`."""
    flags = {key: flag(each) for key, each in data.get("flags", {}).items()}
    return Ruleset(flags, {key: segment(each) for key, each in data.get("segments", {}).items()})


def flag(said: Any) -> RuledFlag:
    return RuledFlag(
        key=said["key"],
        version=said["version"],
        on=said.get("on", False),
        salt=said.get("salt", ""),
        variations=tuple(said.get("variations", ())),
        off_variation=said.get("offVariation"),
        fallthrough=serve(said.get("fallthrough") or {}),
        targets=tuple(targets(said.get("targets") or (), said.get("contextTargets") or ())),
        rules=tuple(
            Rule(
                rule.get("id", ""),
                tuple(map(clause, rule["clauses"])),
                serve(rule),
                rule.get("trackEvents", False),
            )
            for rule in said.get("rules") or ()
        ),
        prerequisites=tuple(
            Prerequisite(each["key"], each["variation"]) for each in said.get("prerequisites") or ()
        ),
    )


def serve(said: Any) -> Serve:
    if said.get("variation") is not None:
        index: int = said["variation"]
        return index
    rollout = said.get("rollout")
    if rollout is None:
        return None
    return Rollout(
        slots=tuple(
            Slot(each["variation"], each["weight"], each.get("untracked", False))
            for each in rollout.get("variations", ())
        ),
        kind=rollout.get("contextKind") or "user",
        seed=rollout.get("seed"),
        bucket_by=bucket_by(rollout.get("bucketBy"), rollout.get("contextKind")),
        experiment=rollout.get("kind") == "experiment",
    )


def bucket_by(said: str | None, kind: str | None) -> Path | None:
    return path(said, kind) if said else None


def path(said: str, kind: str | None) -> Path:
    """Data from before there were context kinds holds plain names."""
    return reference(said) if kind else literal(said)


def clause(said: Any) -> Clause:
    kind = said.get("contextKind")
    return Clause(
        kind=kind or "user",
        path=path(said["attribute"], kind),
        op=said["op"],
        values=tuple(said["values"]),
        negate=said.get("negate", False),
    )


def targets(plain: Iterable[Any], by_kind: Iterable[Any]) -> Iterable[Target]:
    """An entry for users among those by kind only says when the plain one of its variation is asked."""
    if not by_kind:
        return [Target(each["variation"], keys(each)) for each in plain]
    users: dict[int, Any] = {}
    for each in plain:
        users.setdefault(each["variation"], each)
    ordered = (
        users.get(each["variation"]) if (each.get("contextKind") or "user") == "user" else each
        for each in by_kind
    )
    return [Target(each["variation"], keys(each)) for each in ordered if each is not None]


def keys(said: Any) -> Keys:
    return Keys(frozenset(said["values"]), said.get("contextKind") or "user")


def segment(said: Any) -> Segment:
    return Segment(
        key=said["key"],
        salt=said.get("salt", ""),
        included=members(said, "included", "includedContexts"),
        excluded=members(said, "excluded", "excludedContexts"),
        rules=tuple(
            SegmentRule(
                tuple(map(clause, rule["clauses"])),
                rule.get("weight"),
                bucket_by(rule.get("bucketBy"), rule.get("rolloutContextKind")),
                rule.get("rolloutContextKind") or "user",
            )
            for rule in said.get("rules") or ()
        ),
        unbounded=said.get("unbounded", False),
    )


def members(said: Any, users: str, by_kind: str) -> tuple[Keys, ...]:
    return (Keys(frozenset(said.get(users) or ())), *map(keys, said.get(by_kind) or ()))
