"""The page of layers and holdouts, and what an experiment's own pages say of them."""

from typing import Any

from msgspec.structs import replace

from equipoise.analysis.results import Call
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.admission import Admission, Beside, HeldOut, InLayer
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.holdout.commands import Create as HoldoutBorn
from equipoise.domain.holdout.commands import End
from equipoise.domain.labels import Archive
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Create as LayerBorn
from equipoise.domain.layer.state import Reservation
from tests.domain.builders import a_holdout, a_layer
from tests.web.browsing import HERE, Browser
from tests.web.reading import read
from tests.web.shop import STRANGER, Shop
from tests.web.some_results import some_results

PAGE = HERE.removesuffix("experiments") + "sharing"
EVIL = "<script>alert(1)</script>"
SPACE = "\N{NARROW NO-BREAK SPACE}"


def shared(shop: Shop, **fields: Any) -> None:
    """`checkout` has two parts of a layer, `buttons` one, and one is reserved for what is gone."""
    reservations = (
        Reservation("production", "checkout", ((0, 30_000), (60_000, 70_000))),
        Reservation("production", "buttons", ((30_000, 60_000),)),
        Reservation("production", "vanished", ((80_000, 85_000),)),
        Reservation("test", "secret-elsewhere", ((0, 100_000),)),
    )
    shop.plant(LAYER, None, LayerBorn(a_layer(**{"reservations": reservations, **fields})))
    shop.plant(HOLDOUT, None, HoldoutBorn(a_holdout()))
    shop.draft("checkout", holdout=a_holdout().id)
    shop.draft("buttons", "Bigger buttons")


def test_an_environment_without_any_says_what_they_are_for(browser: Browser) -> None:
    text = read(browser.get(PAGE)).text
    assert "No layer yet" in text
    assert "No holdout yet" in text


def test_it_is_one_click_from_the_list_and_from_an_experiment(shop: Shop, browser: Browser) -> None:
    shop.draft("checkout")
    for path in (HERE, f"{HERE}/checkout"):
        assert PAGE in read(browser.get(path)).addresses["a"]


def test_a_layer_is_a_bar_with_a_slice_for_each_part_and_a_line_for_each_experiment(
    shop: Shop, browser: Browser
) -> None:
    shared(shop)
    answer = browser.get(PAGE)
    page = read(answer)
    for look, left, width in (("slice-0", 60_000, 10_000), ("slice-1", 30_000, 30_000), ("shut", 0, 10_000)):
        assert f'<rect class="{look}" x="{left}" y="0" width="{width}" height="100"/>' in answer.text
    assert {f"{HERE}/checkout", f"{HERE}/buttons"} <= set(page.addresses["a"])
    for said in (
        "A shorter checkout",
        f"40{SPACE}%",
        "Bigger buttons",
        "vanished",
        "(gone)",
        "free",
        f"25{SPACE}%",
    ):
        assert said in " ".join(page.words)
    assert "secret-elsewhere" not in answer.text


def test_a_holdout_says_who_joined_it_and_that_it_ended(shop: Shop, browser: Browser) -> None:
    shared(shop)
    text = read(browser.get(PAGE)).text
    assert "held out of all of them" in text
    assert "The users it keeps out are in none of these." in text
    with shop.house.store.read() as reader:
        now = reader.find(HOLDOUT, a_holdout().id)
    shop.plant(HOLDOUT, now, End())
    text = read(browser.get(PAGE)).text
    assert "held out of all of them" not in text
    assert "keeps nobody out any more" in text


def test_what_is_archived_is_marked_so(shop: Shop, browser: Browser) -> None:
    shared(shop)
    with shop.house.store.read() as reader:
        now = reader.named(EXPERIMENT, a_holdout().place, "buttons")
    shop.plant(EXPERIMENT, now, Archive())
    assert "archived" in read(browser.get(PAGE)).text


def test_names_are_text(shop: Shop, browser: Browser) -> None:
    shared(shop, name=EVIL, description=EVIL)
    for path in (PAGE, f"{HERE}/checkout"):
        assert EVIL in read(browser.get(path)).text


def test_who_may_not_see_the_environment_sees_no_layer_of_it(shop: Shop) -> None:
    shared(shop)
    token = shop.token(STRANGER, project="default", environment="test")
    assert shop.house.browser(token).get(PAGE).status_code == 404


def test_an_experiment_shows_who_is_let_in(shop: Shop, browser: Browser) -> None:
    shared(shop)
    text = read(browser.get(f"{HERE}/checkout")).text
    for said in (
        "In layer “Checkout”, which gives it 40 % of its users, beside buttons (30 %), vanished (5 %).",
        "Holdout “Fourth quarter” keeps out 10 % of all users.",
        "90 % of those who are let in are in an arm.",
        "32.4 % of all users are in an arm.",
    ):
        assert said in text
    assert "secret-elsewhere" not in text


def test_an_experiment_for_everybody_says_so(shop: Shop, browser: Browser) -> None:
    both = shop.draft("checkout").draft
    assert both is not None
    arms = tuple(replace(arm, share=50_000) for arm in both.proposal.arms)
    shop.draft("whole", iteration={"proposal": replace(both.proposal, arms=arms)})
    assert "it is in no layer and has joined no holdout" in read(browser.get(f"{HERE}/whole")).text


def test_a_result_says_whom_it_is_of(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    layer = InLayer("pages", "Pages", 40_000, 40_000, (Beside("exp-b", 30_000),))
    said = Admission(36_000, layer=layer, holdout=HeldOut("q4", "Q4", 10_000))
    shop.house.reports.given = some_results(Call.BETTER, admission=said)
    page = read(browser.get(f"{HERE}/checkout/result"))
    assert "In layer “Pages”, which gives it 40 % of its users, beside exp-b (30 %)." in page.text
    assert "Shares of arms are of those who are let in." in page.text
    assert f"{HERE}/checkout#admission" in page.addresses["a"]
