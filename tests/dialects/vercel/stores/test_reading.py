"""A config store as applications read it, with the key of its connection string."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.dialects.vercel.provider import (
    ELSEWHERE,
    KEY,
    OURS,
    ROOT,
    SHOP,
    STORE,
    Provider,
    installed,
    theirs,
)

DATA = {"flags": {"new-login": True}, "count": 3, "nothing": None, "no": False, "empty": ""}
DIGEST = "x-edge-config-digest"


class Application:
    """It has the connection string, and knows the store by that."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        provider.told("PUT", STORE, {"data": DATA})
        said = provider.speak("GET", f"{OURS}/resources/shop/store")
        connection = urlsplit(said["connectionString"])
        self.base, self.key = connection.path, parse_qs(connection.query)["token"][0]
        self.digest = said["digest"]

    def ask(self, path: str, method: str = "GET", token: str | None = "", **said: Any) -> httpx.Response:
        token = f"Bearer {self.key}" if token == "" else token
        return self.provider.ask(method, f"{self.base}{path}", token=token, **said)

    def read(self, path: str) -> Any:
        response = self.ask(path)
        assert response.status_code == 200, response.text
        assert response.headers[DIGEST] == self.digest
        return self.provider.held(response)


@pytest.fixture
def application(provider: Provider) -> Application:
    return Application(provider)


# what is read


@pytest.mark.parametrize("key", DATA)
def test_an_item_is_its_value(application: Application, key: str) -> None:
    assert application.read(f"/item/{key}?version=1") == DATA[key]
    assert application.read(f"/item/{key}") == DATA[key]


@pytest.mark.parametrize("key", ["none", "x" * 256, "a%2Fb", "Flags"])
def test_an_item_that_is_not_there_is_missing_in_a_store_that_is(application: Application, key: str) -> None:
    response = application.ask(f"/item/{key}?version=1")
    assert (response.status_code, response.headers[DIGEST]) == (404, application.digest)


def test_all_items_are_read_at_once(application: Application) -> None:
    assert application.read("/items?version=1") == DATA


def test_some_are_read_by_their_keys(application: Application) -> None:
    assert application.read("/items?version=1&key=count&key=nothing&key=none") == {
        "count": 3,
        "nothing": None,
    }
    assert application.read("/items?key=none") == {}
    assert application.read("/items?key=") == {}


def test_the_digest_is_a_text_of_its_own(application: Application) -> None:
    assert application.read("/digest?version=1") == application.digest
    assert application.digest == application.provider.get(STORE)["digest"]


def test_what_is_pushed_is_read_at_once(application: Application) -> None:
    said = application.provider.told("PUT", STORE, {"data": {"flags": 1}})
    response = application.ask("/item/flags")
    assert (response.json(), response.headers[DIGEST]) == (1, said["digest"])
    assert application.ask("/item/count").status_code == 404


@pytest.mark.parametrize("path", ["/item/flags", "/items", "/digest"])
def test_who_has_it_already_is_told_so(application: Application, path: str) -> None:
    whole = application.ask(path)
    for method in ("GET", "HEAD"):
        response = application.ask(path, method, headers={"If-None-Match": whole.headers["etag"]})
        assert (response.status_code, response.content) == (304, b"")
    application.provider.told("PUT", STORE, {"data": {"flags": 2}})
    assert application.ask(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/item/flags", "/item/none", "/items", "/digest"])
def test_head_is_get_without_a_body(application: Application, path: str) -> None:
    whole, head = application.ask(path), application.ask(path, "HEAD")
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers[DIGEST] == whole.headers[DIGEST] == application.digest


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_is_written_this_way(application: Application, method: str) -> None:
    assert application.ask("/item/flags", method).status_code == 405


# who reads

PATHS = ["/item/flags?version=1", "/item/none", "/items", "/digest"]


@pytest.mark.parametrize("path", PATHS)
def test_whoever_brings_no_key_that_opens_it_is_not_known(application: Application, path: str) -> None:
    """401 always: clients know no 403 here, and take a 404 without a digest for another answer."""
    provider = application.provider
    tokens = provider.surface.tokens
    tokens["away"] = provider.surface.token("admin", ELSEWHERE.project, ELSEWHERE.environment)
    tokens["theirs"] = key_of_the_neighbour(provider)
    for token in (None, "Bearer wrong", "Bearer cfg-wrong", "provider", "neighbour", "away", "theirs"):
        response = application.ask(path, token=token)
        assert response.status_code == 401, (token, response.text)
        assert DIGEST not in response.headers


def test_a_key_opens_no_other_store_whether_it_is_there_or_not(application: Application) -> None:
    provider = application.provider
    for store in (neighbours_store(provider), f"/ecfg_{'0' * 24}", "/ecfg_", "/ecfg_x"):
        response = provider.ask("GET", f"{store}/items", token=application.key)
        assert (response.status_code, DIGEST in response.headers) == (401, False)


def test_a_token_of_ours_reads_what_lies_where_it_may_go(application: Application) -> None:
    for token in ("reader", "writer", "admin"):
        assert application.ask("/items", token=token).json() == DATA
    response = application.provider.ask("GET", f"/ecfg_{'0' * 24}/items", token="admin")
    assert (response.status_code, DIGEST in response.headers) == (404, False)


def test_a_key_goes_with_its_resource(application: Application) -> None:
    application.provider.told("DELETE", STORE.removesuffix("/experimentation/global-config"), status=204)
    assert application.ask("/items").status_code == 401


def test_a_key_lies_sealed(application: Application) -> None:
    assert application.key not in application.provider.written()


def neighbours_store(provider: Provider) -> str:
    return urlsplit(connection_of_the_neighbour(provider)).path


def key_of_the_neighbour(provider: Provider) -> str:
    return parse_qs(urlsplit(connection_of_the_neighbour(provider)).query)["token"][0]


def connection_of_the_neighbour(provider: Provider) -> str:
    said: str = provider.speak("GET", f"{theirs(OURS)}/resources/shop/store")["connectionString"]
    return said


@pytest.mark.parametrize("path", [ROOT, SHOP])
def test_what_is_uninstalled_is_read_as_with_an_unknown_token(application: Application, path: str) -> None:
    status = 200 if path == SHOP else 204
    application.provider.told("PATCH", path, {"status": "uninstalled"}, status)
    unknown = application.ask("/items", token="cfg-nobody")
    for asked in ("/items", "/item/flags", "/digest"):
        response = application.ask(asked)
        assert (response.status_code, response.json()) == (401, unknown.json())
        assert DIGEST not in response.headers
    assert application.ask("/items", token="admin").status_code == 404


def test_what_comes_back_is_read_again_with_the_same_connection_string(application: Application) -> None:
    application.provider.told("PATCH", ROOT, {"status": "uninstalled"}, 204)
    installed(application.provider.surface, KEY)
    assert application.read("/items") == DATA
