"""The charts of a page: which there are, and how they fit where they stand."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from equipoise.analysis import charts
from equipoise.analysis.results import Compared, Results
from equipoise.web.words import percent, percent_span

Document = dict[str, Any]

NARROW_WIDTH = 160  # of what is plotted, in pixels, on a phone
WIDE_WIDTH = 640
NARROW_LABEL = 120
PADDING = {"left": 28, "right": 12, "top": 5, "bottom": 5}  # letters of a reader's font may be wider


class Chart(Struct, frozen=True):
    """A kind of chart, its title, and what one reads off it."""

    document: Callable[[Results], Document]
    title: str
    about: str


CHARTS = {
    "forest": Chart(
        charts.forest,
        "Effect by metric",
        "The thin blue line is the always-valid interval of the relative change, the broad amber bar the one "
        "for a single planned look. Where the line stays clear of zero there is a difference.",
    ),
    "interval": Chart(
        charts.interval,
        "Interval over time",
        "The blue band is the always-valid interval, which you may look at on any day; the amber band is "
        "what a plain t-test would have said at that moment.",
    ),
    "exposures": Chart(
        charts.exposures, "Exposures over time", "Units seen so far, by arm, at the first time each was seen."
    ),
}


def framed(chart: Chart, results: Results, narrow: bool) -> Document:
    """The chart for a page, which says the title itself and shines through."""
    document = {name: part for name, part in chart.document(results).items() if name != "title"}
    return {**_fitted(document, narrow), "background": "transparent", "padding": PADDING}


def described(name: str, results: Results) -> str:
    """What a chart shows, for whoever cannot see it."""
    chart = CHARTS[name]
    if name == "exposures":
        units = "; ".join(f"{arm.name}: {arm.units:,} units" for arm in results.arms)
        return f"{chart.title}. {units}."
    lines = (_line(each, results) for each in results.comparisons if each.always is not None)
    return f"{chart.title}. {'; '.join(lines) or 'Nothing can be estimated yet'}."


def _line(each: Compared, results: Results) -> str:
    arm = next((arm.name for arm in results.arms if arm.id == each.arm), each.arm)
    assert each.always is not None
    return (
        f"{each.name}, {arm}: {percent(each.always.relative)}, {percent_span(each.always.relative_interval)}"
    )


def _fitted(document: Document, narrow: bool) -> Document:
    """With the width there is. What repeats per arm has its width inside."""
    if "spec" in document:
        return {**document, "spec": _fitted(document["spec"], narrow)}
    by_row = isinstance(document.get("height"), dict)  # long names stand on the left
    width = NARROW_WIDTH + (0 if by_row else 80) if narrow else WIDE_WIDTH - (100 if by_row else 0)
    fitted = {**document, "width": width}
    return _relabelled(fitted) if narrow and by_row else fitted


def _relabelled(part: Any) -> Any:
    """With labels that a phone has room for."""
    if isinstance(part, dict):
        short = {name: _relabelled(each) for name, each in part.items() if name != "values"}
        if "labelLimit" in short:
            short["labelLimit"] = NARROW_LABEL
        return {**part, **short}
    return [_relabelled(each) for each in part] if isinstance(part, list) else part
