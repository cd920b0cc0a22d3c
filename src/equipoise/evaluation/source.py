"""Writes a flag, or a segment, as the source of one Python function.

Nothing that a user wrote stands in the source: every value is a constant with a name of ours.
What the source cannot say for sure raises, and the reference answers instead.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha1
from itertools import groupby
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct

from equipoise.domain.allocation import SHA1
from equipoise.domain.clauses import SEGMENT_MATCH
from equipoise.evaluation.bucketing import (
    NOWHERE,
    SCHEMES,
    bucketable,
    limit,
    prefix,
    slot_at,
    steps,
    threshold,
)
from equipoise.evaluation.context import dig
from equipoise.evaluation.decision import Decision, Fault, Reason, Why, error, serving
from equipoise.evaluation.evaluate import landed, share
from equipoise.evaluation.patterns import MatcherFactory
from equipoise.evaluation.prepared import ready
from equipoise.evaluation.questions import typed
from equipoise.evaluation.reference import MALFORMED, Path
from equipoise.evaluation.ruleset import Clause, Keys, Rollout, RuledFlag, Segment, Serve

Decide = Callable[[Any, Any], Decision]  # the parts of a context, and a recorder or None
Holds = Callable[[Any], bool]  # the parts of a context


class Surprise(Exception):
    """The reference must answer this one."""


class Links(Struct, frozen=True):
    """What a function needs beside itself; each by key, None where there is none."""

    flag: Callable[[str], tuple[RuledFlag, Decide] | None]
    segment: Callable[[str], Holds | None]
    matcher: MatcherFactory


NOWHERE_ELSE = Links(lambda key: None, lambda key: None, lambda pattern: None)


class Source:
    """A function as it is written: its lines, its constants, and a local name for each context kind."""

    def __init__(self, links: Links = NOWHERE_ELSE) -> None:
        self.links = links
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {"sha1": sha1, "dig": dig, "bucketable": bucketable}
        self.kinds: dict[str, str] = {}

    def constant(self, value: object) -> str:
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name

    def part(self, kind: str) -> str:
        """The local that holds the part of this kind, or None."""
        return self.kinds.setdefault(kind, f"p{len(self.kinds)}")

    def add(self, depth: int, *lines: str) -> None:
        self.lines += ("    " * depth + line for line in lines)

    def function(self, arguments: str) -> Callable[..., Any]:
        """What was written, ready to be called."""
        head = [f"    {local} = parts.get({self.constant(kind)})" for kind, local in self.kinds.items()]
        text = "\n".join([f"def written({arguments}):", *head, *self.lines])
        # a copy, since the interpreter notes in the code where the constants of a function are found
        return FunctionType(_code(text).replace(), self.constants)


@lru_cache(maxsize=1024)
def _code(text: str) -> CodeType:
    """Of the one function in the text. Flags of one shape share their text: their values are constants."""
    return next(each for each in compile(text, "<ruleset>", "exec").co_consts if isinstance(each, CodeType))


def flag_function(flag: RuledFlag, links: Links) -> Decide:
    """raises  Surprise, or anything else, when it cannot be written"""
    source = Source(links)
    source.add(1, "if not parts: raise LookupError")
    if not flag.on:
        _return(source, 1, serving(flag, flag.off_variation, Reason(Why.OFF)))
    elif _prerequisites(source, flag):
        _targets(source, flag)
        _rules(source, flag)
    return source.function("parts, record")


def segment_function(segment: Segment, links: Links) -> Holds:
    """raises  Surprise, or anything else, when it cannot be written"""
    source = Source(links)
    if not segment.unbounded:
        _named(source, segment.included, True)
        _named(source, segment.excluded, False)
        for rule in segment.rules:
            source.add(1, "while True:")
            _clauses(source, rule.clauses)
            if rule.weight is None:
                source.add(2, "return True")
            else:
                _share(source, segment, rule.kind, rule.bucket_by, rule.weight)
    source.add(1, "return False")
    return source.function("parts")


def _return(source: Source, depth: int, decision: object) -> None:
    source.add(depth, f"return {source.constant(decision)}")


def _prerequisites(source: Source, flag: RuledFlag) -> bool:
    """Whether anything is left to be said after them."""
    for prerequisite in flag.prerequisites:
        reason = Reason(Why.PREREQUISITE_FAILED, prerequisite=prerequisite.flag)
        failed = serving(flag, flag.off_variation, reason)
        link = source.links.flag(prerequisite.flag)
        if link is None:
            _return(source, 1, failed)
            return False
        needed, decide = link
        names = (source.constant(needed.key), source.constant(flag.key))
        source.add(1, f"d = {source.constant(decide)}(parts, record)")
        source.add(1, f"if record is not None: record({names[0]}, d, {names[1]})")
        if not needed.on:
            _return(source, 1, failed)
            return False
        source.add(1, f"if d.variation != {source.constant(prerequisite.variation)}:")
        _return(source, 2, failed)
    return True


def _targets(source: Source, flag: RuledFlag) -> None:
    for kind, run in groupby(flag.targets, lambda target: target.who.kind):
        served: dict[str, Decision] = {}
        for target in run:
            decision = serving(flag, target.variation, Reason(Why.TARGET_MATCH))
            for key in target.who.keys:
                served.setdefault(key, decision)
        part = source.part(kind)
        source.add(1, f"if {part} is not None:")
        source.add(2, f"d = {source.constant(served)}.get({part}['key'])", "if d is not None: return d")


def _rules(source: Source, flag: RuledFlag) -> None:
    for index, rule in enumerate(flag.rules):
        source.add(1, "while True:")
        _clauses(source, rule.clauses)
        _serve(source, 2, flag, rule.serve, Reason(Why.RULE_MATCH, index, rule.id))
    _serve(source, 1, flag, flag.fallthrough, Reason(Why.FALLTHROUGH))


def _serve(source: Source, depth: int, flag: RuledFlag, serve: Serve, reason: Reason) -> None:
    if isinstance(serve, Rollout) and serve.slots:
        _rollout(source, depth, flag, serve, reason)
    elif isinstance(serve, int):
        _return(source, depth, serving(flag, serve, reason))
    else:
        _return(source, depth, error(Fault.MALFORMED_FLAG, flag.version))


def _rollout(source: Source, depth: int, flag: RuledFlag, rollout: Rollout, reason: Reason) -> None:
    scheme = SCHEMES.get(rollout.scheme)
    path = None if rollout.experiment else rollout.bucket_by
    if scheme is None or path == MALFORMED:
        source.add(depth, "raise LookupError")
        return
    slots, coverage = rollout.slots, rollout.coverage
    nowhere = serving(flag, slot_at(slots, NOWHERE, coverage).variation, reason)
    zero = landed(flag, rollout, slot_at(slots, 0.0, coverage), reason)
    _value(source, depth, rollout.kind, path, nowhere, zero)
    hashing(source, depth, rollout.scheme, (flag.key, flag.salt, rollout.seed))
    for end, slot in steps(slots, coverage, scheme.size):
        _below(source, depth, rollout.scheme, end, landed(flag, rollout, slot, reason))


def _share(source: Source, segment: Segment, kind: str, path: Path | None, weight: int) -> None:
    end = share(weight)
    if path == MALFORMED:
        source.add(2, "raise LookupError")
        return
    # what comes after is another rule, so the answer no is a break
    _value(source, 2, kind, path, end > NOWHERE or None, end > 0.0 or None)
    hashing(source, 2, SHA1, (segment.key, segment.salt, None))
    _below(source, 2, SHA1, threshold(end), True)
    source.add(2, "break")


def _value(source: Source, depth: int, kind: str, path: Path | None, nowhere: object, zero: object) -> None:
    """Leaves the text that is hashed in `v`; where nothing is hashed it returns, or breaks for None."""
    part = source.part(kind)
    source.add(depth, f"if {part} is None: {_leave(source, nowhere)}")
    if path is None:
        source.add(depth, f"v = {part}['key']")
        return
    source.add(depth, f"v = {_read(source, part, path)}", "if v.__class__ is not str:")
    source.add(depth + 1, "v = bucketable(v)", f"if v is None: {_leave(source, zero)}")


def hashing(source: Source, depth: int, scheme: str, by: tuple[str, str, int | None]) -> None:
    """Leaves in `h` the number of the value in `v`, or the digest that stands for it."""
    if scheme != SHA1:
        source.add(depth, f"h = {source.constant(SCHEMES[scheme].number(*by))}(v)")
        return
    fresh = source.constant(sha1(prefix(*by).encode(), usedforsecurity=False).copy)
    source.add(depth, f"h = {fresh}()", "h.update(v.encode())", "h = h.digest()")


def _below(source: Source, depth: int, scheme: str, end: int, answer: object) -> None:
    if end >= SCHEMES[scheme].size:
        _return(source, depth, answer)
    elif end > 0:
        source.add(depth, f"if h < {source.constant(limit(scheme, end))}: return {source.constant(answer)}")


def _leave(source: Source, answer: object) -> str:
    return "break" if answer is None else f"return {source.constant(answer)}"


def _named(source: Source, lists: Iterable[Keys], answer: bool) -> None:
    for each in lists:
        part, keys = source.part(each.kind), source.constant(each.keys)
        source.add(1, f"if {part} is not None and {part}['key'] in {keys}: return {answer}")


def _clauses(source: Source, clauses: Sequence[Clause]) -> None:
    """Inside a loop of one turn: a clause that does not hold breaks it."""
    there: set[str] = set()
    for clause in clauses:
        if clause.op == SEGMENT_MATCH:
            _segments(source, clause)
        elif clause.path == MALFORMED:
            source.add(2, "raise LookupError")
        elif clause.path == ("kind",):
            source.add(
                2, f"if not {source.constant(ready(clause, source.links.matcher))}(list(parts)): break"
            )
        else:
            part = source.part(clause.kind)
            if clause.kind not in there:
                source.add(2, f"if {part} is None: break")
                there.add(clause.kind)
            _asked(source, clause, part)


def _asked(source: Source, clause: Clause, part: str) -> None:
    source.add(2, f"v = {_read(source, part, clause.path)}")
    general = f"v is None or not {source.constant(ready(clause, source.links.matcher))}(v): break"
    question = typed(clause, source.links.matcher, source.constant)
    if question is None:
        source.add(2, f"if {general}")
        return
    test = question.test if clause.negate else f"not ({question.test})"
    source.add(2, f"if {question.guard}:")
    source.add(3, f"if {test}: break")
    source.add(2, f"elif {general}")


def _read(source: Source, part: str, path: Path) -> str:
    if len(path) == 1:
        return f"{part}.get({source.constant(path[0])})"
    return f"dig({part}, {source.constant(path)})"


def _segments(source: Source, clause: Clause) -> None:
    links = (source.links.segment(key) for key in clause.values if isinstance(key, str))
    calls = " or ".join(f"{source.constant(link)}(parts)" for link in links if link is not None)
    if calls:
        source.add(2, f"if {calls}: break" if clause.negate else f"if not ({calls}): break")
    elif not clause.negate:
        source.add(2, "break")
