"""The reference: walks a ruleset as it stands. What is generated must answer the same, only sooner."""

from collections.abc import Callable, Iterable, Mapping

from equipoise.domain.allocation import SHA1
from equipoise.domain.clauses import SEGMENT_MATCH, Json
from equipoise.evaluation.bucketing import NOWHERE, SCHEMES, bucket, bucketable, slot_at
from equipoise.evaluation.context import Context, dig
from equipoise.evaluation.decision import (
    Decision,
    Fault,
    Reason,
    Recorder,
    Why,
    error,
    serving,
    with_default,
)
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.operators import any_of, questions
from equipoise.evaluation.patterns import MatcherFactory, Unmatched
from equipoise.evaluation.reference import MALFORMED, Path
from equipoise.evaluation.ruleset import (
    Clause,
    Keys,
    Prerequisite,
    Rollout,
    RuledFlag,
    Ruleset,
    Segment,
    SegmentRule,
    Serve,
    Slot,
    Target,
)

Parts = Mapping[str, Mapping[str, Json]]
By = tuple[str, str, int | None]  # key, salt and seed: what stands for the flag in a hash
Needed = list[tuple[str, Decision, str]]
REACHED_MAX = 1_000  # flags in one decision, counted by every way that leads to them
Walking = Callable[[Ruleset, Parts, MatcherFactory, Needed], "Walk"]


def evaluate(
    ruleset: Ruleset,
    key: str,
    context: Context,
    default: Json = None,
    record: Recorder | None = None,
    matcher: MatcherFactory = linear_matcher,
    walk: "Walking | None" = None,
) -> Decision:
    """What the flag serves the context, and why. It never raises, whatever context and ruleset hold.

    default  served where no variation is: an error, or an off flag without a variation for it
    record   told of each flag that was needed first, once the answer stands
    matcher  makes the matchers of regular expressions
    walk     makes the walk, for whoever wants to hear each question that it asks; it must answer the same
    """
    needed: Needed = []
    version = 0
    try:
        if not context.parts:
            return with_default(error(Fault.USER_NOT_SPECIFIED), default)
        flag = ruleset.flags.get(key)
        if flag is None:
            return with_default(error(Fault.FLAG_NOT_FOUND), default)
        version = flag.version
        decision = (walk or Walk)(ruleset, context.parts, matcher, needed).flag(flag, ())
    except (Malformed, Unmatched):
        decision = error(Fault.MALFORMED_FLAG, version)
    except Exception:
        return with_default(error(Fault.EXCEPTION, version), default)
    if record is not None:
        for each in needed:
            record(*each)
    return with_default(decision, default)


class Malformed(Exception):
    """The flag, or what it leads to, makes no sense."""


class Walk:
    """One evaluation: a context, and what was met on the way. Each question is a method of its own, so that
    whoever explains an answer can stand beside it."""

    def __init__(
        self,
        ruleset: Ruleset,
        parts: Parts,
        matcher: MatcherFactory,
        needed: Needed,
    ) -> None:
        self.ruleset, self.parts, self.matcher, self.needed = ruleset, parts, matcher, needed
        self.decided: dict[str, tuple[Decision, slice]] = {}  # flags that were needed, and what they needed

    def flag(self, flag: RuledFlag, above: tuple[str, ...]) -> Decision:
        """`above` are the keys of the flags that asked for this one."""
        if not flag.on:
            return serving(flag, flag.off_variation, Reason(Why.OFF))
        failed = self.failed(flag, (*above, flag.key))
        if failed is not None:
            return serving(flag, flag.off_variation, Reason(Why.PREREQUISITE_FAILED, prerequisite=failed))
        for target in flag.targets:
            if self.targeted(target):
                return serving(flag, target.variation, Reason(Why.TARGET_MATCH))
        for index, rule in enumerate(flag.rules):
            if self.matches(flag, index):
                return self.served(flag, rule.serve, Reason(Why.RULE_MATCH, index, rule.id))
        return self.served(flag, flag.fallthrough, Reason(Why.FALLTHROUGH))

    def failed(self, flag: RuledFlag, above: tuple[str, ...]) -> str | None:
        """The key of the first prerequisite that fails."""
        for prerequisite in flag.prerequisites:
            if not self.met(prerequisite, flag, above):
                return prerequisite.flag
        return None

    def met(self, prerequisite: Prerequisite, flag: RuledFlag, above: tuple[str, ...]) -> bool:
        if prerequisite.flag in above:
            raise Malformed
        needed = self.ruleset.flags.get(prerequisite.flag)
        if needed is None:
            return False
        decision = self.decision_of(needed, above)
        self.needed.append((needed.key, decision, flag.key))
        return needed.on and decision.variation == prerequisite.variation

    def decision_of(self, needed: RuledFlag, above: tuple[str, ...]) -> Decision:
        """Of a flag that others may need too: decided once, and recorded as often as it is needed, up to
        REACHED_MAX in all. Flags that share what they need would take a time that doubles with each level."""
        known = self.decided.get(needed.key)
        if known is None:
            start = len(self.needed)
            decision = self.flag(needed, above)
            self.decided[needed.key] = decision, slice(start, len(self.needed))
            return decision
        decision, within = known
        if len(self.needed) + within.stop - within.start <= REACHED_MAX:
            self.needed += self.needed[within]
        return decision

    def targeted(self, target: Target) -> bool:
        return self.named((target.who,))

    def matches(self, flag: RuledFlag, index: int) -> bool:
        return self.all_hold(flag.rules[index].clauses, ())

    def served(self, flag: RuledFlag, serve: Serve, reason: Reason) -> Decision:
        if serve is None:
            return error(Fault.MALFORMED_FLAG, flag.version)
        if isinstance(serve, int):
            return serving(flag, serve, reason)
        if not serve.slots:
            return error(Fault.MALFORMED_FLAG, flag.version)
        at = self.bucket(serve, flag)
        slot = slot_at(serve.slots, at, serve.coverage)
        return serving(flag, slot.variation, reason) if at == NOWHERE else landed(flag, serve, slot, reason)

    def bucket(self, rollout: Rollout, flag: RuledFlag) -> float:
        path = None if rollout.experiment else rollout.bucket_by
        return self.hashed(rollout.kind, path, rollout.scheme, (flag.key, flag.salt, rollout.seed))

    def hashed(self, kind: str, path: Path | None, scheme: str, by: By) -> float:
        if path == MALFORMED or scheme not in SCHEMES:
            raise Malformed
        part = self.parts.get(kind)
        if part is None:
            return NOWHERE
        value = bucketable(part["key"] if path is None else dig(part, path))
        return 0.0 if value is None else self.bucket_of(scheme, by, value)

    def bucket_of(self, scheme: str, by: By, value: str) -> float:
        known = SCHEMES[scheme]
        return bucket(known.number(*by)(value), known.size)

    def all_hold(self, clauses: Iterable[Clause], inside: tuple[str, ...]) -> bool:
        """`inside` are the keys of the segments whose rules lead here."""
        return all(self.holds(clause, inside) for clause in clauses)

    def holds(self, clause: Clause, inside: tuple[str, ...]) -> bool:
        if clause.op == SEGMENT_MATCH:
            return self.in_any(clause.values, inside) is not clause.negate
        if clause.path == MALFORMED:
            raise Malformed
        value: Json = list(self.parts) if clause.path == ("kind",) else self.value(clause)
        if value is None:
            return False
        asked = questions(clause.op, clause.values, self.matcher)
        return any_of(clause.op, asked, value) is not clause.negate

    def value(self, clause: Clause) -> Json:
        part = self.parts.get(clause.kind)
        return None if part is None else dig(part, clause.path)

    def in_any(self, keys: Iterable[Json], inside: tuple[str, ...]) -> bool:
        return any(self.within(key, inside) for key in keys if isinstance(key, str))

    def within(self, key: str, inside: tuple[str, ...]) -> bool:
        segment = self.ruleset.segments.get(key)
        return segment is not None and self.in_segment(segment, inside)

    def in_segment(self, segment: Segment, inside: tuple[str, ...]) -> bool:
        if segment.key in inside:
            raise Malformed
        if segment.unbounded:
            return False
        if self.named(segment.included):
            return True
        if self.named(segment.excluded):
            return False
        further = (*inside, segment.key)
        return any(self.let_in(rule, segment, further) for rule in segment.rules)

    def let_in(self, rule: SegmentRule, segment: Segment, inside: tuple[str, ...]) -> bool:
        if not self.all_hold(rule.clauses, inside):
            return False
        return rule.weight is None or self.sampled(rule, segment, rule.weight)

    def sampled(self, rule: SegmentRule, segment: Segment, weight: int) -> bool:
        at = self.hashed(rule.kind, rule.bucket_by, SHA1, (segment.key, segment.salt, None))
        return at < share(weight)

    def named(self, lists: Iterable[Keys]) -> bool:
        return any(each.kind in self.parts and self.parts[each.kind]["key"] in each.keys for each in lists)


def landed(flag: RuledFlag, rollout: Rollout, slot: Slot, reason: Reason) -> Decision:
    """What a unit gets that was hashed into this slot: in an experiment it is in an arm, or untracked."""
    counted = rollout.experiment and not slot.untracked
    within = Reason(reason.kind, reason.rule_index, reason.rule_id, in_experiment=counted)
    return serving(flag, slot.variation, within)


def share(weight: int) -> float:
    """A weight as part of one, in double precision."""
    return weight / 100_000.0
