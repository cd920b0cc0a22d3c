"""The error family: a sentence and the facts, never a status.

Which status a family becomes is each dialect's own table.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

VIOLATIONS_MAX = 100  # named in one refusal; here and not in limits.py, which speaks in these errors


class Violation(Struct, frozen=True):
    """One rule that one place breaks, with what was found there."""

    where: str
    rule: str
    found: Any = UNSET

    def under(self, place: str) -> "Violation":
        dot = "." if self.where and not self.where.startswith("[") else ""
        where = f"{place}{dot}{self.where}"
        return Violation(where, self.rule, self.found)

    def __str__(self) -> str:
        said = f"{self.where}: {self.rule}" if self.where else self.rule
        if isinstance(self.found, UnsetType):
            return said
        return f"{said} (found {_short(self.found)})"


def _short(found: object) -> str:
    text = repr(found)
    return text if len(text) <= 80 else text[:77] + "..."


class DomainError(Exception):
    """What the domain refuses. Anything that is not one of these is our own fault."""


class Invalid(DomainError):
    """Not well said: every violation, not the first; up to VIOLATIONS_MAX."""

    def __init__(self, *violations: Violation) -> None:
        if len(violations) > VIOLATIONS_MAX:
            violations = (*violations[:VIOLATIONS_MAX], Violation("", "and more"))
        self.violations = violations
        super().__init__("; ".join(str(violation) for violation in violations))

    def under(self, place: str) -> "Invalid":
        return Invalid(*(violation.under(place) for violation in self.violations))


class Refused(DomainError):
    """Well said, and not allowed in the present state."""

    def __init__(self, action: str, subject: str, why: str) -> None:
        self.action, self.subject, self.why = action, subject, why
        super().__init__(f"cannot {action}: {subject} {why}")


class Missing(DomainError):
    """There is no such thing, or the caller may not know of it."""

    def __init__(self, noun: str, name: str) -> None:
        self.noun, self.name = noun, name
        super().__init__(f"no {noun} {name!r}")


class Conflict(DomainError):
    """Another change came first."""

    def __init__(self, *subjects: tuple[str, str]) -> None:
        self.subjects = subjects
        named = ", ".join(f"{noun} {name}" for noun, name in subjects)
        super().__init__(f"another change came first: {named}; read again and retry")


class Forbidden(DomainError):
    """The principal may not do this."""

    def __init__(self, action: str, scope: str) -> None:
        self.action, self.scope = action, scope
        super().__init__(f"this token may not {action} {scope}")


class Unknown(DomainError):
    """Nobody we know asks: the credential is absent, wrong, expired or revoked.

    presented  whether there was one
    """

    def __init__(self, presented: bool = True) -> None:
        self.presented = presented
        super().__init__("no valid credential")


class Held(DomainError):
    """Another object stands in the way: a claim, an owner, a use, a key already taken.

    within  where the holder is, for whoever may not know of it; None when nothing is given away
    """

    def __init__(self, action: str, holder: str, within: object | None = None) -> None:
        self.action, self.holder, self.within = action, holder, within
        super().__init__(f"cannot {action}: {holder}")


class Stale(DomainError):
    """The revision the caller speaks of is not the present one (If-Match)."""

    def __init__(self, subject: str, revision: int | None) -> None:
        self.subject, self.revision = subject, revision
        now = "it does not exist" if revision is None else f"its revision is {revision}"
        super().__init__(f"{subject} is not what you last read: {now}")


class Reused(DomainError):
    """An idempotency key that came before with another request."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the idempotency key {key!r} was used for another request")


class Exceeded(DomainError):
    """A limit is met; it is named."""

    def __init__(self, limit: str, most: int, found: int | None = None) -> None:
        self.limit, self.most, self.found = limit, most, found
        super().__init__(f"{limit} is {most}" + ("" if found is None else f" (found {found})"))


class Undefined(DomainError):
    """There is no such number."""

    def __init__(self, quantity: str, **facts: object) -> None:
        self.quantity, self.facts = quantity, facts
        super().__init__(f"{quantity} is undefined for {facts}")


def check(*findings: bool | Violation) -> None:
    """Raises Invalid with every finding that is a violation; write each as `holds or Violation(...)`."""
    found = tuple(finding for finding in findings if isinstance(finding, Violation))
    if found:
        raise Invalid(*found)
