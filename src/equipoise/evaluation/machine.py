"""The fast way: a ruleset whose flags are functions, each written when it is first asked for."""

from collections.abc import Callable, Mapping, Set
from typing import Any, TypeVar

from equipoise.domain.clauses import Json
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Recorder, with_default
from equipoise.evaluation.evaluate import REACHED_MAX, evaluate
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.patterns import MatcherFactory
from equipoise.evaluation.ruleset import RuledFlag, Ruleset
from equipoise.evaluation.source import Decide, Holds, Links, Surprise, flag_function, segment_function

T = TypeVar("T")
Name = tuple[str, str]  # noun and key: a flag or a segment

DEPTH_MAX = 50  # of flags that need flags, and of segments within segments


class Machine:
    """Evaluates one ruleset, as `evaluate` does. To change the ruleset, make another machine and swap it in.

    Threads may share it: what it keeps are functions, and one that is written twice is the same.
    """

    def __init__(
        self, ruleset: Ruleset, matcher: MatcherFactory = linear_matcher, before: "Machine | None" = None
    ) -> None:
        """matcher  makes the matchers of regular expressions
        before      the machine that this one follows: functions of what is the same object as there, and
                    leads to nothing else, are taken over
        """
        self.ruleset = ruleset
        self._matcher = matcher
        self._ready: dict[str, Decide] = {}
        self._written = Written()
        if before is not None and before._matcher is matcher:
            self._take_over(before)

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

    def _take_over(self, before: "Machine") -> None:
        changed = {
            *(("flag", key) for key in _changed(before.ruleset.flags, self.ruleset.flags)),
            *(("segment", key) for key in _changed(before.ruleset.segments, self.ruleset.segments)),
        }
        ready, self._written = before._ready.copy(), before._written.copy()
        for name in self._written.drop(changed):
            if name[0] == "flag":
                ready.pop(name[1], None)
        self._ready = ready


class Written:
    """Functions of flags and segments, and which of them lead to which, be it there or not."""

    def __init__(self) -> None:
        self.functions: dict[Name, Any] = {}
        self.users: dict[Name, dict[Name, None]] = {}  # who leads to it

    def link(self, user: Name, used: Name) -> None:
        self.users.setdefault(used, {})[user] = None

    def copy(self) -> "Written":
        """Functions first: another thread may be writing, and links a function before it keeps it."""
        made = Written()
        made.functions = self.functions.copy()
        made.users = {used: users.copy() for used, users in self.users.copy().items()}
        return made

    def drop(self, changed: Set[Name]) -> set[Name]:
        """Forgets the functions of these and of all that leads to them. returns their names"""
        affected, left = set(changed), list(changed)
        while left:
            more = self.users.pop(left.pop(), {}).keys() - affected
            affected |= more
            left += more
        for name in affected:
            self.functions.pop(name, None)
        return affected


class _Writing:
    """Writes a flag with all that it leads to. What leads back to itself is left to the reference."""

    def __init__(self, ruleset: Ruleset, matcher: MatcherFactory, written: Written) -> None:
        self.ruleset, self.written = ruleset, written
        self.links = Links(self.needed, self.segment, matcher)
        self.open: list[Name] = []

    def flag_or_reference(self, key: str) -> Decide:
        flag = self.ruleset.flags[key]
        try:
            written = self.once(("flag", key), lambda: flag_function(flag, self.links))
            return written if self.reached(key, {}) <= REACHED_MAX else _left_to_the_reference
        except Exception:
            return _left_to_the_reference

    def reached(self, key: str, known: dict[str, int]) -> int:
        """How many flags a function decides at most: those that are needed twice, twice. The reference
        decides each once. Of a flag that leads back to itself nothing is written, so this ends."""
        if key not in known:
            flag = self.ruleset.flags.get(key)
            needed = flag.prerequisites if flag is not None and flag.on else ()
            known[key] = 1 + sum(self.reached(each.flag, known) for each in needed)
        return known[key]

    def needed(self, key: str) -> tuple[RuledFlag, Decide] | None:
        flag = self.ruleset.flags.get(key)
        self.leads_to(("flag", key))
        if flag is None:
            return None
        return flag, self.once(("flag", key), lambda: flag_function(flag, self.links))

    def segment(self, key: str) -> Holds | None:
        segment = self.ruleset.segments.get(key)
        self.leads_to(("segment", key))
        if segment is None:
            return None
        return self.once(("segment", key), lambda: segment_function(segment, self.links))

    def leads_to(self, name: Name) -> None:
        self.written.link(self.open[-1], name)

    def once(self, name: Name, write: Callable[[], T]) -> T:
        if name in self.open or len(self.open) > DEPTH_MAX:
            raise Surprise
        if name not in self.written.functions:
            self.open.append(name)
            self.written.functions[name] = write()
            self.open.pop()
        function: T = self.written.functions[name]
        return function


def _left_to_the_reference(parts: object, record: object) -> Decision:
    raise Surprise


def _changed(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    """Keys of what is another object than before, or gone, or new."""
    other = {key for key, each in now.items() if before.get(key) is not each}
    return other | (before.keys() - now.keys())
