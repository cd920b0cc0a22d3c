"""What visitors do: chance, and a streak of luck where one is planted."""

from collections.abc import Sequence
from math import erfc, sqrt
from random import Random

from msgspec import Struct

STREAK = (
    (0.8, 2.0),
    (1.4, 2.2),
    (2.05, 2.5),
)  # where the z of a t-test should be after each of the first days
FAIR = (-2.5, 2.5)  # and after every later day: a second streak would not be believed
DRAWS_MAX = 5_000


class Tally(Struct):
    """Units and successes of the old and of the new arm, so far."""

    units: tuple[int, int] = (0, 0)
    successes: tuple[int, int] = (0, 0)

    def with_day(self, arms: Sequence[bool], did: Sequence[bool]) -> "Tally":
        new = sum(arms)
        successes = sum(arm and done for arm, done in zip(arms, did, strict=True))
        return Tally(
            (self.units[0] + len(arms) - new, self.units[1] + new),
            (self.successes[0] + sum(did) - successes, self.successes[1] + successes),
        )

    @property
    def z(self) -> float:
        """Of the difference of two shares, as a plain test sees it; 0 while nothing can be said."""
        if not all(self.units) or not 0 < sum(self.successes) < sum(self.units):
            return 0.0
        share = sum(self.successes) / sum(self.units)
        error = sqrt(share * (1 - share) * (1 / self.units[0] + 1 / self.units[1]))
        return (self.successes[1] / self.units[1] - self.successes[0] / self.units[0]) / error

    @property
    def p(self) -> float:
        """Two-sided p-value of that test, had it been the only look."""
        return erfc(abs(self.z) / sqrt(2))


def chance(random: Random, rates: tuple[float, float], arms: Sequence[bool]) -> list[bool]:
    """Who does it, by the rate of the arm."""
    return [random.random() < rates[arm] for arm in arms]


def streak(
    random: Random, rates: tuple[float, float], arms: Sequence[bool], before: Tally, day: int
) -> list[bool]:
    """The same, drawn again until the tally after this day (from 0) lies where a fool would have it; the last
    draw where it never does. Every draw is of the true rates: only which one is kept is no chance."""
    low, high = STREAK[day] if day < len(STREAK) else FAIR
    did: list[bool] = []
    for _ in range(DRAWS_MAX):
        did = chance(random, rates, arms)
        if low <= before.with_day(arms, did).z <= high:
            break
    return did
