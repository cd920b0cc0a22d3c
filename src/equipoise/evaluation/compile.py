"""From what an environment serves to a ruleset: ids of variations become indexes."""

from collections.abc import Iterable

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


def compile(snapshot: Snapshot, segments: Iterable[Segment] = ()) -> Ruleset:
    """The ruleset of an environment, made of what is served in its `normal` form.

    An attribute of a clause, and `bucket_by`, is a reference in the sense of `reference.py`; targets are
    asked in the order of the targeting, over all context kinds. A segment that is neither in the snapshot nor
    given holds nobody.
    """
    flags = {key: _flag(served, snapshot) for key, served in snapshot.flags.items()}
    asked = {key: _segment(each) for key, each in snapshot.segments.items()}
    return Ruleset(flags, asked | {segment.key: segment for segment in segments})


def _segment(membership: Membership) -> Segment:
    groups = members(membership).groups
    return Segment(membership.key, rules=tuple(SegmentRule(tuple(map(_clause, group))) for group in groups))


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
    )


def _clause(clause: DomainClause) -> Clause:
    return Clause(clause.kind, reference(clause.attribute), clause.op, clause.values, clause.negate)


def _prerequisite(prerequisite: domain.Prerequisite, snapshot: Snapshot) -> Prerequisite:
    needed = snapshot.flags.get(prerequisite.flag)
    return Prerequisite(
        prerequisite.flag, UNKNOWN if needed is None else index(needed.flag, prerequisite.variation)
    )
