"""The page that shows how clients are connected."""

from equipoise.application.administration import HOME, Keys, sdk_keys
from equipoise.application.ports import Sighting
from equipoise.security.tokens import digest
from equipoise.storage import SqlStore
from tests.web.browsing import HERE, Browser
from tests.web.reading import read
from tests.web.shop import READER, STRANGER, Shop

PAGE = HERE.removesuffix("experiments") + "connect"
EVIL = "<script>alert(1)</script>"


def keys_of(shop: Shop) -> Keys:
    return sdk_keys(shop.house.store, shop.house.vault, HOME)


def test_it_is_one_click_from_the_experiments(browser: Browser) -> None:
    assert PAGE in read(browser.get(HERE)).addresses["a"]


def test_whoever_may_change_what_is_served_sees_keys_and_no_cache_keeps_them(
    shop: Shop, browser: Browser
) -> None:
    keys, answer = keys_of(shop), browser.get(PAGE)
    assert answer.headers.get_list("cache-control") == ["no-store"]
    text = read(answer).text
    for key in (keys.server, keys.mobile, keys.client_side):
        assert key in text
    assert text.count("never seen") == 3
    assert 'init("' + keys.server in text


def test_a_reader_sees_how_keys_end_and_a_narrowed_token_too(shop: Shop) -> None:
    keys = keys_of(shop)
    for fields in ({"role": "reader"}, {"role": "admin", "acts": ("read", "create")}):
        token = shop.token(READER + str(len(fields)), **fields)
        text = read(shop.house.browser(token).get(PAGE)).text
        assert keys.server not in text
        assert keys.mobile not in text
        assert f"sdk-*****{keys.server[-4:]}" in text
        assert keys.client_side in text


def test_who_used_a_key_is_shown_and_a_hostile_name_is_text(shop: Shop, browser: Browser) -> None:
    keys, store = keys_of(shop), shop.house.store
    assert isinstance(store, SqlStore)
    store.see([Sighting(keys.client_side, digest(keys.server), EVIL, shop.house.clock() - 12_000)])
    answer = browser.get(PAGE)
    assert EVIL not in answer.text
    assert f"12 s ago by {EVIL}" in read(answer).text


def test_who_may_not_know_of_the_environment_is_told_nothing(shop: Shop) -> None:
    elsewhere = shop.house.browser(shop.token(STRANGER, project="default", environment="test"))
    assert elsewhere.get(PAGE).status_code == 404
