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
@pytest.mark.parametrize("width", [240, 820])
def test_every_chart_still_draws_with_what_it_says(name: str, results: Any, width: int) -> None:
    document = TELL[name](framed(CHARTS[name], results, width))
    assert drawing.svg(document, "dark").startswith(b"<svg")


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_figures_share_a_title(name: str) -> None:
    told = TELL[name](framed(CHARTS[name], TWO, 820))
    layers = told.get("layer") or told["spec"]["layer"]
    for layer in layers:
        titles = [each["title"] for each in layer["encoding"].get("tooltip", ())]
        assert len(titles) == len(set(titles)), "the last would hide the first"


def test_times_are_said_in_utc() -> None:
    told = TELL["exposures"](framed(CHARTS["exposures"], some_results(), 820))
    assert told["layer"][-1]["data"]["values"][0]["when"].endswith(" UTC")


def test_arms_are_said_by_their_names_whatever_stands_in_them() -> None:
    results = replace(TWO, exposed=some_results().exposed)
    told = TELL["exposures"](framed(CHARTS["exposures"], results, 820))
    titles = [each["title"] for each in told["layer"][-1]["encoding"]["tooltip"]]
    assert titles == ["until", "Control", "Sho.rt[er]"]
