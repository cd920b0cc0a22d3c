"""What looking every day would have done: how often each way of asking called a difference."""

from msgspec import Struct

from equipoise.analysis.results import Bounds, Interval, Results


class Peeked(Struct, frozen=True):
    """One metric and arm, looked at over and over.

    looks   times at which both could be asked
    naive   of those, how often a t-test that ignores all earlier looks called a difference
    always  of those, how often the always-valid interval did
    """

    arm: str
    looks: int
    naive: int
    always: int


def peeked(results: Results, metric: str) -> tuple[Peeked, ...]:
    """One for each arm that was looked at, in the order of the arms. metric: key"""
    found = (_counted(arm.id, results.bounds, metric) for arm in results.arms)
    return tuple(each for each in found if each.looks)


def sentence(one: Peeked) -> str:
    """In words: how often each called a difference."""
    times = "1 look" if one.looks == 1 else f"{one.looks:,} looks"
    if not one.naive and not one.always:
        return f"Neither a plain t-test nor the always-valid interval called a difference at any of {times}."
    always = f"at {one.always:,}" if one.always else "never did"
    return (
        f"A plain t-test would have called a difference at {one.naive:,} of {times}; "
        f"the always-valid interval {always}."
    )


def _counted(arm: str, bounds: tuple[Bounds, ...], metric: str) -> Peeked:
    pairs = [_pair(each) for each in bounds if (each.arm, each.metric) == (arm, metric)]
    asked = [(naive, always) for naive, always in pairs if naive is not None and always is not None]
    return Peeked(
        arm,
        len(asked),
        sum(naive.excludes(0.0) for naive, _ in asked),
        sum(always.excludes(0.0) for _, always in asked),
    )


def _pair(each: Bounds) -> tuple[Interval | None, Interval | None]:
    """The difference decides; the lift is asked where only that is there."""
    if each.naive_difference is not None and each.interval is not None:
        return each.naive_difference, each.interval
    return each.naive, each.relative_interval
