"""What keeps a figure from being trusted, said in words, with what to do about it."""

from collections.abc import Iterator

from equipoise.analysis.moments import Moments
from equipoise.analysis.results import Estimate, Warned
from equipoise.analysis.statistics.proportion import CELL, Counts
from equipoise.analysis.statistics.sequential import LOPSIDED, lopsided
from equipoise.analysis.statistics.skewness import pooled_skewness, skewness
from equipoise.analysis.statistics.welch import constant

SMALL = 25  # units of an arm below which intervals rest on values being normal
SKEWED = 355  # units for each square of the skewness. source: Kohavi, Deng, Longbotham & Xu, KDD 2014, rule 7
LARGEST = 1e60  # of a value that is computed with
DOMINANT = 0.25  # share of an arm's variance that one unit may make up
_WAIT = "Let it run on."


def obstacles(arm: Moments, other: Moments) -> Iterator[Warned]:
    """Why nothing can be computed at all."""
    if not arm.n or not other.n:
        sentence = "One of the two arms has no unit with a value, so there is nothing to compare."
        yield Warned("no_units", sentence, "Wait for exposures, and check that every arm is really served.")
    elif not all(map(_finite, (arm, other))):
        yield absurd()


def absurd() -> Warned:
    """Of values that cannot be computed with."""
    sentence = "The values are too large to be computed with, or not finite."
    return Warned("not_finite", sentence, "Look for events with absurd values, and mend what sends them.")


def _finite(arm: Moments) -> bool:
    values, squares = arm.means + arm.low + arm.high, sum(arm.products, ())
    sizes = (sum(map(abs, each)) for each in (values, squares, arm.cubes))
    return all(size <= LARGEST**power for power, size in enumerate(sizes, 1))


def about_data(arm: Moments, other: Moments, counts: Counts | None) -> Iterator[Warned]:
    """What is the matter with the units of two arms; both have some. counts: where values are 0 or 1"""
    yield from _one_unit(arm, other)
    yield from _no_variance(arm, other)
    yield from _small(arm, other)
    yield from _few(counts) if counts else _skewed(arm, other)
    yield from _early(arm, other, counts is not None)
    yield from _dominant(arm, other) if counts is None else ()
    yield from _missing(arm, other)


def about_lift(other: Moments, *estimates: Estimate | None) -> Iterator[Warned]:
    """What is the matter with the lift in percent."""
    made = [each for each in estimates if each is not None]
    if any(each.relative_interval is None for each in made):
        sentence = (
            "There is not enough to state a lift in percent: the mean that it would be a percentage of is "
            "not clearly off zero."
        )
        remedy = "Read the difference in the metric's own unit, or wait for more units and conversions."
        yield Warned("no_lift", sentence, remedy)
    elif made and other.mean() < 0:
        sentence = (
            "The mean that the lift is a percentage of is below zero, so a positive lift is a lower value: "
            "from -10 to -5 is a lift of -50 %."
        )
        yield Warned("negative_baseline", sentence, "Read the difference in the metric's own unit.")


def _one_unit(arm: Moments, other: Moments) -> Iterator[Warned]:
    if min(arm.n, other.n) < 2:
        sentence = (
            "One of the two arms has a single unit with a value, which says nothing of how values vary."
        )
        yield Warned("one_unit", sentence, "Wait for more units.")


def _no_variance(arm: Moments, other: Moments) -> Iterator[Warned]:
    same = [constant(each) for each in (arm, other)]
    if not any(same) or min(arm.n, other.n) < 2:
        return
    remedy = (
        "Check that the metric's events arrive for both arms, and that its values are what they should be."
    )
    if all(same):
        yield Warned("no_variance", "All units of an arm have the same value, in both arms.", remedy)
    else:
        sentence = "All units of one arm have the same value, so only the other arm says how values vary."
        yield Warned("no_variance", sentence, remedy)


def _small(arm: Moments, other: Moments) -> Iterator[Warned]:
    smaller = min(arm.n, other.n)
    if 2 <= smaller < SMALL:
        sentence = (
            f"The smaller arm has {smaller} units; below {SMALL}, intervals hold for bell-shaped values only."
        )
        yield Warned("small_arms", sentence, _WAIT)


def _few(counts: Counts) -> Iterator[Warned]:
    fewest = min(counts.cells)
    if fewest < CELL:
        what = "converted" if fewest in counts.cells[::2] else "did not convert"
        sentence = (
            f"In one arm only {fewest:,} of the units {what}. The test for one planned look is exact where "
            "events are few; the always-valid interval is rough."
        )
        yield Warned("few_conversions", sentence, _WAIT)


def _skewed(arm: Moments, other: Moments) -> Iterator[Warned]:
    needed = max(_needed(each) / each.n for each in (arm, other))
    if needed > 1:
        worst = max((arm, other), key=lambda each: _needed(each) / each.n)
        sentence = (
            f"A few units have far greater values than the rest: an arm with {worst.n:,} units would need "
            f"about {_needed(worst):,.0f} for its mean to follow the normal law, so intervals may miss more "
            "often than they say."
        )
        yield Warned(
            "skewed", sentence, "Cap the metric's values, measure how many units have any, or let it run on."
        )


def _needed(arm: Moments) -> float:
    return SKEWED * skewness(arm) ** 2


def _early(arm: Moments, other: Moments, binary: bool) -> Iterator[Warned]:
    if withheld(arm, other, pooled_skewness(arm, other, binary=binary)):
        sentence = (
            "The arms are of unequal size, and the smaller has too few units for values as rare or as uneven "
            "as these: an interval that holds at every look cannot start yet, and one for a single look may "
            "be off."
        )
        yield Warned("too_early", sentence, _WAIT + " Arms of equal size need far fewer units.")


def withheld(arm: Moments, other: Moments, skew: float) -> bool:
    """Whether the always-valid interval cannot start yet."""
    return lopsided(arm, other, skew) > LOPSIDED


def _dominant(arm: Moments, other: Moments) -> Iterator[Warned]:
    share = max(_largest(each) for each in (arm, other))
    if share > DOMINANT and min(arm.n, other.n) >= SMALL:
        sentence = f"A single unit makes up {100 * share:.0f} % of the variance in its arm."
        remedy = "Look at that unit (a bot, a test account, a wrong amount?), and cap the metric's values."
        yield Warned("dominant_unit", sentence, remedy)


def _largest(arm: Moments) -> float:
    """Share of the sum of squares that the unit farthest out has; 0 where bounds are not known."""
    if constant(arm) or arm.low == arm.high:
        return 0.0
    return max(arm.high[0] - arm.mean(), arm.mean() - arm.low[0]) ** 2 / arm.product()


def _missing(arm: Moments, other: Moments) -> Iterator[Warned]:
    lost = [each.missing / (each.n + each.missing) for each in (arm, other)]
    if any(lost):
        sentence = (
            f"{arm.missing + other.missing:,} units have no value and are left out: {100 * lost[0]:.3g} % of "
            f"the arm, {100 * lost[1]:.3g} % of the one it is compared with."
        )
        remedy = (
            "Read it as a comparison of those that have a value; if none means zero, say so in the metric."
        )
        yield Warned("missing_values", sentence, remedy)
