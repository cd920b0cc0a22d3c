"""Segments as everybody can evaluate them: clauses alone, and further segments for what keeps somebody out.

A negated clause fails where its attribute is absent, in every client. To be kept out by what one is, and not
by what one lacks, is therefore said as: not in the segment of those who answer the clauses.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.segment.state import SegmentRule

Group = tuple[Clause, ...]


class Membership(Struct, frozen=True):
    """Whoever answers all the clauses of any of the groups is in it, or a share of those.

    share  in thousandths of a percent, by the hash of "{key}.{salt}.{unit}"; None for all
    unit   context kind whose key is hashed
    """

    key: str
    groups: tuple[Group, ...]
    share: int | None = None
    salt: str = ""
    unit: str = "user"


def memberships(key: str, rules: Iterable[SegmentRule]) -> Iterator[Membership]:
    """The segment under this key, and those that it names for what its rules say under `unless`."""
    groups: list[Group] = []
    for rule in rules:
        outsiders = f"{key}:{rule.id}"
        if rule.unless:
            yield Membership(outsiders, rule.unless)
        groups.append((*rule.clauses, *((outside(outsiders),) if rule.unless else ())))
    yield Membership(key, tuple(groups))


def inside(key: str, kind: str = "user") -> Clause:
    """Whether one is in the segment of this key."""
    return Clause(id=key, attribute="", op=SEGMENT_MATCH, values=(key,), kind=kind)


def outside(key: str, kind: str = "user") -> Clause:
    return replace(inside(key, kind), negate=True)
