"""Charts as documents: whole, in words too, and nothing asked of anybody."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.analysis import charts, themes
from equipoise.analysis.results import Interval, Results
from equipoise.analysis.themes import THEMES
from tests.analysis.pictures import NAMES, PAGE, STEPS, a_result, estimate, nothing

ALL: dict[str, Callable[[Results], dict[str, Any]]] = {
    "forest": charts.forest,
    "interval": charts.interval,
    "exposures": charts.exposures,
    "together": charts.together,
}
over_all = pytest.mark.parametrize("draw", ALL.values(), ids=ALL)


def parts(document: Any) -> Iterator[dict[str, Any]]:
    """Every object within."""
    if isinstance(document, dict):
        yield document
        for each in document.values():
            yield from parts(each)
    elif isinstance(document, list):
        for each in document:
            yield from parts(each)


def rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["data"]["values"]
    return found


@over_all
def test_a_chart_asks_nobody_for_data_and_holds_no_number_that_json_lacks(draw: Any) -> None:
    for results in (a_result(), nothing()):
        document = draw(results)
        json.dumps(document, allow_nan=False)
        assert not any("url" in each for each in parts(document))


@over_all
def test_a_chart_has_a_title_and_says_in_words_what_it_shows(draw: Any) -> None:
    document = draw(a_result())
    assert document["title"]["text"]
    assert "Two steps" in document["description"]
    assert draw(nothing())["description"]


@over_all
def test_a_theme_gives_every_mark_its_colours_and_leaves_the_document_as_it_was(draw: Any) -> None:
    plain = draw(a_result())
    before = json.dumps(plain)
    light, dark = (themes.themed(plain, theme) for theme in THEMES)
    assert json.dumps(plain) == before
    assert light["config"]["background"] != dark["config"]["background"]
    styled = [each["mark"] for each in parts(dark) if isinstance(each.get("mark"), dict)]
    assert styled
    assert all(mark.keys() > {"type", "style"} for mark in styled)
    said = json.dumps(plain)
    assert "#" not in said.replace("$schema", ""), "colours are the theme's"


def test_an_open_interval_is_drawn_to_the_edge_with_an_arrow() -> None:
    document = charts.forest(a_result())
    row = next(each for each in rows(document) if each["low_open"])
    scale = document["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert row["row"] == "Revenue: Two steps"
    assert (row["low"], row["high"], row["high_open"]) == (scale[0], 0.5, False)


def test_a_comparison_without_a_lift_is_shown_as_one_that_has_none() -> None:
    row = rows(charts.forest(a_result()))[-1]
    assert (row["lift"], row["low"], row["high"]) == (None, None, None)


def test_nothing_is_always_in_the_picture() -> None:
    far = a_result().comparisons[1]
    document = charts.forest(a_result(comparisons=(replace(far, always=estimate(0.5, 0.4, 0.6)),)))
    low, high = document["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert low < 0 < 0.6 < high


def test_what_decides_is_drawn_over_time_with_a_row_for_each_arm() -> None:
    document = charts.interval(a_result())
    assert {each["arm"] for each in rows(document)} == {NAMES[STEPS], NAMES[PAGE]}
    assert document["facet"]["row"]["sort"] == list(NAMES.values())
    assert document["title"]["text"].startswith("Purchases")


def test_the_first_wide_intervals_do_not_hide_the_later_ones() -> None:
    document = charts.interval(a_result())
    low, high = document["spec"]["layer"][0]["encoding"]["y"]["scale"]["domain"]
    last = rows(document)[-1]
    assert low <= last["low"] < last["high"] <= high
    assert high - low < 2.4
    assert all(low <= each["low"] and each["high"] <= high for each in rows(document))


def test_where_no_lift_can_be_stated_the_difference_is_drawn() -> None:
    bare = tuple(
        replace(each, relative=None, relative_interval=None, naive=None, naive_difference=Interval(-1, 1))
        for each in a_result().bounds
        if each.arm == STEPS
    )
    document = charts.interval(a_result(bounds=bare))
    assert document["layer"][0]["encoding"]["y"]["title"] == "difference"
    assert rows(document)[-1]["naive_high"] == 1
    assert rows(document)[-1]["value"] == 2.0


def test_a_few_looks_are_bars_since_a_band_of_them_could_not_be_seen() -> None:
    first = tuple(each for each in a_result().bounds if each.arm == STEPS)[:1]
    marks = {each["mark"]["type"] for each in charts.interval(a_result(bounds=first))["layer"]}
    assert marks == {"rule", "line"}


def test_each_line_is_named_where_it_ends_and_no_name_hides_another() -> None:
    document = charts.exposures(a_result())
    ends = document["layer"][1]["data"]["values"]
    assert {each["arm"] for each in ends} == set(NAMES.values())
    assert len({each["at"] for each in ends}) == 1
    heights = sorted(each["units"] for each in ends)
    assert heights[0] == 4_800
    assert min(high - low for low, high in pairwise(heights)) >= 0.07 * 4_800


def test_a_lift_is_said_beside_its_mark() -> None:
    said = [each for each in charts.forest(a_result())["layer"] if each["mark"]["type"] == "text"]
    assert said[0]["encoding"]["text"]["field"] == "lift"


def test_units_add_up_over_time() -> None:
    found = [each["units"] for each in rows(charts.exposures(a_result())) if each["arm"] == "Two steps"]
    assert (found[0], found[-1]) == (100, 4_800)
    assert found == sorted(found)
