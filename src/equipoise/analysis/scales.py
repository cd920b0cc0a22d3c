"""How much of an axis a chart shows."""

from collections.abc import Iterable, Sequence

from equipoise.analysis.results import Bounds, Interval

MARGIN = 0.08  # of what is shown, left free around it
LEAST = 0.01  # half the width of what is shown, where all is zero


def edges_of(
    intervals: Iterable[Interval | None], values: Iterable[float | None], most: float = float("inf")
) -> tuple[float, float]:
    """What is shown: zero, every value and every bound there is, with some room; none beyond `most`
    where the values themselves are not."""
    ends = [bound for each in intervals if each for bound in (each.low, each.high) if bound is not None]
    kept = [each for each in values if each is not None]
    reach = max(most, *map(abs, kept)) if kept else most
    inside = [0.0, *kept, *(min(max(end, -reach), reach) for end in ends)]
    low, high = min(inside), max(inside)
    room = max((high - low) * MARGIN, 0.0) or LEAST
    return low - room, high + room


def within(interval: Interval | None, edges: tuple[float, float]) -> tuple[float | None, float | None]:
    """The interval as it is drawn: a bound that is not there is the edge."""
    if interval is None:
        return None, None
    low = edges[0] if interval.low is None else max(interval.low, edges[0])
    high = edges[1] if interval.high is None else min(interval.high, edges[1])
    return min(low, edges[1]), max(high, edges[0])


def edges_over_time(bounds: Sequence[Bounds], relative: bool) -> tuple[float, float]:
    """What all but the first third shows: the first intervals are so wide that nothing else could be seen."""
    times = sorted({each.at for each in bounds})
    later = [each for each in bounds if each.at >= times[len(times) // 3]]
    if relative:
        return edges_of(
            [each.relative_interval for each in later], [each.relative for each in later], most=1.0
        )
    return edges_of([each.interval for each in later], [each.difference for each in later])


def spread(values: Sequence[float], gap: float) -> list[float]:
    """The values, in their order, moved up where two would be closer than `gap`."""
    placed: list[float] = list(values)
    lowest = float("-inf")
    for index in sorted(range(len(values)), key=values.__getitem__):
        placed[index] = lowest = max(values[index], lowest + gap)
    return placed
