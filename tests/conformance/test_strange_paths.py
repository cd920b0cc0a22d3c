"""Who asks at a door under a path that is no text, or that names nothing, is told so in its words."""

import json

import httpx
import pytest

from equipoise.application.ingest import Intake
from equipoise.dialects.launchdarkly import DIALECT as LAUNCHDARKLY
from equipoise.dialects.ofrep import DIALECT as OFREP
from equipoise.translation.doors import Outlets
from equipoise.translation.http import Gateway
from tests.dialects.launchdarkly.sdk.reader import a_snapshot
from tests.domain.builders import ID
from tests.fakes import FakeClock
from tests.fakes.feed import MOBILE_KEY, SDK_KEY, MemoryFeed
from tests.fakes.journal import MemoryJournal
from tests.translation import gateways
from tests.translation.gateways import opened

FLAGS = "/ofrep/v1/evaluate/flags"
NUL, NO_TEXT = "%00", "%ff"


@pytest.fixture
def gateway() -> Gateway:
    intake = Intake(MemoryJournal(), FakeClock())
    outlets = Outlets(MemoryFeed(a_snapshot()), intake, None)  # type: ignore[arg-type]
    return opened(LAUNCHDARKLY, OFREP, outlets=outlets)


def ask(gateway: Gateway, method: str, path: str, key: str = SDK_KEY) -> httpx.Response:
    context = json.dumps({"context": {"targetingKey": "anna"}})
    return gateways.ask(gateway, method, path, {"authorization": key}, context)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", f"/sdk/evalx/{ID}/contexts/{odd}") for odd in (NUL, NO_TEXT, "")),
        *(("GET", f"/eval/{ID}/{odd}") for odd in (NUL, NO_TEXT, "")),
        *(("REPORT", f"/sdk/evalx/{odd}/context") for odd in (NUL, NO_TEXT)),
        *(("POST", f"/events/bulk/{odd}") for odd in (NUL, NO_TEXT)),
        *(("GET", f"/a/{odd}.gif") for odd in (NUL, NO_TEXT)),
    ],
)
def test_a_browser_is_told_in_the_words_of_its_doors(gateway: Gateway, method: str, path: str) -> None:
    answer = ask(gateway, method, path)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/sdk/evalx//contexts/abc", "/events/bulk/", "/ping/"])
def test_an_environment_without_a_name_is_not_found(gateway: Gateway, path: str) -> None:
    answer = ask(gateway, "POST" if "events" in path else "GET", path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_phones_and_servers_are_told_in_the_words_of_theirs(gateway: Gateway) -> None:
    for odd in (NUL, NO_TEXT, ""):
        phone = ask(gateway, "GET", f"/msdk/evalx/contexts/{odd}", MOBILE_KEY)
        assert (phone.status_code, phone.json()["code"]) == (400, "invalid_request")
    for odd in (NUL, NO_TEXT):
        server = ask(gateway, "GET", f"/sdk/flags/{odd}")
        assert (server.status_code, server.json()["code"]) == (400, "invalid_request")


def test_a_flag_without_a_key_is_not_found_and_not_all_of_them(gateway: Gateway) -> None:
    answer = ask(gateway, "POST", f"{FLAGS}/")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "FLAG_NOT_FOUND")
    assert "flags" in ask(gateway, "POST", FLAGS).json()


@pytest.mark.parametrize("odd", [NUL, NO_TEXT])
def test_a_flag_whose_key_is_no_text_is_told_in_the_words_of_the_protocol(gateway: Gateway, odd: str) -> None:
    answer = ask(gateway, "POST", f"{FLAGS}/{odd}")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "PARSE_ERROR")


def test_a_path_without_a_door_is_told_by_its_surface(gateway: Gateway) -> None:
    assert ask(gateway, "GET", f"/api/v2/projects/{NO_TEXT}").json()["code"] == "invalid_request"
