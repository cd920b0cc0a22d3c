"""What flags serve one context, as browsers and phones read it: values, and what to report of them.

Nothing of a flag that is not available to them is said, not even its key.
"""

import logging
from collections.abc import Set

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from equipoise.application.availability import available
from equipoise.application.serving import Key, Live
from equipoise.domain.clauses import Json
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault, Reason, Why, error
from equipoise.evaluation.machine import Machine
from equipoise.evaluation.ruleset import RuledFlag

_encode = msgspec.json.Encoder().encode
_log = logging.getLogger("equipoise.delivery")


class ReasonData(Struct, frozen=True):
    kind: str
    ruleIndex: int | UnsetType = UNSET  # noqa: N815
    ruleId: str | UnsetType = UNSET  # noqa: N815
    prerequisiteKey: str | UnsetType = UNSET  # noqa: N815
    errorKind: str | UnsetType = UNSET  # noqa: N815
    inExperiment: bool | UnsetType = UNSET  # noqa: N815


class Entry(Struct, frozen=True):
    """What one flag serves. Where that is no variation, the value is null, and SDKs serve their default.

    flagVersion    the version that events name, as server-side SDKs do
    prerequisites  flags whose evaluation led here: an SDK reports them before this one
    """

    value: Json
    variation: int | None
    version: int
    flagVersion: int  # noqa: N815
    trackEvents: bool | UnsetType = UNSET  # noqa: N815
    trackReason: bool | UnsetType = UNSET  # noqa: N815
    reason: ReasonData | UnsetType = UNSET
    prerequisites: list[str] | UnsetType = UNSET


def document(live: Live, audience: Key, context: Context, with_reasons: bool = False) -> bytes:
    """Flag key → Entry, of every flag that is available to them. It raises nothing, whatever the context is.

    audience  the kind of key that they come with
    """
    keys = {key: served for key, served in live.snapshot.flags.items() if available(served.flag, audience)}
    entries = {key: entry(live.machine, key, keys.keys(), context, with_reasons) for key in keys}
    try:
        return _encode(entries)
    except Exception:
        return _encode({key: Raw(_carefully(key, each)) for key, each in entries.items()})


def entry(machine: Machine, key: str, keys: Set[str], context: Context, with_reasons: bool) -> Entry:
    """What the flag serves the context.

    keys  of the flags that may be spoken of
    """
    flag = machine.ruleset.flags[key]
    needed = _Needed(keys) if flag.prerequisites else None
    decision = machine.decide(key, context, record=None if needed is None else needed.note)
    reason, watched = decision.reason, _watched(flag, decision.reason)
    return Entry(
        value=decision.value,
        variation=decision.variation,
        version=decision.version,
        flagVersion=decision.version,
        trackEvents=watched or flag.track_events or UNSET,
        trackReason=watched or UNSET,
        reason=_reason(reason, keys) if watched or with_reasons else UNSET,
        prerequisites=UNSET if needed is None else needed.of(key) or UNSET,
    )


class _Needed:
    """What flags were evaluated for others, the innermost first. Behind one that may not be spoken of stands
    what was evaluated for it: its exposures are reported too."""

    def __init__(self, keys: Set[str]) -> None:
        self._keys = keys
        self._by_flag: dict[str, list[str]] = {}

    def note(self, key: str, _: Decision, by: str) -> None:
        behind = self._by_flag.pop(key, [])
        self._by_flag.setdefault(by, []).extend([key] if key in self._keys else behind)

    def of(self, key: str) -> list[str]:
        return list(dict.fromkeys(self._by_flag.get(key, ())))


def _watched(flag: RuledFlag, reason: Reason) -> bool:
    """Whether each evaluation is to be reported, with its reason, as a server-side SDK would."""
    if reason.in_experiment:
        return True
    if reason.kind is Why.RULE_MATCH and reason.rule_index is not None:
        return flag.rules[reason.rule_index].track_events
    return reason.kind is Why.FALLTHROUGH and flag.track_events_fallthrough


def _reason(reason: Reason, keys: Set[str]) -> ReasonData:
    return ReasonData(
        kind=reason.kind.value,
        ruleIndex=UNSET if reason.rule_index is None else reason.rule_index,
        ruleId=reason.rule_id or UNSET,
        prerequisiteKey=reason.prerequisite if reason.prerequisite in keys else UNSET,
        errorKind=UNSET if reason.error is None else reason.error.value,
        inExperiment=reason.in_experiment or UNSET,
    )


def _carefully(key: str, entry: Entry) -> bytes:
    """One that cannot be written is an error, and the others are what they are."""
    try:
        return _encode(entry)
    except Exception as cause:
        _log.warning("flag %s is delivered as malformed: %s", key, cause)
        bad = error(Fault.MALFORMED_FLAG, entry.version)
        return _encode(Entry(None, None, bad.version, bad.version, reason=_reason(bad.reason, frozenset())))
