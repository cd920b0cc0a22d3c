"""What charts say under the pointer."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.analysis.results import Call
from equipoise.web import drawing
from equipoise.web.gallery import CHARTS, framed
from equipoise.web.tooltips import TELL
from tests.web.some_results import an_arm, some_bounds, some_results

TWO = some_results(
    arms=(an_arm("off", "Control"), an_arm("on", "Sho.rt[er]"), an_arm("third", "Third")),
    bounds=(*some_bounds(), *(replace(each, arm="third") for each in some_bounds())),
)


@pytest.mark.parametrize("results", [*map(some_results, Call), TWO], ids=[*Call, "three arms"])
@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("narrow", [True, False])
def test_every_chart_still_draws_with_what_it_says(name: str, results: Any, narrow: bool) -> None:
    document = TELL[name](framed(CHARTS[name], results, narrow))
    assert drawing.svg(document, "dark").startswith(b"<svg")


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_figures_share_a_title(name: str) -> None:
    told = TELL[name](framed(CHARTS[name], TWO, narrow=False))
    layers = told.get("layer") or told["spec"]["layer"]
    for layer in layers:
        titles = [each["title"] for each in layer["encoding"].get("tooltip", ())]
        assert len(titles) == len(set(titles)), "the last would hide the first"


def test_times_are_said_in_utc() -> None:
    told = TELL["exposures"](framed(CHARTS["exposures"], some_results(), narrow=False))
    assert told["layer"][1]["data"]["values"][0]["when"].endswith(" UTC")


def test_arms_are_said_by_their_names_whatever_stands_in_them() -> None:
    results = replace(TWO, exposed=some_results().exposed)
    told = TELL["exposures"](framed(CHARTS["exposures"], results, narrow=False))
    titles = [each["title"] for each in told["layer"][1]["encoding"]["tooltip"]]
    assert titles == ["until", "Control", "Sho.rt[er]"]
