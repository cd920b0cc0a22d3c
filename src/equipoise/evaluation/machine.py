"""The fast way: a ruleset whose flags are functions, each written when it is first asked for."""

from collections.abc import Callable
from typing import Any, TypeVar

from equipoise.domain.clauses import SEGMENT_MATCH, Json
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Recorder, with_default
from equipoise.evaluation.evaluate import evaluate
from equipoise.evaluation.patterns import MatcherFactory, safe_matcher
from equipoise.evaluation.ruleset import RuledFlag, Ruleset
from equipoise.evaluation.source import Decide, Holds, Links, Surprise, flag_function, segment_function

T = TypeVar("T")
Written = dict[tuple[str, str], Any]  # functions of flags and segments, which others lead to

DEPTH_MAX = 50  # of flags that need flags, and of segments within segments


class Machine:
    """Evaluates one ruleset, as `evaluate` does. To change the ruleset, make another machine and swap it in.

    Threads may share it: what it keeps are functions, and one that is written twice is the same.
    """

    def __init__(
        self, ruleset: Ruleset, matcher: MatcherFactory = safe_matcher, before: "Machine | None" = None
    ) -> None:
        """matcher  makes the matchers of regular expressions
        before      the machine that this one follows: functions of flags that did not change are taken over
        """
        self.ruleset = ruleset
        self._matcher = matcher
        self._written: Written = {}
        self._ready = _unchanged(ruleset, before) if before and before._matcher is matcher else {}

    def decide(
        self, key: str, context: Context, default: Json = None, record: Recorder | None = None
    ) -> Decision:
        """What the flag serves the context, and why. It never raises.

        default  served where no variation is: an error, or an off flag without a variation for it
        record   told of each flag that was needed first, once the answer stands
        """
        try:
            if record is None:
                decision = self._ready[key](context.parts, None)
                return decision if decision.variation is not None else with_default(decision, default)
        except Exception:
            pass
        return self._carefully(key, context, default, record)

    def value(self, key: str, context: Context, default: Json = None) -> Json:
        """The value alone."""
        try:
            decision = self._ready[key](context.parts, None)
            return decision.value if decision.variation is not None else default
        except Exception:
            return self._carefully(key, context, default, None).value

    def _carefully(self, key: str, context: Context, default: Json, record: Recorder | None) -> Decision:
        """For the first time, for a recorder, and for every surprise."""
        needed: list[tuple[str, Decision, str]] = []
        try:
            decision = self._function(key)(context.parts, lambda *each: needed.append(each))
        except Exception:
            return evaluate(self.ruleset, key, context, default, record, self._matcher)
        if record is not None:
            for each in needed:
                record(*each)
        return with_default(decision, default)

    def _function(self, key: str) -> Decide:
        ready = self._ready.get(key)
        if ready is None:
            writing = _Writing(self.ruleset, self._matcher, self._written)
            ready = self._ready[key] = writing.flag_or_reference(key)
        return ready


class _Writing:
    """Writes a flag with all that it leads to. What leads back to itself is left to the reference."""

    def __init__(self, ruleset: Ruleset, matcher: MatcherFactory, written: Written) -> None:
        self.ruleset, self.written = ruleset, written
        self.links = Links(self.needed, self.segment, matcher)
        self.open: list[tuple[str, str]] = []

    def flag_or_reference(self, key: str) -> Decide:
        flag = self.ruleset.flags[key]
        try:
            return self.once("flag", key, lambda: flag_function(flag, self.links))
        except Exception:
            return _left_to_the_reference

    def needed(self, key: str) -> tuple[RuledFlag, Decide] | None:
        flag = self.ruleset.flags.get(key)
        if flag is None:
            return None
        return flag, self.once("flag", key, lambda: flag_function(flag, self.links))

    def segment(self, key: str) -> Holds | None:
        segment = self.ruleset.segments.get(key)
        if segment is None:
            return None
        return self.once("segment", key, lambda: segment_function(segment, self.links))

    def once(self, noun: str, key: str, write: Callable[[], T]) -> T:
        if (noun, key) in self.open or len(self.open) > DEPTH_MAX:
            raise Surprise
        if (noun, key) not in self.written:
            self.open.append((noun, key))
            self.written[noun, key] = write()
            self.open.pop()
        function: T = self.written[noun, key]
        return function


def _left_to_the_reference(parts: object, record: object) -> Decision:
    raise Surprise


def _unchanged(ruleset: Ruleset, before: Machine) -> dict[str, Decide]:
    """Functions of flags that lead to nothing else and are as they were. A version never comes twice."""
    return {
        key: decide
        for key, decide in before._ready.items()
        if key in ruleset.flags
        and _alone(ruleset.flags[key])
        and ruleset.flags[key] == before.ruleset.flags[key]
    }


def _alone(flag: RuledFlag) -> bool:
    return not flag.prerequisites and not any(
        clause.op == SEGMENT_MATCH for rule in flag.rules for clause in rule.clauses
    )
