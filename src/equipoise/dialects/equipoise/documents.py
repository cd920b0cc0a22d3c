"""The shapes of our own interface that are not documents of the analysis."""

from msgspec import UNSET, Struct, UnsetType


class Violated(Struct, frozen=True):
    where: str
    rule: str


class Error(Struct, frozen=True):
    """A refusal: a word for programs, a sentence, and every violation.

    reference  of a fault of ours, which stands in the log beside the trace
    """

    code: str
    message: str
    violations: list[Violated] | UnsetType = UNSET
    reference: str | UnsetType = UNSET
