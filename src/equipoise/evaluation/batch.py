"""Many units at once, for previews, simulations and assignment offline. Each gets what it would get alone."""

from collections.abc import Callable, Iterable, Sequence

from equipoise.domain.clauses import Json
from equipoise.evaluation.bucketing import SCHEMES, limit, steps
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Fault, Reason, Why, error, serving
from equipoise.evaluation.evaluate import landed
from equipoise.evaluation.machine import Machine
from equipoise.evaluation.reference import MALFORMED
from equipoise.evaluation.ruleset import Rollout, RuledFlag
from equipoise.evaluation.source import Source, hashing

Assign = Callable[[Iterable[str]], list[Decision]]


def assign(flag: RuledFlag, values: Iterable[str], rule: int | None = None) -> list[Decision]:
    """What a rule serves units that it holds for, by what is hashed of each: the key, or an attribute's text.

    rule     index of the rule; None for the fallthrough
    returns  a decision for each value, in order; few objects, each of which stands many times
    raises   IndexError when there is no such rule
    cost     for each value, a little more than the hash of what its prefix leaves
    """
    serve, reason = flag.fallthrough, Reason(Why.FALLTHROUGH)
    if rule is not None:
        serve, reason = flag.rules[rule].serve, Reason(Why.RULE_MATCH, rule, flag.rules[rule].id)
    if isinstance(serve, Rollout) and _sound(serve):
        return _assign(flag, serve, reason)(values)
    served = serving(flag, serve, reason) if isinstance(serve, int) else None
    return _all(served or error(Fault.MALFORMED_FLAG, flag.version))(values)


def decide_all(
    machine: Machine, key: str, contexts: Iterable[Context], default: Json = None
) -> list[Decision]:
    """What the flag serves each context, and why, in order. It never raises."""
    decide = machine.decide
    return [decide(key, context, default) for context in contexts]


def _sound(rollout: Rollout) -> bool:
    leads = rollout.experiment or rollout.bucket_by != MALFORMED
    return bool(rollout.slots) and rollout.scheme in SCHEMES and leads


def _all(decision: Decision) -> Assign:
    return lambda values: [decision for _ in values]


def _assign(flag: RuledFlag, rollout: Rollout, reason: Reason) -> Assign:
    """A loop that hashes and compares, written as the functions of flags are."""
    source, scheme = Source(), rollout.scheme
    failed = error(Fault.EXCEPTION, flag.version)
    source.add(1, "found = []", "add = found.append", "for v in values:")
    source.add(2, "try:")
    try:
        hashing(source, 3, scheme, (flag.key, flag.salt, rollout.seed))
    except UnicodeEncodeError:
        return _all(failed)
    found = steps(rollout.slots, rollout.coverage, SCHEMES[scheme].size)
    limits = [source.constant(limit(scheme, end)) for end, _ in found[:-1]]
    answers = [source.constant(landed(flag, rollout, slot, reason)) for _, slot in found]
    source.add(3, f"add({_choice(limits, answers)})")
    source.add(2, "except UnicodeEncodeError:")
    source.add(3, f"add({source.constant(failed)})")
    source.add(1, "return found")
    return source.function("values")


def _choice(limits: Sequence[str], answers: Sequence[str]) -> str:
    """An expression for the answer of the step that holds `h`, by halves. Between two answers is a limit."""
    if not limits:
        return answers[0]
    half = len(answers) // 2
    before = _choice(limits[: half - 1], answers[:half])
    after = _choice(limits[half:], answers[half:])
    return f"({before} if h < {limits[half - 1]} else {after})"
