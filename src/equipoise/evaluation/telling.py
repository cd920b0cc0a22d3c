"""Steps in words: a sentence for each."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.allocation import SHA1
from equipoise.evaluation.decision import Fault, Why
from equipoise.evaluation.operators import EXPECTED
from equipoise.evaluation.steps import (
    AnyStep,
    Asked,
    AskedSegments,
    Belonged,
    Belonging,
    Cause,
    CutShort,
    Decided,
    Generated,
    Hashed,
    Needed,
    Node,
    Role,
    RolledOut,
    Ruled,
    Sampled,
    SegmentRuled,
    Served,
    Switched,
    Targeted,
    Trial,
)
from equipoise.evaluation.wording import counted, holds, listed, outcome, percent, quoted, shown, upper


class Told(Struct, frozen=True):
    """A step in words and as facts, and what was asked within it."""

    said: str
    step: AnyStep
    within: tuple["Told", ...] = ()

    @property
    def presented(self) -> tuple["Told", ...]:
        """What people are shown of it: nothing, where its own sentence says all that was found there."""
        return () if _through_gate(self) else self.within


def told(node: Node) -> Told:
    found = Told(sentence(node.step), node.step, tuple(map(told, node.within)))
    return replace(found, said=_through_gate(found) or found.said)


def _through_gate(found: Told) -> str:
    """The sentence of what a layer, a holdout or the traffic lets in; "" where no unit was hashed for it.
    Such a gate is built of segments within segments; what they come to is where one bucket lies."""
    step = found.step
    if not isinstance(step, Belonged) or step.held is None or step.generated is None:
        return ""
    asked = list(_samples(found))
    if step.generated.share is None or not asked or any(each.hashed.bucket is None for each in asked):
        return ""
    return _belonged(step, f"{_hashed(asked[0].hashed)}, which is {_between(asked)}")


def _samples(found: Told) -> Iterator[Sampled]:
    if isinstance(found.step, Sampled):
        yield found.step
    for each in found.within:
        yield from _samples(each)


def _between(asked: list[Sampled]) -> str:
    """The narrowest bounds of those that a bucket was held to."""
    low = max((each.end for each in asked if not each.held), default=None)
    high = min((each.end for each in asked if each.held), default=None)
    if low is None:
        return f"below {high!r}"
    return f"not below {low!r}" if high is None else f"between {low!r} and {high!r}"


_OPERATORS = {
    "in": ("is one of", "is none of"),
    "startsWith": ("starts with", "does not start with"),
    "endsWith": ("ends with", "does not end with"),
    "contains": ("contains", "does not contain"),
    "matches": ("matches", "does not match"),
    "lessThan": ("is less than", "is not less than"),
    "lessThanOrEqual": ("is at most", "is not at most"),
    "greaterThan": ("is greater than", "is not greater than"),
    "greaterThanOrEqual": ("is at least", "is not at least"),
    "before": ("is before", "is not before"),
    "after": ("is after", "is not after"),
    "semVerEqual": ("is the version", "is not the version"),
    "semVerLessThan": ("is a version below", "is not a version below"),
    "semVerGreaterThan": ("is a version above", "is not a version above"),
}
_BELONGING = {
    Belonging.INCLUDED: "its key is listed in it",
    Belonging.EXCLUDED: "its key is listed as excluded",
    Belonging.RULE: "one of its rules holds",
    Belonging.NO_RULE: "no rule of it holds",
    Belonging.MISSING: "there is no such segment",
    Belonging.UNBOUNDED: "its members are kept elsewhere",
    Belonging.MALFORMED: "it leads back to itself, or to what makes no sense here",
}
_FAULTS = {
    Fault.FLAG_NOT_FOUND: "there is no such flag",
    Fault.MALFORMED_FLAG: "the flag, or what it leads to, makes no sense here",
    Fault.USER_NOT_SPECIFIED: "the context is none",
    Fault.EXCEPTION: "it could not be evaluated",
}


def sentence(step: AnyStep) -> str:
    """What the step says. It may hold whatever keys and values hold, cut to a length."""
    return _SAY[type(step)](step)


def _switched(step: Switched) -> str:
    return f"Flag {quoted(step.flag)} is {'on' if step.on else 'off: it serves its off variation'}."


def _needed(step: Needed) -> str:
    wants = f"Needs flag {quoted(step.flag)} to be on and serve variation {step.wanted}"
    if step.met is None:
        return f"{wants}: that leads back to itself, or to what makes no sense here."
    if not step.there:
        return f"{wants}: there is no such flag."
    got = "no variation" if step.got is None else f"variation {step.got}"
    return f"{wants}: it serves {got}, {'as needed' if step.met else 'so this fails'}."


def _targeted(step: Targeted) -> str:
    keys = counted(step.keys, "key")
    aim = f"Target of variation {step.variation}"
    if step.key is None:
        return f"{aim}: the context has no {quoted(step.context_kind)}."
    among = "is" if step.held else "is not"
    return f"{aim}: the {step.context_kind} {quoted(step.key)} {among} among its {keys}."


def _ruled(step: Ruled) -> str:
    name = f"Rule {step.index + 1}" + (f" ({quoted(step.id)})" if step.id else "")
    runs = f", where {_trial(step.trial)} runs" if step.trial else ""
    return f"{name}{runs}: {outcome(step.held, 'every clause holds', 'a clause does not hold')}."


def _asked(step: Asked) -> str:
    attribute = f"{step.context_kind} attribute {quoted(step.attribute)}"
    if step.because is Cause.MALFORMED:
        return f"The {step.context_kind} attribute asked for is no attribute: the flag makes no sense."
    if step.because is Cause.NO_OPERATOR:
        return f"The {attribute} is asked with {quoted(step.op)}, which is no operator: {holds(step.held)}."
    asked = f"The {attribute} {_OPERATORS[step.op][step.negate]} {listed(step.values, step.count)}"
    return f"{asked}: {_why(step)}; {holds(step.held)}."


def _why(step: Asked) -> str:
    if step.because is Cause.NO_KIND:
        return f"the context has no {quoted(step.context_kind)}"
    if step.because is Cause.NO_ATTRIBUTE:
        return "it has no such attribute"
    value = f"it is {shown(step.value)}"
    if step.because is Cause.UNMATCHED:
        return f"{value}, and {step.problem}"
    if step.because is Cause.WRONG_TYPE:
        return f"{value}, which is not {EXPECTED[step.op].words}"
    if step.because is Cause.NO_VALUE:
        return f"{value}, and nothing here can be compared with {EXPECTED[step.op].words}"
    return value


def _asked_segments(step: AskedSegments) -> str:
    many = step.count != 1
    some = f"any of {step.count} segments" if many else "a segment"
    return f"The context is {'not ' if step.negate else ''}in {some}: {holds(step.held)}."


def _belonged(step: Belonged, why: str = "") -> str:
    name = f"Segment {quoted(step.segment)}" if step.generated is None else _generated(step.generated)
    said = "cannot be told" if step.held is None else "in it" if step.held else "not in it"
    return f"{name}: {said}, since {why or _BELONGING[step.because]}."


def _generated(made: Generated) -> str:
    what = {
        Role.ARM: f"The segment of arm {quoted(made.name)}",
        Role.OUTSIDERS: f"Those kept out by {quoted(made.name)}",
        Role.LAYER: f"The share of layer {quoted(made.name)}",
        Role.HOLDOUT: f"Those whom holdout {quoted(made.name)} lets in",
        Role.TRAFFIC: "The share of traffic",
        Role.BELOW: f"Those below a bound of {made.name}",
    }[made.role]
    part = f"{what} ({made.share / 1_000:g} %)" if made.share is not None else what
    return f"{part}, of {_trial(made.trial)}" if made.trial else part


def _segment_ruled(step: SegmentRuled) -> str:
    said = outcome(step.held, "it lets the context in", "it does not let the context in")
    return f"Rule {step.index + 1} of the segment: {said}."


def _sampled(step: Sampled) -> str:
    taken = f"It takes {percent(step.weight)}: {_hashed(step.hashed)}"
    return f"{taken}, which is {'' if step.held else 'not '}below {step.end!r}."


def _rolled_out(step: RolledOut) -> str:
    slot = step.slots[step.chosen]
    start = step.slots[step.chosen - 1].end if step.chosen else 0.0
    runs = f"{upper(_trial(step.trial))}: " if step.trial else ""
    where = f"{runs}{_hashed(step.hashed, first=not runs)}"
    if step.hashed.bucket is None:
        return f"{where}, so the first slot serves variation {slot.variation}{_in_arm(step)}."
    within = f"in the slot from {start!r} to {slot.end!r} ({percent(slot.weight)})"
    return f"{where}, {within}, which serves variation {slot.variation}{_in_arm(step)}."


def _in_arm(step: RolledOut) -> str:
    if not step.experiment:
        return ""
    return ", and counts in the experiment" if step.in_experiment else ", and counts in no arm"


def _hashed(hashed: Hashed, first: bool = False) -> str:
    attribute = f"{hashed.context_kind} {hashed.attribute}"
    if hashed.bucket is None:
        said = f"the context has no {quoted(hashed.context_kind)} to hash"
    elif hashed.text is None:
        said = f"the {attribute} is no text and no whole number, which is bucket 0"
    else:
        by = "" if hashed.scheme == SHA1 else f" by {hashed.scheme}"
        said = f"the {attribute} is hashed{by} as {quoted(hashed.text)} to bucket {hashed.bucket!r}"
    return upper(said) if first else said


def _served(step: Served) -> str:
    if step.variation is None:
        return "It serves nothing: the flag makes no sense."
    return f"It serves variation {step.variation} to all."


def _decided(step: Decided) -> str:
    if step.error is not None:
        return f"No variation is served, since {_FAULTS[step.error]}."
    served = f"variation {step.variation}, {shown(step.value)}"
    if step.variation is None:
        served = "no variation, so the application's default"
    in_arm = ", counted in the experiment" if step.in_experiment else ""
    return f"{quoted(step.flag)} serves {served}{in_arm}: {_reason(step)}."


def _reason(step: Decided) -> str:
    match step.reason:
        case Why.OFF:
            return "it is off"
        case Why.PREREQUISITE_FAILED:
            return f"flag {quoted(step.prerequisite)}, which it needs, does not serve what it should"
        case Why.TARGET_MATCH:
            return "the key is targeted"
        case Why.RULE_MATCH:
            return f"rule {(step.rule_index or 0) + 1} holds"
    return "no rule holds, so the default rule decides"


def _trial(trial: Trial) -> str:
    phase = f", phase {trial.phase}" if trial.phase > 1 else ""
    return f"experiment {quoted(trial.experiment)} (iteration {trial.iteration}{phase})"


def _cut_short(step: CutShort) -> str:
    return "There were more steps than are told here."


_SAY: dict[type, Callable[[Any], str]] = {
    Switched: _switched,
    Needed: _needed,
    Targeted: _targeted,
    Ruled: _ruled,
    Asked: _asked,
    AskedSegments: _asked_segments,
    Belonged: _belonged,
    SegmentRuled: _segment_ruled,
    Sampled: _sampled,
    RolledOut: _rolled_out,
    Served: _served,
    Decided: _decided,
    CutShort: _cut_short,
}
