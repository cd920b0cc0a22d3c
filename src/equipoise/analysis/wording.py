"""Figures as people read them."""

from datetime import UTC, datetime

from equipoise.analysis.results import Estimate, Interval

OPEN = "no bound"


def percent(share: float, *, signed: bool = False) -> str:
    """A share as percent: 0.2034 is 20.3 %; more digits where one would say nothing."""
    value = 100 * share
    digits = 1 if abs(value) >= 0.1 or value == 0 else 3
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return f"{text} %"


def number(value: float, *, signed: bool = False) -> str:
    """A figure to four significant digits, thousands grouped."""
    digits = max(0, 4 - len(str(int(abs(value))))) if abs(value) >= 1 else 4
    kind = (
        f"{'+' if signed else ''},.{digits}f"
        if abs(value) >= 0.001 or value == 0
        else f"{'+' if signed else ''}.2e"
    )
    return format(value, kind)


def count(many: int, one: str, more: str = "") -> str:
    """So many of something: 1 unit, 2,500 units."""
    return f"{many:,} {one if many == 1 else more or one + 's'}"


def span(interval: Interval, *, relative: bool) -> str:
    """From where to where: 12.1 % to 29.0 %."""
    said = percent if relative else number
    low, high = (None if bound is None else said(bound) for bound in (interval.low, interval.high))
    if low is None and high is None:
        return OPEN
    if low is None:
        return f"up to {high}"
    return f"{low} or more" if high is None else f"{low} to {high}"


def lift(estimate: Estimate) -> tuple[float, Interval] | None:
    """The lift with its interval, where it can be read as one: not of a mean below zero, which turns it."""
    found, around = estimate.relative, estimate.relative_interval
    if found is None or around is None or found * estimate.difference < 0:
        return None
    return found, around


def covering(estimate: Estimate) -> str:
    """What its interval is: 95 % always-valid interval."""
    return f"{100 * estimate.level:.4g} % always-valid interval"


def effect(estimate: Estimate) -> str:
    """The effect with its interval: by lift where there is one, else in the metric's unit."""
    level = covering(estimate)
    said = lift(estimate)
    if said is not None:
        return f"{percent(said[0], signed=True)} ({level} {span(said[1], relative=True)})"
    return f"{number(estimate.difference, signed=True)} ({level} {span(estimate.interval, relative=False)})"


def when(at: int) -> str:
    """A time in UTC. at: microseconds since 1970"""
    return f"{datetime.fromtimestamp(at / 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def duration(span: int) -> str:
    """A span of microseconds in the largest unit that leaves at least two, or one of the smallest."""
    seconds = span // 1_000_000
    for name, many in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * many:
            return count(seconds // many, name)
    return count(seconds, "second")
