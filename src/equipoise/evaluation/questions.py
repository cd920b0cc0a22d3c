"""What a clause asks of a value of the type it expects, as an expression of Python."""

from collections.abc import Callable, Iterable
from operator import ge, gt, le, lt

from msgspec import Struct

from equipoise.evaluation.operators import number, version, versioned
from equipoise.evaluation.patterns import MatcherFactory
from equipoise.evaluation.prepared import EXACT, READ, bounds, members, texts
from equipoise.evaluation.ruleset import Clause

Naming = Callable[[object], str]  # the name of a constant

IS_TEXT = "v.__class__ is str"
IS_NUMBER = "v.__class__ is int or v.__class__ is float"
SIGNS = {
    "lessThan": ("<", lt),
    "lessThanOrEqual": ("<=", le),
    "greaterThan": (">", gt),
    "greaterThanOrEqual": (">=", ge),
    "before": ("<", lt),
    "after": (">", gt),
    "semVerLessThan": ("<", lt),
    "semVerGreaterThan": (">", gt),
}
ALTERNATIVES_MAX = 16  # more are asked in a loop
ANSWERS_KEPT_MAX = 256  # of one clause
TEXT_KEPT_MAX = 64  # characters


class Answers(dict[str, bool]):
    """What a clause answers to texts that it met before: contexts are many, versions and moments are few."""

    def __init__(self, ask: Callable[[str], bool]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, text: str) -> bool:
        answer = self._ask(text)
        if len(text) <= TEXT_KEPT_MAX:
            if len(self) >= ANSWERS_KEPT_MAX:
                self.clear()
            self[text] = answer
        return answer


class Question(Struct, frozen=True):
    """guard  whether `v` is of the type that is expected
    test      whether such a `v` answers yes
    """

    guard: str
    test: str


def typed(clause: Clause, matcher: MatcherFactory, naming: Naming) -> Question | None:
    """The question, or None where no type is expected above others. Negation is not in it."""
    if clause.op == "in":
        return _in(clause, naming)
    if clause.op in ("startsWith", "endsWith", "contains"):
        return _by_text(clause, naming)
    if clause.op == "matches":
        return _matches(clause, matcher, naming)
    if clause.op == "semVerEqual":
        known = frozenset(bounds(clause, versioned))
        return _answered(lambda text: version(text) in known, naming)
    return _by_order(clause, naming) if clause.op in READ else None


def _in(clause: Clause, naming: Naming) -> Question | None:
    found = members(clause.values)
    if len(found.texts) == 1:
        return Question(IS_TEXT, f"v == {naming(next(iter(found.texts)))}")
    if found.texts:
        return Question(IS_TEXT, f"v in {naming(found.texts)}")
    return Question(IS_NUMBER, f"v in {naming(found.numbers)}") if found.numbers else None


def _by_text(clause: Clause, naming: Naming) -> Question | None:
    asked = texts(clause)
    if not asked:
        return None
    if clause.op == "contains":
        return _any(f"{naming(each)} in v" for each in asked) if len(asked) <= ALTERNATIVES_MAX else None
    return Question(IS_TEXT, f"v.{clause.op.lower()}({naming(asked[0] if len(asked) == 1 else asked)})")


def _matches(clause: Clause, matcher: MatcherFactory, naming: Naming) -> Question | None:
    found = [each for pattern in texts(clause) if (each := matcher(pattern)) is not None]
    return _any(f"{naming(each)}(v)" for each in found) if 0 < len(found) <= ALTERNATIVES_MAX else None


def _any(tests: Iterable[str]) -> Question:
    return Question(IS_TEXT, " or ".join(tests))


def _by_order(clause: Clause, naming: Naming) -> Question | None:
    read, decisive = READ[clause.op]
    found = bounds(clause, read)
    if not found:
        return None
    bound, (sign, holds) = decisive(found), SIGNS[clause.op]
    if read is number:
        return Question(IS_NUMBER, f"v {sign} {naming(bound)}") if abs(bound) < EXACT else None
    return _answered(lambda text: (met := read(text)) is not None and holds(met, bound), naming)


def _answered(ask: Callable[[str], bool], naming: Naming) -> Question:
    return Question(IS_TEXT, f"{naming(Answers(ask))}[v]")
