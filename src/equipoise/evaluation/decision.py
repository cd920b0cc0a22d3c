"""What an evaluation answers."""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.domain.flag.state import FALLTHROUGH
from equipoise.evaluation.ruleset import RuledFlag


class Why(StrEnum):
    """Which part of a flag decided."""

    OFF = "OFF"
    FALLTHROUGH = "FALLTHROUGH"
    TARGET_MATCH = "TARGET_MATCH"
    RULE_MATCH = "RULE_MATCH"
    PREREQUISITE_FAILED = "PREREQUISITE_FAILED"
    ERROR = "ERROR"


class Fault(StrEnum):
    """Why no part could."""

    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
    MALFORMED_FLAG = "MALFORMED_FLAG"
    USER_NOT_SPECIFIED = "USER_NOT_SPECIFIED"
    EXCEPTION = "EXCEPTION"
    CLIENT_NOT_READY = "CLIENT_NOT_READY"  # an SDK has no ruleset yet


class Reason(Struct, frozen=True, gc=False):
    """rule_index, rule_id   of the rule that matched; the index counts the ruleset's rules from 0
    prerequisite             key of the flag that failed
    in_experiment            whether the unit was randomised into an arm
    """

    kind: Why
    rule_index: int | None = None
    rule_id: str = ""
    prerequisite: str = ""
    error: Fault | None = None
    in_experiment: bool = False

    @property
    def rule(self) -> str:
        """The rule that served, as exposures name it: its id, or FALLTHROUGH; "" where none did."""
        if self.kind is Why.RULE_MATCH:
            return self.rule_id
        return FALLTHROUGH if self.kind is Why.FALLTHROUGH else ""


class Decision(Struct, frozen=True, gc=False):
    """variation  index of what is served; None when the value is the caller's default
    version       of the flag; 0 when there is no such flag
    """

    value: Json
    variation: int | None
    reason: Reason
    version: int


# Told of each flag that another needed first, the innermost first: its key, what it served, who needed it.
Recorder = Callable[[str, Decision, str], None]


def serving(flag: RuledFlag, variation: int | None, reason: Reason) -> Decision:
    """The variation of this index; an error when there is none; the caller's default for None."""
    if variation is None:
        return Decision(None, None, reason, flag.version)
    if not 0 <= variation < len(flag.variations):
        return error(Fault.MALFORMED_FLAG, flag.version)
    return Decision(flag.variations[variation], variation, reason, flag.version)


def error(fault: Fault, version: int = 0) -> Decision:
    """What serves no variation; the version is the flag's, where there is one."""
    return Decision(None, None, Reason(Why.ERROR, error=fault), version)


def with_default(decision: Decision, default: Json) -> Decision:
    """The decision as the caller gets it: their default where no variation is served."""
    if decision.variation is not None or default is None:
        return decision
    return Decision(default, None, decision.reason, decision.version)
