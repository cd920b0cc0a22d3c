"""Charts as pictures, drawn here and now."""

from typing import Any
from xml.etree import ElementTree

import pytest

from equipoise.analysis import charts
from equipoise.web import drawing
from tests.analysis.pictures import a_result, nothing

ALL = {
    "forest": charts.forest,
    "interval": charts.interval,
    "exposures": charts.exposures,
    "together": charts.together,
}
over_all = pytest.mark.parametrize("draw", ALL.values(), ids=ALL)


@over_all
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_is_an_svg_that_names_what_it_shows(draw: Any, theme: str) -> None:
    drawn = drawing.svg(draw(a_result()), theme)
    root = ElementTree.fromstring(drawn)
    assert root.tag.endswith("svg")
    said = "".join(root.itertext())
    assert "Two steps" in said
    assert b"<script" not in drawn
    paper = {"light": b'fill="#ffffff"', "dark": b'fill="#14171f"'}[theme]
    assert paper in drawn


@over_all
def test_a_picture_of_nothing_is_a_picture(draw: Any) -> None:
    assert drawing.svg(draw(nothing())).startswith(b"<svg")


def test_a_name_with_markup_in_it_stays_a_name() -> None:
    drawn = drawing.svg(charts.exposures(a_result()))
    assert b"One page &amp; &lt;all&gt;" in drawn


def test_a_png_is_a_png() -> None:
    assert drawing.png(charts.forest(a_result()), "dark").startswith(b"\x89PNG\r\n")


def test_a_document_that_asks_for_data_elsewhere_gets_none() -> None:
    asking = {"data": {"url": "http://127.0.0.1:9/data.json"}, "mark": "point"}
    with pytest.raises(ValueError, match=r"(?i)url|not allowed"):
        drawing.svg(asking)


def test_the_converter_warms_up_without_a_word() -> None:
    drawing.warm()
