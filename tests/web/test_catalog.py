"""The catalog: ours and what others published, searched, turned, and no way out where no link leads."""

import pytest
from msgspec.structs import replace

from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.commands import Create
from equipoise.domain.catalog.state import CatalogEntry, Content
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import Create as Install
from equipoise.domain.labels import Archive
from equipoise.web.catalog import PAGE_ITEMS
from tests.domain.builders import an_installation
from tests.storage.desk import an_id
from tests.web.browsing import HERE, Browser
from tests.web.reading import read
from tests.web.shop import Shop

CATALOG = HERE.removesuffix("experiments") + "catalog"
EVIL = "<script>alert(1)</script>"


def published(shop: Shop, item: str = "flag_1", **content: object) -> CatalogEntry:
    """By the provider of icfg_shop, into the environment that is looked at."""
    said = Content(slug=item, origin=f"https://provider.test/{item}", category="flag", name=f"Theirs {item}")
    entry = CatalogEntry(
        id=an_id(item),
        installation="icfg_shop",
        resource="shop",
        item=item,
        project="default",
        environment="production",
        created_at=shop.house.clock(),
        content=replace(said, **content),
    )
    made: CatalogEntry = shop.plant(CATALOG_ENTRY, None, Create(entry))
    return made


def test_it_is_one_click_from_the_experiments(browser: Browser) -> None:
    assert CATALOG in read(browser.get(HERE)).addresses["a"]
    assert HERE in read(browser.get(CATALOG)).addresses["a"]


def test_ours_and_theirs_stand_in_one_list_with_who_runs_them(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    published(shop)
    page = read(browser.get(CATALOG))
    for said in ("A shorter checkout", "running", "Theirs flag_1", "icfg_shop", "Equipoise"):
        assert said in page.text
    assert {f"{HERE}/checkout", "https://provider.test/flag_1"} <= set(page.addresses["a"])


def test_it_is_searched_and_filtered(shop: Shop, browser: Browser) -> None:
    archived = shop.draft("buttons", "Bigger buttons")
    published(shop)
    for query, there in (
        ("q=FLAG_1", {"Theirs flag_1"}),
        ("q=bigger", {"Bigger buttons"}),
        ("kind=experiment", {"Bigger buttons"}),
        ("kind=nonsense", {"Theirs flag_1", "Bigger buttons"}),
    ):
        text = read(browser.get(f"{CATALOG}?{query}")).text
        assert {each for each in ("Theirs flag_1", "Bigger buttons") if each in text} == there, query
    shop.plant(EXPERIMENT, archived, Archive())
    assert "Bigger buttons" not in read(browser.get(CATALOG)).text
    assert "Bigger buttons" in read(browser.get(f"{CATALOG}?archived=yes")).text
    assert "Nothing matches" in read(browser.get(f"{CATALOG}?q=nowhere")).text


def test_it_is_turned_page_by_page_and_shows_each_once(shop: Shop, browser: Browser) -> None:
    wanted = {f"Theirs item_{number:03}" for number in range(2 * PAGE_ITEMS + 1)}
    for name in sorted(wanted):
        published(shop, name.removeprefix("Theirs "))
    shown: list[str] = []
    path: str | None = f"{CATALOG}?q=theirs"
    while path is not None:
        page = read(browser.get(path))
        shown += [name for name in sorted(wanted) if name in page.text]
        further = [each for each in page.addresses["a"] if each.startswith("?")]
        path = f"{CATALOG}{further[0]}" if further else None
    assert sorted(shown) == sorted(wanted)


@pytest.mark.parametrize(
    "origin", ["javascript:alert(1)", "data:text/html,x", "//evil.test", "", "https://a b"]
)
def test_an_origin_that_is_no_link_leads_nowhere(origin: str, shop: Shop, browser: Browser) -> None:
    published(shop, origin=origin)
    page = read(browser.get(CATALOG))
    assert "Theirs flag_1" in page.text
    assert all(each.startswith(("/", "#", "?")) for each in page.addresses["a"])


def test_what_others_say_is_text_and_no_markup(shop: Shop, browser: Browser) -> None:
    published(shop, slug=EVIL, name=EVIL, description=EVIL, origin=EVIL)
    response = browser.get(CATALOG)
    assert EVIL not in response.text
    assert EVIL in read(response).text


def test_what_its_provider_left_behind_is_marked(shop: Shop, browser: Browser) -> None:
    published(shop)
    assert "uninstalled" not in read(browser.get(CATALOG)).text
    provider = an_installation(status="uninstalled")
    shop.plant(INSTALLATION, None, Install(provider))
    assert "uninstalled" in read(browser.get(CATALOG)).text


def test_nobody_sees_what_is_published_elsewhere(shop: Shop, browser: Browser) -> None:
    published(shop)
    assert "Theirs" not in read(browser.get(CATALOG.replace("production", "test"))).text


@pytest.mark.parametrize(
    "query", ["from=x", "from=1-2", "from=99999999999999999-0", "q=%00", "q=" + "é" * 500]
)
def test_strange_questions_are_answered(query: str, shop: Shop, browser: Browser) -> None:
    published(shop)
    read(browser.get(f"{CATALOG}?{query}"))
