"""The page that explains a decision."""

from urllib.parse import urlencode

from tests.web.browsing import HERE, Browser
from tests.web.reading import read
from tests.web.shop import STRANGER, Shop

PAGE = HERE.removesuffix("experiments") + "explain"
EVIL = "<script>alert(1)</script>"


def asked(flag: str = "checkout", context: str = '{"kind": "user", "key": "user-1"}') -> str:
    return f"{PAGE}?{urlencode({'flag': flag, 'context': context})}"


def test_it_is_one_click_from_the_experiment(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    assert f"{PAGE}?flag=checkout" in read(browser.get(f"{HERE}/checkout")).addresses["a"]
    form = read(browser.get(f"{PAGE}?flag=checkout"))
    assert form.addresses["form"][-1] == PAGE
    assert "How it came about" not in form.text


def test_the_steps_are_told_with_their_bucket(shop: Shop, browser: Browser) -> None:
    shop.running("trial")
    page = read(browser.get(asked()))
    assert "“checkout” serves variation" in page.text
    assert "Experiment “trial” (iteration" in page.text
    assert "to bucket 0." in page.text


def test_what_cannot_be_explained_is_told_beside_the_form(browser: Browser) -> None:
    for address, said in (
        (asked(flag="gone"), "There is no flag “gone” here."),
        (asked(context="{"), "The context cannot be used: is not JSON"),
        (asked(flag=EVIL, context=EVIL), "The context cannot be used"),
    ):
        answer = browser.get(address)
        assert said in read(answer).text
        assert EVIL not in answer.text


def test_who_may_not_know_of_the_environment_is_told_nothing(shop: Shop) -> None:
    elsewhere = shop.house.browser(shop.token(STRANGER, project="default", environment="test"))
    assert elsewhere.get(asked()).status_code == 404
