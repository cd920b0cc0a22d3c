"""A snapshot as the JSON that server-side SDKs evaluate by themselves.

What they reach must be what `evaluation/compile.py` makes of the same snapshot: both take every flag in its
`normal` form.

- A variation that is no longer there has an index below zero: whoever is led to it gets an error reason.
  So has a prerequisite that is no longer there; no flag serves it, so it fails.
- A rollout that is hashed as SDKs cannot serves nothing: an error reason, and never another arm than ours.
- A flag that cannot be expressed at all is delivered without anything to serve: SDKs answer it with an
  error reason and the default, and the other flags with theirs. Nothing of one flag stops an SDK.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from equipoise.application.serving import Framing, Update
from equipoise.delivery import sse
from equipoise.dialects.launchdarkly.sdk.documents import (
    AvailabilityData,
    ClauseData,
    FlagData,
    PrerequisiteData,
    RolloutData,
    RuleData,
    SegmentData,
    SegmentRuleData,
    ServeData,
    Slot,
    TargetData,
)
from equipoise.domain.allocation import SHA1
from equipoise.domain.clauses import Clause
from equipoise.domain.flag.state import Fixed, Flag, Rollout, Rule, Serve, Targeting
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.evaluation.normal import USER, index, members, normal

GONE = -1
_encode = msgspec.json.Encoder().encode
_log = logging.getLogger("equipoise.delivery")

Flags = Mapping[str, Served]


def document(snapshot: Snapshot) -> bytes:
    """All flags and segments of an environment, as a poller gets them."""
    return _encode({"flags": all_flags(snapshot), "segments": all_segments(snapshot)})


def flags_alone(snapshot: Snapshot) -> bytes:
    return _encode(all_flags(snapshot))


def all_flags(snapshot: Snapshot) -> dict[str, Raw]:
    """Flag key → its document."""
    return {key: Raw(flag(served, snapshot.flags)) for key, served in snapshot.flags.items()}


def all_segments(snapshot: Snapshot) -> dict[str, SegmentData]:
    """Segment key → its document."""
    return {key: _segment(each) for key, each in snapshot.segments.items()}


def put(snapshot: Snapshot) -> bytes:
    """The first event of a stream; it takes the place of all an SDK knew."""
    data = {"flags": all_flags(snapshot), "segments": all_segments(snapshot)}
    return sse.event("put", _encode({"path": "/", "data": data}))


def changes(update: Update) -> bytes:
    """An event for each flag that changed; everything anew where an index moved under a flag that did not
    change itself, since an SDK would ignore that one: its version is the same. So too where segments are
    other than before: a flag and its segments come together."""
    if update.snapshot.segments != update.before.segments or _moved(update):
        return put(update.snapshot)
    return b"".join((*_patches(update), *_deletions(update)))


ALL = Framing(whole=put, update=changes, heartbeat=sse.HEARTBEAT)


def _patches(update: Update) -> Iterator[bytes]:
    flags = update.snapshot.flags
    for key in update.changed:
        data = Raw(flag(flags[key], flags))
        yield sse.event("patch", _encode({"path": f"/flags/{key}", "data": data}))


def _deletions(update: Update) -> Iterator[bytes]:
    for key, version in update.gone.items():
        yield sse.event("delete", _encode({"path": f"/flags/{key}", "version": version}))


def _moved(update: Update) -> bool:
    """Whether a flag that did not change needs a variation that has another index than before."""
    before, now = update.before.flags, update.snapshot.flags
    moved = {*update.changed, *update.gone}
    return any(
        _prerequisites(served.targeting, before) != _prerequisites(served.targeting, now)
        for key, served in now.items()
        if key not in moved and any(each.flag in moved for each in served.targeting.prerequisites)
    )


def flag(served: Served, flags: Flags) -> bytes:
    """The document of a flag. It raises nothing.

    flags  all of the environment: prerequisites are named by the index of a variation
    """
    try:
        known = normal(served)
        if known.flag is not served.flag:
            _log.warning("flag %s is delivered as malformed: no client can read its values", served.flag.key)
        return _encode(_flag(known, flags))
    except Exception as error:
        _log.warning("flag %s is delivered as malformed: %s", served.flag.key, error)
        return _encode(_nothing(served))


def _flag(served: Served, flags: Flags) -> FlagData:
    flag, targeting = served.flag, served.targeting
    users, contexts = _targets(flag, targeting)
    return FlagData(
        key=flag.key,
        version=served.version,
        on=targeting.on,
        salt=flag.salt,
        variations=[each.value for each in flag.variations],
        offVariation=index(flag, targeting.off_variation) if targeting.off_variation else UNSET,
        fallthrough=_serve(flag, targeting.fallthrough),
        targets=users,
        contextTargets=contexts,
        rules=[_rule(flag, each) for each in targeting.rules],
        prerequisites=_prerequisites(targeting, flags),
        trackEvents=targeting.track_events,
        trackEventsFallthrough=targeting.track_events_fallthrough,
        clientSideAvailability=AvailabilityData(flag.mobile, flag.client_side),
        clientSide=flag.client_side,
    )


def _nothing(served: Served) -> FlagData:
    """A flag that is on and serves nothing: an error reason wherever it is asked for."""
    return FlagData(
        key=served.flag.key,
        version=served.version,
        on=True,
        salt="",
        variations=[],
        fallthrough=ServeData(),
        clientSideAvailability=AvailabilityData(False, False),
        clientSide=False,
    )


def _serve(flag: Flag, serve: Serve) -> ServeData:
    if isinstance(serve, Fixed):
        return ServeData(variation=index(flag, serve.variation))
    if serve.scheme != SHA1:
        return ServeData()
    return ServeData(rollout=_rollout(flag, serve))


def _rollout(flag: Flag, rollout: Rollout) -> RolloutData:
    return RolloutData(
        kind="experiment" if rollout.experiment else "rollout",
        contextKind=rollout.kind,
        variations=[
            Slot(index(flag, each.variation), each.weight, each.untracked or UNSET)
            for each in rollout.weights
        ],
        seed=UNSET if rollout.seed is None else rollout.seed,
        bucketBy=rollout.bucket_by or UNSET,
    )


def _rule(flag: Flag, rule: Rule) -> RuleData:
    served = _serve(flag, rule.serve)
    return RuleData(
        id=rule.id,
        clauses=[_clause(each) for each in rule.clauses],
        trackEvents=rule.track_events,
        variation=served.variation,
        rollout=served.rollout,
    )


def _clause(clause: Clause) -> ClauseData:
    return ClauseData(clause.kind, clause.attribute, clause.op, list(clause.values), clause.negate)


def segment(membership: Membership) -> bytes:
    return _encode(_segment(membership))


def _segment(membership: Membership) -> SegmentData:
    portion = {} if membership.share is None else _portion(membership.share, membership.unit)
    rules = [
        SegmentRuleData([_clause(each) for each in group], **portion) for group in members(membership).groups
    ]
    return SegmentData(membership.key, rules, salt=membership.salt)


def _portion(share: int, unit: str) -> dict[str, Any]:
    return {"weight": share, "rolloutContextKind": unit}


def _targets(flag: Flag, targeting: Targeting) -> tuple[list[TargetData], list[TargetData]]:
    """Those of users, and the order among all kinds, in which a user's stands as an empty entry; that
    order is only said where there are other kinds."""
    users: list[TargetData] = []
    order: list[TargetData] = []
    for target in targeting.targets:
        at, keys = index(flag, target.variation), list(target.keys)
        if target.kind == USER:
            users.append(TargetData(keys, at))
        order.append(TargetData([] if target.kind == USER else keys, at, target.kind))
    return users, order if len(users) < len(order) else []


def _prerequisites(targeting: Targeting, flags: Flags) -> list[PrerequisiteData]:
    return [
        PrerequisiteData(
            each.flag, index(flags[each.flag].flag, each.variation) if each.flag in flags else GONE
        )
        for each in targeting.prerequisites
    ]
