"""Rows of flags that need each other first: what every evaluation of the first of them walks along."""

from collections.abc import Callable, Iterable
from typing import Protocol

from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.flag.state import Flag
from equipoise.domain.limits import PREREQUISITES_IN_A_ROW_MAX, within

Keys = frozenset[str]


class Flags(Protocol):
    """What may be asked: flags, as they are after the change. Arguments are keys."""

    def flags_named(self, project: str, keys: Iterable[str]) -> tuple[Flag, ...]:
        """Those that there are, the archived ones too."""
        ...

    def needing(self, project: str, flag: str) -> tuple[Flag, ...]:
        """Flags, not archived, of which some targeting needs this one first."""
        ...


def check_rows(before: Flag | None, after: Flag, around: Flags) -> None:
    """Asks of each environment in which the flag needs others anew: by a change, a birth, or a restoration.

    raises  Exceeded where a row that the flag stands in has more than PREREQUISITES_IN_A_ROW_MAX flags,
            Invalid where one leads back to the flag
    cost    none without a new prerequisite; otherwise a read for each step down, and one for each flag above
    """
    back = before is None or (before.archived_at is not None and after.archived_at is None)
    for environment in after.targeting:
        now = needed_by(after, environment)
        if now and (before is None or back or not now <= needed_by(before, environment)):
            above = _steps(after, _upwards(after, environment, around))
            below = _steps(after, _downwards(after, environment, around))
            within("PREREQUISITES_IN_A_ROW_MAX", above + 1 + below)


def needed_by(flag: Flag, environment: str) -> Keys:
    """Keys of the flags that it needs first there."""
    return frozenset(each.flag for each in flag.in_environment(environment).prerequisites)


Step = Callable[[Keys], Keys]


def _steps(flag: Flag, step: Step) -> int:
    """How many flags the longest row has that leads away from this one; it is not walked beyond the limit."""
    count, reached = 0, step(frozenset({flag.key}))
    while reached and count < PREREQUISITES_IN_A_ROW_MAX:
        if flag.key in reached:
            raise Invalid(Violation("prerequisites", "lead back to this flag: a circle", flag.key))
        count, reached = count + 1, step(reached)
    return count


def _downwards(flag: Flag, environment: str, around: Flags) -> Step:
    known = {flag.key: needed_by(flag, environment)}

    def step(keys: Keys) -> Keys:
        unknown = keys - known.keys()
        known.update(dict.fromkeys(unknown, frozenset()))
        for each in around.flags_named(flag.project, sorted(unknown)) if unknown else ():
            known[each.key] = needed_by(each, environment)
        return frozenset().union(*(known[key] for key in keys))

    return step


def _upwards(flag: Flag, environment: str, around: Flags) -> Step:
    known: dict[str, Keys] = {}

    def step(keys: Keys) -> Keys:
        for key in sorted(keys - known.keys()):
            needing = around.needing(flag.project, key)
            known[key] = frozenset(each.key for each in needing if key in needed_by(each, environment))
        return frozenset().union(*(known[key] for key in keys))

    return step
