"""How decisions are compared: with what is published, and the reference with the machine."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from equipoise.domain.clauses import Json
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Reason
from equipoise.evaluation.evaluate import evaluate
from equipoise.evaluation.linear import linear_matcher, matching
from equipoise.evaluation.machine import Machine
from equipoise.evaluation.patterns import MatcherFactory
from equipoise.evaluation.ruleset import Ruleset


def reason_document(reason: Reason) -> dict[str, Any]:
    """As published clients write it."""
    found: dict[str, Any] = {"kind": str(reason.kind)}
    if reason.rule_index is not None:
        found |= {"ruleIndex": reason.rule_index, "ruleId": reason.rule_id}
    if reason.prerequisite:
        found["prerequisiteKey"] = reason.prerequisite
    if reason.error is not None:
        found["errorKind"] = str(reason.error)
    if reason.in_experiment:
        found["inExperiment"] = True
    return found


def plain(pattern: str) -> Callable[[str], bool] | None:
    """Python's own engine, as the published client in Python uses it. For patterns we wrote ourselves."""
    try:
        found = re.compile(pattern)
    except re.error:
        return None
    return lambda text: found.search(text) is not None


def by_re2(pattern: str) -> Callable[[str], bool]:
    """RE2 alone. raises re2.error"""
    options = re2.Options()
    options.log_errors = False
    found = re2.compile(pattern, options)
    return lambda text: found.search(re.sub("[\ud800-\udfff]", "\ufffd", text)) is not None


@lru_cache(maxsize=1024)
def bare(pattern: str) -> Callable[[str], bool] | None:
    """As where RE2 is not installed."""
    return matching(pattern, None)


class Both:
    """A ruleset under the reference and under the machine: what they answer must be one."""

    def __init__(self, ruleset: Ruleset, matcher: MatcherFactory = linear_matcher) -> None:
        self.ruleset, self.matcher = ruleset, matcher
        self.machine = Machine(ruleset, matcher)

    def decide(self, key: str, context: Context, default: Json = None) -> Decision:
        return self.decided(key, context, default)[0]

    def decided(
        self, key: str, context: Context, default: Json = None
    ) -> tuple[Decision, list[tuple[str, Decision, str]]]:
        """The decision, and what was recorded on the way."""
        told: list[tuple[str, Decision, str]] = []
        heard: list[tuple[str, Decision, str]] = []
        reference = evaluate(
            self.ruleset, key, context, default, lambda *each: told.append(each), self.matcher
        )
        recorded = self.machine.decide(key, context, default, lambda *each: heard.append(each))
        for other in (recorded, self.machine.decide(key, context, default)):
            assert alike(reference, other), (reference, other)
        assert alike(told, heard), (told, heard)
        assert alike(reference.value, self.machine.value(key, context, default))
        return reference, told


def alike(left: object, right: object) -> bool:
    """Equal to the type: 1, 1.0 and true differ."""
    return repr(left) == repr(right)
