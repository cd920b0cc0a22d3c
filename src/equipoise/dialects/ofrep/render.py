"""What an environment answers for its flags, each answer made once for as long as nothing changes."""

from collections import OrderedDict
from hashlib import sha256

import msgspec
from msgspec import UNSET

from equipoise.application.answers import Answer
from equipoise.application.availability import available, reach
from equipoise.application.serving import Key, Live
from equipoise.dialects.ofrep.documents import Success
from equipoise.dialects.ofrep.errors import FLAG_NOT_FOUND, GENERAL, failed
from equipoise.domain.clauses import Json
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.decision import Decision, Why
from equipoise.evaluation.ruleset import Rollout, RuledFlag
from equipoise.translation.wire import Ready, ready

STATIC, MATCH, SPLIT, DISABLED = "STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED"
NO_VARIANT = ""  # of a flag that is off and leaves the value to the application
HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
SHOWN_MAX = 1_000  # environments
_encode = msgspec.json.Encoder().encode

_Name = tuple[str, int | None, Why, str, bool]


class Showing:
    """The answers of one environment as it is now."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._rendered: dict[_Name, Ready] = {}
        self._keys: dict[Key, tuple[str, ...]] = {}
        self._tags: dict[Key, str] = {}

    def tag(self, kind: Key) -> str:
        """Another for other flags, versions or names that concern such a key; the same in every process."""
        known = self._tags.get(kind)
        if known is None:
            known = self._tags[kind] = tag_of(self.live.snapshot, kind)
        return known

    def keys(self, kind: Key) -> tuple[str, ...]:
        """Of the flags that such a key may see."""
        known = self._keys.get(kind)
        if known is None:
            flags = self.live.snapshot.flags.items()
            known = self._keys[kind] = tuple(key for key, each in flags if available(each.flag, kind))
        return known

    def answer(self, key: str, decision: Decision) -> Ready:
        """What is answered for a flag that is there."""
        reason = decision.reason
        name = (key, decision.variation, reason.kind, reason.rule_id, reason.in_experiment)
        made = self._rendered.get(name)
        if made is None:
            made = self._rendered[name] = self._render(key, decision)
        return made

    def _render(self, key: str, decision: Decision) -> Ready:
        if decision.reason.kind is Why.ERROR:
            return ready(failed(400, GENERAL, f"flag {key!r} makes no sense and serves nothing", key))
        ruled = self.live.machine.ruleset.flags[key]
        document = _success(self.live.snapshot.flags[key].flag, ruled, decision)
        try:
            return ready(Answer(200, _encode(document), HEADERS))
        except (ValueError, OverflowError, RecursionError):
            return ready(failed(400, GENERAL, f"the value of flag {key!r} cannot be written", key))


class Showings:
    """Those of the environments that were asked for last."""

    def __init__(self) -> None:
        self._known: OrderedDict[Id, Showing] = OrderedDict()

    def of(self, live: Live) -> Showing:
        id = live.snapshot.environment.id
        known = self._known.get(id)
        if known is None or known.live is not live:
            known = self._known[id] = Showing(live)
            if len(self._known) > SHOWN_MAX:
                self._known.popitem(last=False)
        return known


def not_found(key: str) -> Answer:
    return failed(404, FLAG_NOT_FOUND, f"there is no flag {key!r} here", key)


def tag_of(snapshot: Snapshot, kind: Key) -> str:
    """The tag of what an environment serves to such a key, and of the names it is answered under. Of other
    flags it tells nothing, not even that they changed."""
    said = sha256()
    for key, served in reach(snapshot, kind).items():
        names = [each.name for each in served.flag.variations]
        said.update(_encode((key, served.version, names)))
    return said.hexdigest()[:32]


def variant(flag: Flag, variation: int) -> str:
    """The name of a variation, or its id where it has none of its own."""
    found = flag.variations[variation]
    alone = [each.name for each in flag.variations].count(found.name) == 1
    return found.name if found.name and alone else found.id


def reason_of(flag: RuledFlag, decision: Decision) -> str:
    """In the words of the protocol. STATIC is said where no context could change the answer, since clients
    may keep that one."""
    reason = decision.reason
    if reason.kind in (Why.OFF, Why.PREREQUISITE_FAILED):
        return DISABLED
    if reason.kind is Why.TARGET_MATCH:
        return MATCH
    matched = reason.kind is Why.RULE_MATCH and reason.rule_index is not None
    serve = flag.rules[reason.rule_index or 0].serve if matched else flag.fallthrough
    if isinstance(serve, Rollout):
        return SPLIT
    return MATCH if matched or flag.rules or flag.targets or flag.prerequisites else STATIC


def _success(flag: Flag, ruled: RuledFlag, decision: Decision) -> Success:
    metadata: dict[str, bool | str | int] = {"version": decision.version}
    at = decision.variation
    if at is not None and decision.reason.in_experiment:
        metadata |= {"inExperiment": True, "rule": decision.reason.rule, "variation": at}
    return Success(
        key=flag.key,
        reason=reason_of(ruled, decision),
        variant=NO_VARIANT if at is None else variant(flag, at),
        metadata=metadata,
        value=UNSET if at is None else _value(flag, decision.value),
    )


def _value(flag: Flag, value: Json) -> Json:
    """A whole number of a flag whose values are fractions is written as one: clients ask for either."""
    values = [each.value for each in flag.variations]
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
    return float(value) if numbers and any(isinstance(each, float) for each in values) else value
