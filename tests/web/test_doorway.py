"""Coming in and going out."""

import pytest

from equipoise.application.sign_in import TICKET_MS
from equipoise.domain.labels import Delete
from equipoise.domain.token import TOKEN
from tests.storage.desk import an_id, find
from tests.web.browsing import HERE, ORIGIN
from tests.web.reading import read
from tests.web.shop import ADMIN, READER, STRANGER, Shop


def test_whoever_has_not_signed_in_is_led_to_the_form_and_back(shop: Shop) -> None:
    browser = shop.house.browser()
    sent = browser.get(f"{HERE}?q=two%20words")
    assert sent.status_code == 303
    form = browser.get(sent.headers["location"])
    assert "equipoise sign-in" in read(form).text
    wished = f"{HERE}?q=two%20words"
    assert f'value="{wished}"' in form.text
    back = browser.post("/ui/sign-in", next=wished, token=ADMIN)
    assert (back.status_code, back.headers["location"]) == (303, wished)
    assert browser.get(wished).status_code == 200


def test_opening_a_link_uses_nothing_up_and_its_button_signs_in_once(shop: Shop) -> None:
    code = shop.house.reception.invite()
    for _ in range(3):  # previews and mail programs
        assert "Sign in" in read(shop.house.browser().get(f"/ui/sign-in/{code}")).text
    browser = shop.house.browser()
    entered = browser.post(f"/ui/sign-in/{code}", next=HERE)
    assert (entered.status_code, entered.headers["location"]) == (303, HERE)
    assert browser.get(HERE).status_code == 200
    again = shop.house.browser().post(f"/ui/sign-in/{code}")
    assert "equipoise sign-in" in read(again, 403).text
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("code", ["wrong", "%00", "%2F..%2F", "x" * 3_000, "%F0%9F%92%A9"])
def test_a_wrong_link_is_answered_with_how_to_get_another(code: str, shop: Shop) -> None:
    browser = shop.house.browser()
    answer = browser.post(f"/ui/sign-in/{code}")
    assert answer.status_code in (400, 403)
    assert "set-cookie" not in answer.headers


def test_an_expired_link_is_answered_with_how_to_get_another(shop: Shop) -> None:
    code = shop.house.reception.invite()
    shop.house.clock.pass_ms(TICKET_MS)
    assert "expired" in read(shop.house.browser().post(f"/ui/sign-in/{code}"), 403).text


def test_a_wrong_token_is_told_so_and_is_not_repeated(shop: Shop) -> None:
    answer = shop.house.browser().post("/ui/sign-in", token="api-wrong-but-secret")
    assert "no valid token" in read(answer, 403).text
    assert "api-wrong-but-secret" not in answer.text


def test_the_cookie_is_for_the_pages_alone_and_for_no_script(shop: Shop) -> None:
    said = shop.house.browser().post("/ui/sign-in", token=ADMIN).headers["set-cookie"]
    assert {"Path=/ui", "HttpOnly", "SameSite=Lax"} <= set(said.split("; "))
    assert "Secure" not in said
    assert ADMIN not in said


def test_under_tls_the_cookie_stays_there(shop: Shop) -> None:
    browser = shop.house.browser()
    said = browser.post("https://pages.test/ui/sign-in", {"Origin": "https://pages.test"}, token=ADMIN)
    assert "Secure" in said.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/ui/../../evil",
        "/ui/%2E%2e/evil",
        "/ui//evil.example",
        "/uix",
        "/ui\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/ui/sign-out",
        "/ui\n",
    ],
)
def test_nobody_is_led_out_of_the_pages(elsewhere: str, shop: Shop) -> None:
    answer = shop.house.browser().post("/ui/sign-in", next=elsewhere, token=ADMIN)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/ui"
    assert answer.headers.get_list("set-cookie")[1:] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/ui/sign-in", "/ui/sign-out", "/ui/sign-in/code"])
def test_forms_of_other_sites_are_refused(path: str, headers: dict[str, str], shop: Shop) -> None:
    answer = shop.house.browser().post(path, headers, token=ADMIN)
    assert "another site" in read(answer, 403).text
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_it(shop: Shop) -> None:
    browser = shop.house.browser(ADMIN)
    out = browser.post("/ui/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/ui/sign-in")
    assert browser.get(HERE).status_code == 303


def test_a_revoked_token_ends_its_session(shop: Shop) -> None:
    browser = shop.house.browser(shop.token(READER))
    assert browser.get(HERE).status_code == 200
    shop.plant(TOKEN, find(shop.house.store, TOKEN, an_id(READER)), Delete())
    assert browser.get(HERE).status_code == 303


def test_the_first_page_is_the_environment_the_token_is_at_home_in(shop: Shop) -> None:
    assert shop.house.browser(ADMIN).get("/ui").headers["location"] == HERE
    confined = shop.token(READER, project="default", environment="test")
    assert shop.house.browser(confined).get("/ui").headers["location"] == HERE.replace("production", "test")


def test_a_token_that_sees_no_environment_is_told_what_to_do(shop: Shop) -> None:
    browser = shop.house.browser(shop.token(STRANGER, project="elsewhere"))
    assert "no environment" in read(browser.get("/ui")).text


def test_the_switcher_leads_to_what_may_be_seen_and_nowhere_else(shop: Shop) -> None:
    browser = shop.house.browser(shop.token(READER, project="default", environment="test"))
    assert browser.get("/ui/go?place=default/test").headers["location"] == HERE.replace("production", "test")
    for place in ("default/production", "nope/test", "", "//evil.example", "a" * 5_000):
        read(browser.get(f"/ui/go?place={place}"), 404)


def test_servers_on_two_ports_keep_their_own_cookies(shop: Shop) -> None:
    browser = shop.house.browser()
    names = set()
    for port in (8080, 8081):
        origin = f"http://pages.test:{port}"
        said = browser.post(f"{origin}/ui/sign-in", {"Origin": origin}, token=ADMIN)
        names.add(said.headers["set-cookie"].partition("=")[0])
    assert len(names) == 2
