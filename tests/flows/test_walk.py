"""A newcomer's whole walk in a real browser, over a real server and what a real demonstration left behind."""

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.chromium import launched
from tests.flows.test_pages import PHONE, WAIT_MS, Walk, walking
from tests.served import Place, Server, command, environment, serving
from tests.web.browsing import HERE

DEMO_SECONDS_MAX = 240
CHARTS = ("Effect by metric", "Interval over time", "Exposures over time")
BETTER = re.compile(r"“Two steps” raises “purchase” by [0-9.]+ % \(95 % always-valid interval .*“Four steps”")
UNDECIDED = re.compile(r"Nothing is decided yet: “Red” against “Blue” stands at .* on “newsletter”")
UNTRUSTED = re.compile(r"This result cannot be trusted: units came [0-9.]+ % : [0-9.]+ %")
# How often the t-test was wrong depends on when the days of the shop fall into the looks.
WITHOUT_ERROR = re.compile(r"always-valid interval (never did|called a difference at any)")
VERDICTS = (("Checkout in two steps", BETTER), ("Red banner", UNDECIDED), ("New search", UNTRUSTED))

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Place:
    """Where a demonstration has been. It asks for the browser, so that no demonstration is for nothing."""
    place = Place(tmp_path_factory.mktemp("walk") / "data")
    _said("demo", "--no-serve", "--pace", "0", "--seed", "1", "--port", "0", *place.arguments)
    return place


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Server]:
    with serving(place) as found:
        yield found


def _said(*arguments: str) -> str:
    kept = {name: value for name, value in environment().items() if name != "EQUIPOISE_ADMIN_TOKEN"}
    told = subprocess.run(
        command(*arguments), env=kept, capture_output=True, text=True, timeout=DEMO_SECONDS_MAX, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def link(server: Server, place: Place) -> str:
    port = server.url.rpartition(":")[2]
    return _said("sign-in", "--port", port, "--then", HERE, *place.arguments).split()[-1]


def by_name(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)


def read_result(walk: Walk, verdict: re.Pattern[str]) -> None:
    """What every result page must show."""
    page = walk.page
    expect(page.locator(".sentence")).to_have_text(verdict)
    expect(page.locator("figure h2")).to_have_text(CHARTS)
    expect(page.get_by_text("called a difference at")).to_be_visible()
    assert walk.sideways() == 0


def drawn(page: Page) -> None:
    """Every picture of the page has come, and has a size of its own."""
    for picture in page.locator("figure img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(image) => image.naturalWidth") > 200
        assert picture.evaluate("(image) => image.naturalHeight") > 50


def filled(page: Page) -> None:
    """Every chart answers to a pointer, and is as wide as the room it has."""
    for figure in page.locator("figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator("canvas").wait_for(state="visible")
        wide, room = (
            figure.locator(each).evaluate("(it) => it.clientWidth") for each in ("canvas", ".picture")
        )
        assert 0.95 * room <= wide <= room
    expect(page.locator("figure.upgraded")).to_have_count(len(CHARTS))


@pytest.mark.parametrize(
    ("scripted", "shown"),
    [
        pytest.param(True, {}, id="desk"),
        pytest.param(True, {"viewport": PHONE}, id="phone"),
        pytest.param(True, {"color_scheme": "dark"}, id="dark"),
        pytest.param(False, {}, id="desk without script"),
        pytest.param(False, {"viewport": PHONE}, id="phone without script"),
    ],
)
def test_from_the_printed_link_to_each_result(
    scripted: bool, shown: dict[str, Any], browser: Browser, server: Server, place: Place
) -> None:
    with walking(browser, server.url, java_script_enabled=scripted, **shown) as walk:
        page = walk.page
        page.goto(link(server, place))
        if not scripted:
            page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(server.url + HERE)
        expect(page.get_by_text("3 experiments")).to_be_visible()
        expect(page.get_by_text("“Two steps” won")).to_be_visible()
        assert walk.sideways() == 0
        for name, verdict in VERDICTS:
            by_name(page, name).click()
            read_result(walk, verdict)
            expect(page.get_by_text("The truth, which only the simulation knows")).to_be_visible()
            filled(page) if scripted else drawn(page)
            by_name(page, "Design").click()
            expect(page.get_by_role("heading", name="Arms")).to_be_visible()
            assert walk.sideways() == 0
            by_name(page, "Experiments").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{server.url}/ui/sign-in")


def test_the_result_says_what_was_decided_and_what_a_t_test_would_have_said(
    browser: Browser, server: Server, place: Place
) -> None:
    with walking(browser, server.url) as walk:
        page = walk.page
        page.goto(link(server, place))
        page.wait_for_url(server.url + HERE)
        page.goto(f"{server.url}{HERE}/checkout/result")
        expect(page.locator(".decision")).to_contain_text("“Two steps” won, and is served to everybody")
        page.goto(f"{server.url}{HERE}/banner/result")
        said = page.locator(".noticed")
        expect(said).to_contain_text(WITHOUT_ERROR)


def test_every_column_of_the_list_has_room_for_its_words(
    browser: Browser, server: Server, place: Place
) -> None:
    with walking(browser, server.url) as walk:
        walk.page.goto(link(server, place))
        walk.page.wait_for_url(server.url + HERE)
        for row in walk.page.locator(".experiments tbody tr").all():
            box = row.bounding_box()
            assert box is not None
            assert box["height"] < 140, "a word a line"
