"""Gates: which units may enter an experiment at all, by hash. Whoever is kept out gets what the experiment
gives to those outside it, and is in none of its arms."""

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE, Allocation, Split
from equipoise.domain.errors import Violation, check

Range = tuple[int, int]  # from, and up to but not including, in thousandths of a percent


class ReservedShare(Struct, frozen=True):
    """What a layer, by key, held for an experiment and for all others there; in thousandths of a percent."""

    layer: str
    name: str
    share: int
    others: int


class Gate(Struct, frozen=True):
    """Lets in whoever's bucket lies in one of the ranges.

    salt    "{salt}.{key}" is what is hashed, by `sha1/15hex`: gates of one salt see the same bucket, so that
            those whose ranges do not meet let nobody in twice
    ranges  rising, none empty, none meeting another
    """

    salt: str
    ranges: tuple[Range, ...]

    def __post_init__(self) -> None:
        whole = all(0 <= low < high <= SHARE_WHOLE for low, high in self.ranges)
        apart = all(before[1] <= after[0] for before, after in pairwise(self.ranges))
        check(
            whole or Violation("ranges", "a range is from a share up to a greater one", self.ranges),
            apart or Violation("ranges", "ranges rise and do not meet", self.ranges),
        )

    @property
    def bounds(self) -> frozenset[int]:
        """Where its ranges begin and end, the ends of the line left out."""
        return frozenset(chain.from_iterable(self.ranges)) - {0, SHARE_WHOLE}

    @property
    def open(self) -> bool:
        """Whether it lets everybody in."""
        return joined(self.ranges) == ((0, SHARE_WHOLE),)


def gates_of(allocation: Allocation, others: Iterable[Gate] = ()) -> tuple[Gate, ...]:
    """What units must pass before this allocation: the others, and the share of traffic that it takes."""
    traffic = (_traffic(allocation),) if isinstance(allocation, Split) else ()
    return tuple(each for each in (*others, *traffic) if not each.open)


def _traffic(split: Split) -> Gate:
    return Gate(split.hashing.traffic, ((0, split.traffic),))


def joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same parts of the line, in order, those that touch as one."""
    found: list[Range] = []
    for low, high in sorted(ranges):
        if found and found[-1][1] == low:
            low = found.pop()[0]
        found.append((low, high))
    return tuple(found)


# ranges


def length(ranges: Iterable[Range]) -> int:
    return sum(high - low for low, high in ranges)


def overlap(ranges: Iterable[Range]) -> bool:
    return any(before[1] > after[0] for before, after in pairwise(sorted(ranges)))


def covers(these: Iterable[Range], those: Iterable[Range]) -> bool:
    """Whether all that those hold lies in these."""
    held = joined(these)
    return all(any(low <= at and end <= high for low, high in held) for at, end in those)


def fitted(own: Iterable[Range], others: Iterable[Range], wanted: int) -> tuple[Range, ...]:
    """So much of the line, nothing of which is the others': what is held is kept, from the near end on, and
    what is missing comes from the first gaps. The others and what is wanted fit on the line."""
    held = tuple(own)
    kept = tuple(_first(held, wanted))
    return joined((*kept, *_first(_gaps((*held, *others)), wanted - length(kept))))


def _first(ranges: Iterable[Range], wanted: int) -> Iterator[Range]:
    """The first parts, so much of them all together."""
    for low, high in ranges:
        taken = min(high - low, wanted)
        if taken > 0:
            yield low, low + taken
            wanted -= taken


def _gaps(taken: Iterable[Range]) -> Iterator[Range]:
    at = 0
    for low, high in joined(taken):
        if at < low:
            yield at, low
        at = high
    if at < SHARE_WHOLE:
        yield at, SHARE_WHOLE


# texts that are hashed alike

MARK = ".0"


def salted(token: str, bounds: int = 1) -> str:
    """A salt that so many bounds can be told apart on at once.

    Clients hash "{segment}.{salt}.{key}". One text, cut at another of its dots, is another segment with
    another salt, and hashed alike: so each bound has a segment of its own, and all see the same bucket.
    """
    return token + MARK * bounds


def cuts(salt: str) -> Iterator[tuple[str, str]]:
    """Every key and salt of a segment that together spell this salt."""
    for at, each in enumerate(salt):
        if each == ".":
            yield salt[:at], salt[at + 1 :]
