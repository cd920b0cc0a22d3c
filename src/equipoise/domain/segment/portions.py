"""Gates as segments that every client evaluates by itself."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.gates import Gate, Range, cuts
from equipoise.domain.segment.membership import Group, Membership, inside, outside


class Gated(Struct, frozen=True):
    """A gate, the key under which those whom it lets in are known, and the context kind that is hashed."""

    key: str
    gate: Gate
    unit: str


def portions(gated: Iterable[Gated]) -> Iterator[Membership]:
    """A segment for each gate, and those that they ask for: whose bucket lies below this bound?

    The end of the line is no bound: rounding lets a bucket be 1. Which bound has which key depends on all the
    gates there are, so these keys may come to stand for something else. A gate with a bound that has no key
    left lets nobody in: too many units on one line harm that gate alone.
    """
    every = tuple(gated)
    below = {
        (salt, *bound): cut
        for salt in dict.fromkeys(each.gate.salt for each in every)
        for bound, cut in zip(_bounds(salt, every), cuts(salt), strict=False)
    }
    for (_, unit, bound), (key, salt) in below.items():
        yield Membership(key, ((),), bound, salt, unit)
    for each in every:
        salt, unit = each.gate.salt, each.unit
        keys = {
            bound: below[salt, unit, bound][0] for bound in each.gate.bounds if (salt, unit, bound) in below
        }
        ranges = each.gate.ranges if len(keys) == len(each.gate.bounds) else ()
        yield Membership(each.key, tuple(_between(between, keys, unit) for between in ranges))


def _bounds(salt: str, every: Iterable[Gated]) -> list[tuple[str, int]]:
    return sorted(
        {(each.unit, bound) for each in every if each.gate.salt == salt for bound in each.gate.bounds}
    )


def _between(between: Range, keys: dict[int, str], unit: str) -> Group:
    low, high = between
    above = (outside(keys[low], unit),) if low > 0 else ()
    return (*above, *((inside(keys[high], unit),) if high < SHARE_WHOLE else ()))
