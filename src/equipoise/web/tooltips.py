"""What a chart says under the pointer: figures in the chart's own words, times in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Document = dict[str, Any]

REACH = 26  # pixels around a moment that belong to it
LIFT = "+.2%"


def forest(document: Document) -> Document:
    """Every mark of a row says all of the row."""
    said = [
        _said("row", "comparison"),
        *_figures((("lift", "estimate"), ("low", "always-valid from"), ("high", "always-valid to")), LIFT),
        *_figures((("fixed_low", "one planned look from"), ("fixed_high", "one planned look to")), LIFT),
    ]
    layers = [_telling(layer, said) if "y" in layer["encoding"] else layer for layer in document["layer"]]
    return {**document, "layer": layers}


def interval(document: Document) -> Document:
    """Wherever the pointer is: the nearest moment."""
    inner = document.get("spec", document)
    form = inner["layer"][0]["encoding"]["y"]["axis"]["format"]
    figures = (("value", "estimate"), ("low", "always-valid from"), ("high", "always-valid to"))
    naive = (("naive_low", "plain t-test from"), ("naive_high", "plain t-test to"))
    said = [_said("when", "until"), *_figures(figures, form), *_figures(naive, form)]
    fitted = {**inner, "layer": [*inner["layer"], _moments(inner["layer"][0]["encoding"]["x"], said)]}
    timed = {**document, "data": {"values": [_dated(row) for row in document["data"]["values"]]}}
    return {**timed, "spec": fitted} if "spec" in document else {**timed, "layer": fitted["layer"]}


def exposures(document: Document) -> Document:
    """Wherever the pointer is: the units of every arm at the nearest moment."""
    by_moment: dict[int, Document] = {}
    names: dict[str, str] = {}  # arm → a field of our own naming, since names may hold dots
    for row in document["data"]["values"]:
        field = names.setdefault(row["arm"], f"arm{len(names)}")
        by_moment.setdefault(row["at"], _dated({"at": row["at"]}))[field] = row["units"]
    said = [_said("when", "until"), *_figures(((field, arm) for arm, field in names.items()), ",")]
    lines = document["layer"]
    told = {"data": {"values": list(by_moment.values())}, **_moments(lines[0]["encoding"]["x"], said)}
    return {**document, "layer": [*lines, told]}


TELL = {"forest": forest, "interval": interval, "exposures": exposures}


def _telling(layer: Document, said: list[Document]) -> Document:
    return {**layer, "encoding": {**layer["encoding"], "tooltip": said}}


def _moments(x: Document, said: list[Document]) -> Document:
    """A stroke at each moment, too faint to be seen."""
    mark = {"type": "rule", "strokeWidth": REACH, "opacity": 0.001}
    return {"mark": mark, "encoding": {"x": x, "tooltip": said}}


def _figures(named: Iterable[tuple[str, str]], form: str) -> list[Document]:
    return [
        {"field": field, "title": title, "type": "quantitative", "format": form} for field, title in named
    ]


def _said(field: str, title: str) -> Document:
    return {"field": field, "title": title, "type": "nominal"}


def _dated(row: Document) -> Document:
    moment = datetime.fromtimestamp(row["at"] / 1_000, UTC)
    return {**row, "when": f"{moment.day} {moment:%b %Y, %H:%M} UTC"}
