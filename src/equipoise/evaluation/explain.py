"""A decision with the steps that led to it: the reference's own walk, with somebody who takes notes."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from equipoise.domain.allocation import SHA1
from equipoise.domain.clauses import SEGMENT_MATCH, Json
from equipoise.evaluation.bucketing import NOWHERE, bounds, digits, prefix, slot_at
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault, Reason
from equipoise.evaluation.evaluate import By, Parts, Walk, evaluate, share
from equipoise.evaluation.evaluate import Needed as NeededFirst
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.operators import EXPECTED, OPERATORS, any_of, elements, questions
from equipoise.evaluation.patterns import MatcherFactory, Unmatched
from equipoise.evaluation.reference import MALFORMED, Path, spelled
from equipoise.evaluation.ruleset import (
    Clause,
    Prerequisite,
    Rollout,
    RuledFlag,
    Ruleset,
    Segment,
    SegmentRule,
    Serve,
    Target,
)
from equipoise.evaluation.steps import (
    AnyStep,
    Asked,
    AskedSegments,
    Belonged,
    Belonging,
    Bounded,
    Cause,
    CutShort,
    Decided,
    Explanation,
    Hashed,
    Needed,
    Node,
    Origins,
    RolledOut,
    Ruled,
    Sampled,
    SegmentRuled,
    Served,
    Switched,
    Targeted,
)

NODES_MAX = 2_000
VALUES_SHOWN_MAX = 10

T = TypeVar("T")


def explain(
    ruleset: Ruleset,
    key: str,
    context: Context,
    default: Json = None,
    matcher: MatcherFactory = linear_matcher,
    origins: Origins | None = None,
) -> Explanation:
    """What `evaluate` answers, with its steps. It never raises.

    origins  what in the ruleset comes from experiments, for the steps to name it
    """
    notes = _Notes(origins or Origins())
    decision = evaluate(ruleset, key, context, default, matcher=matcher, walk=partial(_Noted, notes))
    if decision.reason.error is Fault.EXCEPTION:  # notes go deeper than the walk alone, and may find an end
        decision = evaluate(ruleset, key, context, default, matcher=matcher)
    nodes = [node for node in notes.nodes if not isinstance(node.step, Decided)]
    if not notes.left:
        nodes.append(Node(CutShort()))
    return Explanation(decision, (*nodes, Node(_decided(key, decision))))


def _decided(flag: str, decision: Decision) -> Decided:
    reason = decision.reason
    return Decided(
        flag,
        decision.value,
        decision.variation,
        reason.kind,
        reason.rule_index,
        reason.rule_id,
        reason.prerequisite,
        reason.error,
        reason.in_experiment,
    )


class _Notes:
    """What was noted so far, at the depth that the walk has reached."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.nodes: list[Node] = []
        self.left = NODES_MAX

    def room(self) -> bool:
        """Whether one more may be noted. A step has its place before those within it."""
        if self.left:
            self.left -= 1
            return True
        return False

    def take(self, step: AnyStep) -> None:
        if self.room():
            self.nodes.append(Node(step))


class _Noted(Walk):
    """The walk, each question of it noted with its answer. What the reference answers is never touched."""

    def __init__(
        self, notes: _Notes, ruleset: Ruleset, parts: Parts, matcher: MatcherFactory, needed: NeededFirst
    ) -> None:
        super().__init__(ruleset, parts, matcher, needed)
        self.notes = notes
        self.texts: list[str] = []  # what was hashed last, or nothing
        self.hash: Hashed | None = None

    def noted(self, ask: Callable[[], T], step: Callable[[T | None], AnyStep]) -> T:
        """The answer; what is asked meanwhile stands within the step, which learns of None where the
        question cannot be answered."""
        notes = self.notes
        room = notes.room()
        outside, notes.nodes = notes.nodes, []
        answer: T | None = None
        try:
            answer = ask()
            return answer
        finally:
            within, notes.nodes = tuple(notes.nodes), outside
            if room:
                notes.nodes.append(Node(step(answer), within))

    # flags

    def flag(self, flag: RuledFlag, above: tuple[str, ...]) -> Decision:
        self.notes.take(Switched(flag.key, flag.on))
        decision = super().flag(flag, above)
        self.notes.take(_decided(flag.key, decision))
        return decision

    def met(self, prerequisite: Prerequisite, flag: RuledFlag, above: tuple[str, ...]) -> bool:
        def step(met: bool | None) -> AnyStep:
            there = prerequisite.flag in self.ruleset.flags
            served = self.needed[-1] if there and met is not None else None
            got = served[1].variation if served else None
            return Needed(prerequisite.flag, prerequisite.variation, there, got, met)

        return self.noted(partial(super().met, prerequisite, flag, above), step)

    def targeted(self, target: Target) -> bool:
        held = super().targeted(target)
        part = self.parts.get(target.who.kind)
        key = None if part is None else str(part["key"])
        self.notes.take(Targeted(target.who.kind, key, len(target.who.keys), target.variation, held))
        return held

    def matches(self, flag: RuledFlag, index: int) -> bool:
        id = flag.rules[index].id
        trial = self.notes.origins.rules.get((flag.key, id))
        return self.noted(partial(super().matches, flag, index), lambda held: Ruled(index, id, held, trial))

    def served(self, flag: RuledFlag, serve: Serve, reason: Reason) -> Decision:
        decision = super().served(flag, serve, reason)
        if isinstance(serve, Rollout) and serve.slots:
            self.notes.take(self._rolled_out(flag, serve, decision, reason.rule))
        else:
            self.notes.take(Served(serve if isinstance(serve, int) else None))
        return decision

    def _rolled_out(self, flag: RuledFlag, rollout: Rollout, decision: Decision, rule: str) -> RolledOut:
        hashed = self.hash
        assert hashed is not None  # it was hashed just now
        slots, ends = rollout.slots, bounds(rollout.slots)
        chosen = slot_at(slots, NOWHERE if hashed.bucket is None else hashed.bucket, rollout.coverage)
        return RolledOut(
            hashed,
            tuple(Bounded(s.variation, s.weight, s.untracked, e) for s, e in zip(slots, ends, strict=True)),
            next(index for index, slot in enumerate(slots) if slot is chosen),
            rollout.experiment,
            decision.reason.in_experiment,
            self.notes.origins.rules.get((flag.key, rule)) if rollout.experiment else None,
        )

    # hashes

    def hashed(self, kind: str, path: Path | None, scheme: str, by: By) -> float:
        self.texts.clear()
        at = super().hashed(kind, path, scheme, by)
        text = self.texts[0] if self.texts else None
        found = None if text is None or scheme != SHA1 else f"{digits(text):015x}"
        attribute = "key" if path is None else spelled(path)
        self.hash = Hashed(kind, attribute, text, found, None if at == NOWHERE else at, scheme)
        return at

    def bucket_of(self, scheme: str, by: By, value: str) -> float:
        self.texts.append(prefix(*by) + value if scheme == SHA1 else value)
        return super().bucket_of(scheme, by, value)

    # clauses

    def holds(self, clause: Clause, inside: tuple[str, ...]) -> bool:
        def step(held: bool | None) -> AnyStep:
            if clause.op == SEGMENT_MATCH:
                return AskedSegments(len(clause.values), clause.negate, held)
            return self._asked(clause, held)

        return self.noted(partial(super().holds, clause, inside), step)

    def _asked(self, clause: Clause, held: bool | None) -> Asked:
        readable = clause.path != MALFORMED
        value = self.value(clause) if readable else None
        if clause.path == ("kind",):
            value = list(self.parts)
        because, problem = Cause.MALFORMED, ""
        if readable:
            try:
                because = self._cause(clause, value)
            except Unmatched as unmatched:
                because, problem = Cause.UNMATCHED, str(unmatched)
        return Asked(
            clause.kind,
            spelled(clause.path),
            value,
            clause.op,
            clause.values[:VALUES_SHOWN_MAX],
            len(clause.values),
            clause.negate,
            held,
            because,
            problem,
        )

    def _cause(self, clause: Clause, value: Json) -> Cause:
        """raises Unmatched"""
        if clause.op not in OPERATORS:
            return Cause.NO_OPERATOR
        if value is None:
            return Cause.NO_ATTRIBUTE if clause.kind in self.parts else Cause.NO_KIND
        asked = questions(clause.op, clause.values, self.matcher)
        if any_of(clause.op, asked, value):
            return Cause.MATCH
        if not asked:
            return Cause.NO_VALUE
        expected = EXPECTED.get(clause.op)
        fits = expected is None or any(expected.read(each) is not None for each in elements(value))
        return Cause.NO_MATCH if fits else Cause.WRONG_TYPE

    # segments

    def within(self, key: str, inside: tuple[str, ...]) -> bool:
        def step(held: bool | None) -> AnyStep:
            known = self.notes.origins.segments.get(key)
            return Belonged(key, held, self._belonging(key, held), known)

        return self.noted(partial(super().within, key, inside), step)

    def _belonging(self, key: str, held: bool | None) -> Belonging:
        segment = self.ruleset.segments.get(key)
        if held is None:
            return Belonging.MALFORMED
        if segment is None:
            return Belonging.MISSING
        if segment.unbounded:
            return Belonging.UNBOUNDED
        if self.named(segment.included):
            return Belonging.INCLUDED
        if self.named(segment.excluded):
            return Belonging.EXCLUDED
        return Belonging.RULE if held else Belonging.NO_RULE

    def let_in(self, rule: SegmentRule, segment: Segment, inside: tuple[str, ...]) -> bool:
        index = next(at for at, each in enumerate(segment.rules) if each is rule)
        return self.noted(
            partial(super().let_in, rule, segment, inside), lambda held: SegmentRuled(index, held)
        )

    def sampled(self, rule: SegmentRule, segment: Segment, weight: int) -> bool:
        held = super().sampled(rule, segment, weight)
        assert self.hash is not None  # it was hashed just now
        self.notes.take(Sampled(weight, share(weight), self.hash, held))
        return held
