"""A person walks through the pages in a real browser: by a one-time link, from the list to the result."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect

from equipoise.analysis.results import Call
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.commands import Create as HoldoutBorn
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Create as LayerBorn
from equipoise.domain.layer.state import Reservation
from equipoise.storage import open_store
from tests.chromium import launched
from tests.domain.builders import a_holdout, a_layer
from tests.web.browsing import HERE
from tests.web.shop import DEMO, Shop, a_shop
from tests.web.some_results import some_results

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1200, "height": 900}
WAIT_MS = 60_000  # a busy machine draws slowly
LONG = "Unbreakable" * 20
SHARING = HERE.removesuffix("experiments") + "sharing"

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    store = open_store(tmp_path_factory.mktemp("pages") / "store", threads=4)
    made = a_shop(store)
    made.running("checkout", annotations={"equipoise.demo": DEMO})
    made.running_elsewhere("long", tags=(LONG,), description=LONG)
    made.draft("buttons", "Bigger buttons", holdout=a_holdout().id)
    made.plant(HOLDOUT, None, HoldoutBorn(a_holdout(name=LONG)))
    held = (Reservation("production", "buttons", ((0, 40_000),)), Reservation("production", LONG, ()))
    made.plant(LAYER, None, LayerBorn(a_layer(name=LONG, reservations=held)))
    yield made
    made.house.threads.shutdown()
    store.close()


@pytest.fixture(scope="module")
def url(shop: Shop) -> Iterator[str]:
    """Where the pages are served, on a socket of 127.0.0.1."""
    with serving(shop.house.app) as found:
        yield found


@contextmanager
def serving(app: Any) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


class Walk:
    """A page of one browser, and all that it complained of: the policy, the console, what did not load."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.url = url
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self._heard(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self._missed(request.url, request.failure))

    def enter(self, shop: Shop, wished: str = HERE) -> None:
        self.page.goto(f"{self.url}/ui/sign-in/{shop.house.reception.invite()}?next={wished}")

    def sideways(self) -> int:
        """Pixels that the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wide

    def _missed(self, url: str, why: str | None) -> None:
        if why != "net::ERR_ABORTED":  # somebody walked on before it came
            self.complaints.append(f"{url}: {why}")

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")


@contextmanager
def walking(browser: Browser, url: str, **said: Any) -> Iterator[Walk]:
    context = browser.new_context(**{"viewport": DESK, **said})
    try:
        walk = Walk(context, url)
        yield walk
        assert walk.complaints == []
    finally:
        context.close()


def test_without_script_every_step_is_a_link_or_a_button(browser: Browser, url: str, shop: Shop) -> None:
    shop.house.reports.given = some_results(Call.BETTER)
    with walking(browser, url, java_script_enabled=False) as walk:
        page = walk.page
        walk.enter(shop)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(url + HERE)
        page.get_by_label("Name or key").fill("shorter")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="A shorter checkout").click()
        expect(page.get_by_role("heading", name="A shorter checkout")).to_be_visible()
        page.get_by_role("link", name="Design").click()
        expect(page.get_by_role("heading", name="Arms")).to_be_visible()
        page.get_by_role("link", name="Result", exact=True).click()
        expect(page.get_by_text(some_results(Call.BETTER).verdict.sentence)).to_be_visible()
        for picture in page.locator("figure img").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("(image) => image.naturalWidth") > 300, "it was drawn"
        page.get_by_text("Plan, data and statements").click()
        expect(page.get_by_text("duckdb 2.0")).to_be_visible()
        page.get_by_label("Environment").select_option("default/test")
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("No experiment yet")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{url}/ui/sign-in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_with_script_the_charts_answer_under_the_policy(
    scheme: Any, size: Any, browser: Browser, url: str, shop: Shop
) -> None:
    shop.house.reports.given = some_results(Call.BETTER)
    with walking(browser, url, viewport=size, color_scheme=scheme) as walk:
        page = walk.page
        walk.enter(shop)
        page.wait_for_url(url + HERE)  # the link signs in by itself where somebody looks at it
        page.get_by_role("link", name="A shorter checkout").click()
        expect(page.get_by_text(DEMO)).to_be_visible()
        for figure in page.locator("figure").all():
            figure.scroll_into_view_if_needed()
            figure.locator("canvas").wait_for(state="visible")
        expect(page.locator("figure.upgraded")).to_have_count(3)
        assert walk.sideways() == 0
        assert page.locator("time").first.get_attribute("title"), "the reader's own time"


@pytest.mark.parametrize("call", Call)
def test_every_verdict_fits_a_phone(call: Call, browser: Browser, url: str, shop: Shop) -> None:
    shop.house.reports.given = some_results(call)
    with walking(browser, url, viewport=PHONE) as walk:
        walk.enter(shop, f"{HERE}/long/result")
        walk.page.get_by_text(some_results(call).verdict.sentence).wait_for()
        walk.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert walk.sideways() == 0


@pytest.mark.parametrize(
    "path", [HERE, f"{HERE}/long", f"{HERE}/checkout", f"{HERE}/buttons", SHARING, "/ui/sign-in"]
)
def test_every_page_fits_a_phone(path: str, browser: Browser, url: str, shop: Shop) -> None:
    with walking(browser, url, viewport=PHONE) as walk:
        walk.enter(shop)
        walk.page.wait_for_url(url + HERE)
        walk.page.goto(url + path)
        assert walk.sideways() == 0


def test_the_pages_can_be_walked_by_keyboard(browser: Browser, url: str, shop: Shop) -> None:
    with walking(browser, url) as walk:
        walk.enter(shop)
        walk.page.wait_for_url(url + HERE)
        walk.page.keyboard.press("Tab")
        assert walk.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        walk.page.keyboard.press("Tab")
        outline = walk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", "what has the focus is seen"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(scheme: Any, browser: Browser, url: str, shop: Shop) -> None:
    """4.5 to 1 (WCAG 2.2, 1.4.3 AA) for every colour of words on every ground they stand on."""
    shop.house.reports.given = some_results(Call.UNTRUSTED)
    measure = (Path(__file__).parent / "contrasts.js").read_text()
    with walking(browser, url, color_scheme=scheme) as walk:
        walk.enter(shop, f"{HERE}/checkout/result")
        walk.page.get_by_text("Not to be trusted").wait_for()
        pairs = walk.page.evaluate(measure)
        walk.page.goto(url + SHARING)
        pairs += walk.page.evaluate(measure)
    assert len(pairs) > 5
    assert [pair for pair in pairs if pair["ratio"] < 4.5] == []
