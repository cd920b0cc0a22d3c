"""Gates: which units may enter an experiment at all, by hash. Whoever is kept out gets what the experiment
gives to those outside it, and is in none of its arms."""

from itertools import pairwise

from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.errors import Violation, check

Range = tuple[int, int]  # from, and up to but not including, in thousandths of a percent


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
