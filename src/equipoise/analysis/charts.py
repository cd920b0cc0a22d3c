"""Results as pictures: Vega-Lite documents, plain and without a colour of their own; a theme brings those.

Each holds its data and asks for none, carries a title and a description in words, and tells arms apart by
shape or dash as well as by colour. A bound that is not there is drawn to the edge.
"""

from equipoise.analysis.arrivals import exposures as exposures
from equipoise.analysis.axes import ABOVE, HEIGHT, MOMENT, SCHEMA, TIME, WIDTH, Document
from equipoise.analysis.results import Bounds, Compared, Results
from equipoise.analysis.scales import edges_of, edges_over_time, within
from equipoise.analysis.themes import themed as themed
from equipoise.analysis.wording import effect, percent, span
from equipoise.domain.experiment.state import Role

ROW = 52  # pixels

LOOKS_MIN = 4  # fewer make no band that could be seen


def forest(results: Results) -> Document:
    """The relative lift of every comparison, with its always-valid interval and, broader, the fixed one."""
    edges = edges_of(
        [each.always.relative_interval for each in results.comparisons if each.always],
        [each.always.relative for each in results.comparisons if each.always],
    )
    rows = [_row(results, each, edges) for each in results.comparisons]
    y = {"field": "row", "type": "nominal", "sort": None, "title": None, "axis": _ROW_AXIS}
    scale = {"domain": list(edges), "nice": False}
    x = {
        "type": "quantitative",
        "scale": scale,
        "axis": {"format": "+.1~%", "tickCount": 7},
        "title": "relative lift",
    }
    return {
        "$schema": SCHEMA,
        "title": {"text": "Relative lift", "subtitle": _explained(results)},
        "description": _said_of_all(results),
        "width": WIDTH,
        "height": {"step": ROW},
        "data": {"values": rows},
        "layer": [
            {
                "data": {"values": [{}]},
                "mark": _ZERO,
                "encoding": {"x": {**x, "datum": 0}},
            },
            _bar("naive", "fixed_low", "fixed_high", x, y),
            _bar("interval", "low", "high", x, y),
            _open("low", "low_open", "triangle-left", x, y),
            _open("high", "high_open", "triangle-right", x, y),
            {
                "transform": [{"filter": "datum.lift !== null"}],
                "mark": {"type": "point", "style": "estimate"},
                "encoding": {"x": {**x, "field": "lift"}, "y": y},
            },
            {
                "transform": [{"filter": "datum.lift !== null"}],
                "mark": {"type": "text", "style": "figure"},
                "encoding": {
                    "x": {**x, "field": "lift"},
                    "y": y,
                    "text": {"field": "lift", "type": "quantitative", "format": "+.1%"},
                },
            },
            {
                "transform": [{"filter": "datum.low === null"}],
                "mark": {"type": "text", "style": "absent"},
                "encoding": {
                    "x": {**x, "datum": 0},
                    "y": y,
                    "text": {"value": "not enough yet to state a lift"},
                },
            },
        ],
    }


def interval(results: Results, metric: str = "") -> Document:
    """The always-valid interval of one metric as time went by, and, in amber, what a plain t-test would say.

    metric  key; "" for the one that decides
    """
    metric = metric or deciding(results)
    bounds = [each for each in results.bounds if each.metric == metric]
    relative = any(each.relative_interval is not None for each in bounds)
    edges = edges_over_time(bounds, relative)
    rows = [_point(results, each, relative, edges) for each in bounds]
    name = next((each.name for each in results.comparisons if each.metric == metric), metric)
    looks = len({each.at for each in bounds})
    layers = _band(edges, relative, few=looks < LOOKS_MIN)
    chart: Document = {
        "$schema": SCHEMA,
        "title": {
            "text": f"{name}: how sure, as time went by",
            "subtitle": "Blue: the always-valid interval. Amber: what a plain t-test would have said then.",
        },
        "description": _said_over_time(results, metric, name),
        "data": {"values": rows},
    }
    if len({each.arm for each in bounds}) < 2:
        return {**chart, "width": WIDTH, "height": HEIGHT, "layer": layers}
    inner = {"width": WIDTH, "height": HEIGHT * 2 // 3, "layer": layers}
    order = [arm.name for arm in results.arms]
    header = {"labelOrient": "top", "labelAnchor": "start", "labelFontWeight": "bold"}
    by = {"field": "arm", "type": "nominal", "title": None, "sort": order, "header": header}
    return {**chart, "facet": {"row": by}, "spec": inner}


def together(results: Results) -> Document:
    """Forest plot above interval over time: what `--plot` draws."""
    parts = [forest(results), interval(results)]
    bare = [{name: value for name, value in part.items() if name != "$schema"} for part in parts]
    return {
        "$schema": SCHEMA,
        "title": {"text": results.name, "subtitle": _lines(results.verdict.sentence)},
        "description": " ".join(str(part["description"]) for part in parts),
        "vconcat": bare,
        "spacing": 36,
    }


def deciding(results: Results) -> str:
    """Key of the metric that decides, else of the first that is compared; "" where none is."""
    primary = (each.metric for each in results.comparisons if each.role is Role.PRIMARY)
    return next(primary, results.comparisons[0].metric if results.comparisons else "")


# forest


# The metric above the arm.
_ROW_AXIS = {"labelLimit": 260, "labelExpr": "split(datum.label, ': ')"}


_ZERO = {"type": "rule", "style": "zero"}


def _bar(style: str, low: str, high: str, x: Document, y: Document) -> Document:
    return {
        "transform": [{"filter": f"datum.{low} !== null"}],
        "mark": {"type": "rule", "style": style, "clip": True},
        "encoding": {"x": {**x, "field": low}, "x2": {"field": high}, "y": y},
    }


def _open(at: str, holds: str, shape: str, x: Document, y: Document) -> Document:
    """An arrow where the interval goes on beyond the picture."""
    return {
        "transform": [{"filter": f"datum.{holds}"}],
        "mark": {"type": "point", "style": "beyond", "shape": shape},
        "encoding": {"x": {**x, "field": at}, "y": y},
    }


def _row(results: Results, compared: Compared, edges: tuple[float, float]) -> Document:
    names = results.arm_names
    always, fixed = (each.relative_interval if each else None for each in (compared.always, compared.fixed))
    low, high = within(always, edges)
    fixed_low, fixed_high = within(fixed, edges)
    return {
        "row": f"{compared.name}: {names.get(compared.arm, compared.arm)}",
        "lift": compared.always.relative if compared.always and always else None,
        "low": low,
        "high": high,
        "low_open": always is not None and (always.low is None or always.low < edges[0]),
        "high_open": always is not None and (always.high is None or always.high > edges[1]),
        "fixed_low": fixed_low,
        "fixed_high": fixed_high,
    }


def _explained(results: Results) -> str:
    level = next((each.always.level for each in results.comparisons if each.always), None)
    if level is None:
        return "Nothing is compared yet."
    return f"Line: {100 * level:.4g} % always-valid interval. Bar: the interval for one planned look."


def _said_of_all(results: Results) -> str:
    names = results.arm_names
    said = (
        f"{names.get(each.arm, each.arm)} on {each.name}: {effect(each.always)}."
        for each in results.comparisons
        if each.always is not None
    )
    return "Relative lift of each arm over what it is compared with. " + (" ".join(said) or "Nothing yet.")


# time


def _band(edges: tuple[float, float], relative: bool, few: bool) -> list[Document]:
    """`few` looks make no band to be seen: then each is a bar with a point."""
    axis = {"format": "+.1~%" if relative else "~g", **ABOVE}
    title = "relative lift" if relative else "difference"
    scale = {"domain": list(edges), "nice": False}
    y = {"type": "quantitative", "scale": scale, "axis": axis, "title": title}
    x = MOMENT if few else TIME

    def area(style: str, low: str, high: str) -> Document:
        return {
            "transform": [{"filter": f"datum.{low} !== null"}],
            "mark": {"type": "area", "style": style, "clip": True},
            "encoding": {"x": x, "y": {**y, "field": low}, "y2": {"field": high}},
        }

    def bar(style: str, low: str, high: str) -> Document:
        return {**area(style, low, high), "mark": {"type": "rule", "style": style, "clip": True}}

    line = {"type": "line", "style": "estimate-line", "clip": True, "point": few}
    naive = bar("naive", "naive_low", "naive_high") if few else area("naive-band", "naive_low", "naive_high")
    always = bar("interval", "low", "high") if few else area("band", "low", "high")
    return [
        *((naive, always) if few else (always, naive)),
        {"mark": _ZERO, "encoding": {"y": {**y, "datum": 0}}},
        {"mark": line, "encoding": {"x": x, "y": {**y, "field": "value"}}},
    ]


def _point(results: Results, bound: Bounds, relative: bool, edges: tuple[float, float]) -> Document:
    names = results.arm_names
    low, high = within(bound.relative_interval if relative else bound.interval, edges)
    naive_low, naive_high = within(bound.naive if relative else bound.naive_difference, edges)
    value = bound.relative if relative else bound.difference
    return {
        "at": bound.at // 1_000,
        "arm": names.get(bound.arm, bound.arm),
        "value": None if value is None else min(max(value, edges[0]), edges[1]),
        "low": low,
        "high": high,
        "naive_low": naive_low,
        "naive_high": naive_high,
    }


def _said_over_time(results: Results, metric: str, name: str) -> str:
    last = [each for each in results.bounds if each.metric == metric]
    names = results.arm_names
    newest = {each.arm: each for each in last}
    said = (
        f"{names.get(arm, arm)}: {percent(each.relative, signed=True)}, "
        f"interval {span(each.relative_interval, relative=True)}."
        for arm, each in newest.items()
        if each.relative is not None and each.relative_interval is not None
    )
    end = " ".join(said) or "none yet."
    return f"The always-valid interval of {name or 'nothing'} over time; at the end, {end}"


def _lines(text: str, width: int = 96) -> list[str]:
    """A sentence broken where a title would not."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
