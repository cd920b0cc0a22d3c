"""Figures and times as people read them."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import floor
from typing import Any

from markupsafe import Markup, escape

from equipoise.analysis.results import Interval
from equipoise.domain.change import Event
from equipoise.domain.proposal import Proposal

MINUS = "\N{MINUS SIGN}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FIGURE = re.compile(r"[+-]?[0-9][0-9,.]* %")
_WORD = re.compile("(?<=[a-z])(?=[A-Z])")


def when(at: int | None) -> Markup:
    """A time in milliseconds since 1970, in UTC; script adds the reader's own."""
    if at is None:
        return Markup(NOTHING)
    try:
        said = datetime.fromtimestamp(at / 1_000, UTC)
    except (OverflowError, ValueError, OSError):
        return Markup(NOTHING)
    return Markup('<time datetime="{}">{}</time>').format(
        said.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{said.day} {said:%b %Y, %H:%M} UTC"
    )


def when_micro(at: int | None) -> Markup:
    """A time in microseconds since 1970."""
    return when(None if at is None else at // 1_000)


def share(thousandths: int | None) -> str:
    """Thousandths of a percent."""
    return NOTHING if thousandths is None else f"{thousandths / 1_000:g}{NARROW}%"


def count(number: float) -> str:
    """A whole number, in groups of three digits."""
    return f"{number:,.0f}".replace(",", NARROW)


def figure(value: float | None) -> str:
    """Four digits that mean something."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value and not 1e-4 <= abs(value) < 1e6:
        text = f"{value:.3e}"
    elif abs(value) >= 1_000:
        text = f"{value:,.0f}".replace(",", NARROW)
    else:
        text = f"{value:.4g}"
    return text.replace("-", MINUS)


def signed(value: float | None) -> str:
    """With its sign."""
    return f"+{figure(value)}" if value is not None and value > 0 else figure(value)


def percent(value: float | None) -> str:
    """A proportion as a percentage with its sign."""
    if value is None or not math.isfinite(value):
        return NOTHING
    digits = 1 if abs(value) >= 0.1 else 2
    return f"{value * 100:+.{digits}f}{NARROW}%".replace("-", MINUS)


def portion(value: float | None) -> str:
    """A share of units as a percentage: 20.3 %."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value * 100:.{1 if value >= 0.1 else 2}f}{NARROW}%"


def points(value: float | None) -> str:
    """A difference of two shares in percentage points, with its sign."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value * 100:+.2f}".replace("-", MINUS)


def points_span(interval: Interval | None) -> str:
    return _span(interval, points)


def span(interval: Interval | None) -> str:
    """An interval, open where it has no bound."""
    return _span(interval, signed)


def percent_span(interval: Interval | None) -> str:
    return _span(interval, percent)


def p_value(estimate: Any) -> str:
    """A p-value, also one too small to be a float."""
    if estimate.p_value >= 0.001:
        return f"{estimate.p_value:.3f}"
    power = floor(estimate.p_log10)
    mantissa = round(10 ** (estimate.p_log10 - power), 1)
    if mantissa >= 10:
        power, mantissa = power + 1, 1.0
    return f"{mantissa:.1f}{NARROW}×{NARROW}10{str(power).translate(_RAISED)}"


def unbroken(text: str) -> Markup:
    """A sentence whose figures stay on one line with their unit."""
    return Markup(_FIGURE.sub(r'<span class="unbroken">\g<0></span>', str(escape(text))))


def plural(number: int, one: str, many: str = "") -> str:
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def happened(event: Event) -> str:
    """What an event says, in words."""
    kind = type(event).__name__
    tell = _EVENTS.get(kind)
    return _WORD.sub(" ", kind).capitalize() if tell is None else tell(event)


def _span(interval: Interval | None, write: Callable[[float | None], str]) -> str:
    if interval is None:
        return NOTHING
    low = f"{MINUS}∞" if interval.low is None else write(interval.low)
    high = "+∞" if interval.high is None else write(interval.high)
    return f"{low} to {high}"


def _phase(proposal: Proposal) -> str:
    if proposal.level is not None:
        return f"The ramp is at {share(proposal.level)}"
    return "New phase: the allocation changed"


_EVENTS: dict[str, Callable[[Any], str]] = {
    "Created": lambda event: "Created",
    "Renamed": lambda event: f"Renamed to “{event.name}”",
    "Described": lambda event: "Description changed",
    "Tagged": lambda event: f"Tags set: {', '.join(event.tags) or 'none'}",
    "MaintainerAssigned": lambda event: "Maintainer changed",
    "Annotated": lambda event: f"Note {event.field} set",
    "HypothesisSet": lambda event: "Hypothesis changed",
    "MetricsSet": lambda event: f"Metrics set: {', '.join(use.key for use in event.metrics) or 'none'}",
    "AnalysisSet": lambda event: f"Analysis set: {event.analysis.methodology}",
    "UnitSet": lambda event: f"Unit set: {event.unit}",
    "AllocationProposed": lambda event: "Allocation of the draft changed",
    "IterationDrafted": lambda event: "New draft iteration",
    "PutAside": lambda event: "Draft put aside",
    "TakenUp": lambda event: "Draft taken up again",
    "Started": lambda event: f"Started: {event.reason}" if event.reason else "Started",
    "PhaseOpened": lambda event: _phase(event.proposal),
    "Stopped": lambda event: f"Stopped: {event.reason}" if event.reason else "Stopped",
}

FILTERS: dict[str, Callable[..., Any]] = {
    "when": when,
    "when_micro": when_micro,
    "share": share,
    "count": count,
    "figure": figure,
    "signed": signed,
    "percent": percent,
    "span": span,
    "percent_span": percent_span,
    "portion": portion,
    "points": points,
    "points_span": points_span,
    "p_value": p_value,
    "plural": plural,
    "unbroken": unbroken,
}
