"""From what an environment serves to a ruleset: ids of variations become indexes."""

from collections.abc import Iterable

from msgspec import Struct

from equipoise.domain.clauses import Clause as DomainClause
from equipoise.domain.flag import state as domain
from equipoise.domain.flag.state import Fixed, Flag
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.evaluation.normal import index, members, normal
from equipoise.evaluation.reference import reference
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

UNKNOWN = -1  # the index of a variation of a flag that does not exist


class Compiled(Struct, frozen=True):
    """What a snapshot became; the next one is made of it where nothing changed."""

    snapshot: Snapshot
    ruleset: Ruleset


def compile(snapshot: Snapshot, segments: Iterable[Segment] = (), before: Compiled | None = None) -> Ruleset:
    """The ruleset of an environment, made of what is served in its `normal` form.

    An attribute of a clause, and `bucket_by`, is a reference in the sense of `reference.py`; targets are
    asked in the order of the targeting, over all context kinds. A segment that is neither in the snapshot nor
    given holds nobody.

    before  what the same environment was before: flags and segments that are made of the same stay the same
            objects, so that one changed flag costs little among many
    """
    flags = {
        key: (before and _known(served, snapshot, before)) or _flag(served, snapshot)
        for key, served in snapshot.flags.items()
    }
    asked = {
        key: (before and _known_segment(each, before)) or _segment(each)
        for key, each in snapshot.segments.items()
    }
    return Ruleset(flags, asked | {segment.key: segment for segment in segments})


def _known(served: Served, snapshot: Snapshot, before: Compiled) -> RuledFlag | None:
    """The flag as it was made before: of the same, and of the same that it needs first."""
    then, key = before.snapshot.flags, served.flag.key
    if then.get(key) is not served:
        return None
    for needed in served.targeting.prerequisites:
        if then.get(needed.flag) is not snapshot.flags.get(needed.flag):
            return None
    return before.ruleset.flags.get(key)


def _known_segment(membership: Membership, before: Compiled) -> Segment | None:
    same = before.snapshot.segments.get(membership.key) == membership
    return before.ruleset.segments.get(membership.key) if same else None


def _segment(membership: Membership) -> Segment:
    share, unit = membership.share, membership.unit
    rules = (
        SegmentRule(tuple(map(_clause, group)), share, kind=unit) for group in members(membership).groups
    )
    return Segment(membership.key, membership.salt, rules=tuple(rules))


def _flag(served: Served, snapshot: Snapshot) -> RuledFlag:
    served = normal(served)
    flag, targeting = served.flag, served.targeting
    return RuledFlag(
        key=flag.key,
        version=served.version,
        on=targeting.on,
        salt=flag.salt,
        variations=tuple(variation.value for variation in flag.variations),
        off_variation=index(flag, targeting.off_variation) if targeting.off_variation else None,
        fallthrough=_serve(flag, targeting.fallthrough),
        targets=tuple(
            Target(index(flag, each.variation), Keys(frozenset(each.keys), each.kind))
            for each in targeting.targets
        ),
        rules=tuple(
            Rule(rule.id, tuple(map(_clause, rule.clauses)), _serve(flag, rule.serve), rule.track_events)
            for rule in targeting.rules
        ),
        prerequisites=tuple(_prerequisite(each, snapshot) for each in targeting.prerequisites),
        track_events=targeting.track_events,
        track_events_fallthrough=targeting.track_events_fallthrough,
    )


def _serve(flag: Flag, serve: domain.Serve) -> Serve:
    if isinstance(serve, Fixed):
        return index(flag, serve.variation)
    return Rollout(
        slots=tuple(Slot(index(flag, each.variation), each.weight, each.untracked) for each in serve.weights),
        kind=serve.kind,
        seed=serve.seed,
        bucket_by=reference(serve.bucket_by) if serve.bucket_by else None,
        experiment=serve.experiment,
        scheme=serve.scheme,
    )


def _clause(clause: DomainClause) -> Clause:
    return Clause(clause.kind, reference(clause.attribute), clause.op, clause.values, clause.negate)


def _prerequisite(prerequisite: domain.Prerequisite, snapshot: Snapshot) -> Prerequisite:
    needed = snapshot.flags.get(prerequisite.flag)
    return Prerequisite(
        prerequisite.flag, UNKNOWN if needed is None else index(needed.flag, prerequisite.variation)
    )
