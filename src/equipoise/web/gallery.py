"""The charts of a page: which there are, and how they fit where they stand."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from equipoise.analysis import charts, peeking
from equipoise.analysis.results import Compared, Results
from equipoise.web.words import percent, percent_span

Document = dict[str, Any]

WIDTHS = {"narrow": 320, "middle": 560, "wide": 820}  # of a picture in pixels; it grows and shrinks a little
WIDTH_MIN, WIDTH_MAX = 240, 1_600
NARROW_BELOW = 480
NARROW_LABEL = 92
AXIS_ROOM = 64  # of what stands left of a plot that is repeated
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
        "for a single planned look. Where the line stays clear of zero, there is a difference.",
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


def framed(chart: Chart, results: Results, width: int) -> Document:
    """The chart for a page, which says the title itself and shines through. width: pixels of all of it"""
    document = {name: part for name, part in chart.document(results).items() if name != "title"}
    narrow = width < NARROW_BELOW
    fitted = {**_fitted(document, width), "background": "transparent", "padding": PADDING}
    return _relabelled(fitted) if narrow else fitted


def described(name: str, results: Results) -> str:
    """What a chart shows, for whoever cannot see it."""
    chart = CHARTS[name]
    if name == "exposures":
        units = "; ".join(f"{arm.name}: {arm.units:,} units" for arm in results.arms)
        return f"{chart.title}. {units}."
    lines = (_line(each, results) for each in results.comparisons if each.always is not None)
    return f"{chart.title}. {'; '.join(lines) or 'Nothing can be estimated yet'}."


def compared_over_time(results: Results) -> str:
    """What the interval over time is of."""
    metric = charts.deciding(results)
    names = results.arm_names
    said = [
        f"“{names.get(each.arm, each.arm)}” against “{names.get(each.against, each.against)}”"
        for each in results.comparisons
        if each.metric == metric
    ]
    name = next((each.name for each in results.comparisons if each.metric == metric), metric)
    return f"“{name}”: {', '.join(said)}." if said else ""


def noticed(name: str, results: Results) -> list[str]:
    """What is to be seen in a chart, in sentences made from the same figures."""
    if name != "interval":
        return []
    found = peeking.peeked(results, charts.deciding(results))
    names = results.arm_names
    lead = [f"“{names[each.arm]}”: " if len(found) > 1 else "" for each in found]
    return [before + peeking.sentence(each) for before, each in zip(lead, found, strict=True)]


def _line(each: Compared, results: Results) -> str:
    arm = next((arm.name for arm in results.arms if arm.id == each.arm), each.arm)
    assert each.always is not None
    return (
        f"{each.name}, {arm}: {percent(each.always.relative)}, {percent_span(each.always.relative_interval)}"
    )


def _fitted(document: Document, width: int) -> Document:
    """With the width there is. What repeats per arm has its width inside, and nobody fits it."""
    if "spec" not in document:
        fit = {"type": "fit-x", "contains": "padding"}
        return {**document, "width": width, "height": _height(document), "autosize": fit}
    inside = width - PADDING["left"] - PADDING["right"] - AXIS_ROOM
    return {**document, "spec": {**document["spec"], "width": inside}}


def _height(document: Document) -> int:
    """In pixels, also of rows: what is fitted must know."""
    height = document["height"]
    if isinstance(height, dict):
        height = height["step"] * max(len({row["row"] for row in document["data"]["values"]}), 1)
    return int(height)


def _relabelled(part: Any) -> Any:
    """With labels that a phone has room for."""
    if isinstance(part, dict):
        short = {name: _relabelled(each) for name, each in part.items() if name != "values"}
        for limit in short.keys() & {"labelLimit", "limit"}:
            short[limit] = NARROW_LABEL
        return {**part, **short}
    return [_relabelled(each) for each in part] if isinstance(part, list) else part
