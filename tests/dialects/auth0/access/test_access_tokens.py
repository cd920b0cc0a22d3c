"""`POST /oauth/token`: who gets an access token, for how much and how long, and what is never told."""

import logging
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
import pytest

from equipoise.application.grants import GRANT_MS
from equipoise.application.ports import Query
from equipoise.domain.change import Command
from equipoise.domain.identity import INSTANCE
from equipoise.domain.labels import Delete
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Expire, Renew
from equipoise.domain.token.state import Token
from equipoise.security.tokens import digest
from tests.conformance.requests.auth0 import conforms
from tests.dialects.auth0.shop import FLAGS, HERE, LD_FLAGS, SEGMENTS, Shop, a_flag

PATH = "/oauth/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ALL = "read:experimentation create:experimentation update:experimentation delete:experimentation"


class Client:
    """Somebody with a client id and its secret."""

    def __init__(self, shop: Shop, role: str = "writer", **fields: Any) -> None:
        self.shop, self.surface = shop, shop.surface
        self.secret = self.surface.token(role, home=HERE, **fields)
        self.id = self.token.id

    @property
    def token(self) -> Token:
        with self.surface.store.read() as reader:
            tokens: tuple[Token, ...] = reader.select(TOKEN, Query(INSTANCE)).items
        (own,) = (each for each in tokens if each.digest == digest(self.secret))
        return own

    def change(self, command: Command) -> None:
        self.surface.plant((TOKEN, self.token, command))

    def said(self, **fields: Any) -> dict[str, Any]:
        own = {"grant_type": "client_credentials", "client_id": self.id, "client_secret": self.secret}
        return {name: value for name, value in (own | fields).items() if value is not ...}

    def ask(self, content: bytes | None = None, headers: Any = None, **fields: Any) -> httpx.Response:
        body = None if content is not None else self.said(**fields)
        return self.surface.call("POST", PATH, json=body, content=content, headers=headers, token=None)

    def granted(self, **fields: Any) -> Any:
        response = self.ask(**fields)
        assert response.status_code == 200, response.text
        return conforms(response, "create_token")

    def refused(self, status: int, error: str, **said: Any) -> httpx.Response:
        response = self.ask(**said)
        assert response.status_code == status, response.text
        document = conforms(response, "create_token")
        assert (document["error"], document["errorCode"], document["statusCode"]) == (error, error, status)
        assert document["message"] == document["error_description"]
        assert response.headers["cache-control"] == "no-store"
        return response


@pytest.fixture
def client(shop: Shop) -> Client:
    return Client(shop)


def bearing(said: Any) -> str:
    return f"Bearer {said['access_token']}"


# what is granted


def test_a_client_gets_an_access_token_for_its_id_and_secret(client: Client) -> None:
    said = client.granted(audience="https://anything/api/v2/")
    assert said.keys() == {"access_token", "scope", "expires_in", "token_type"}
    assert (said["token_type"], said["scope"], said["expires_in"]) == ("Bearer", ALL, GRANT_MS // 1_000)
    assert client.shop.ask("POST", FLAGS, a_flag(), bearing(said)).status_code == 201


def test_it_may_ask_by_form(client: Client) -> None:
    content = urlencode(client.said(audience="https://anything/")).encode()
    for media in (FORM["Content-Type"], FORM["Content-Type"].upper() + "; charset=UTF-8"):
        assert client.ask(content, {"Content-Type": media}).json()["scope"] == ALL


def test_it_may_present_itself_in_the_header(client: Client) -> None:
    pair = b64encode(f"{client.id}:{client.secret}".encode()).decode()
    content = b"grant_type=client_credentials"
    for scheme in ("Basic", "basic", "BASIC"):
        response = client.ask(content, FORM | {"Authorization": f"{scheme} {pair}"})
        assert response.json()["scope"] == ALL, response.text


def test_what_the_body_says_goes_before_the_header(client: Client) -> None:
    pair = b64encode(f"{client.id}:{client.secret}".encode()).decode()
    client.refused(401, "access_denied", headers={"Authorization": f"Basic {pair}"}, client_secret="wrong")


@pytest.mark.parametrize("form", [True, False])
def test_unknown_fields_are_let_be(client: Client, form: bool) -> None:
    said = client.said(organization="org_1", __proto__="x", **{"constructor[prototype]": "x"})
    content = urlencode(said).encode() if form else msgspec.json.encode(said)
    assert client.ask(content, FORM if form else None).status_code == 200


def test_a_grant_is_no_change(client: Client) -> None:
    before = client.shop.everything()
    client.granted()
    assert client.shop.everything() == before


# who is refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "api-" + "x" * 43},
        {"client_secret": ""},
        {"client_secret": ...},
        {"client_id": ""},
        {"client_id": ..., "client_secret": ...},
        {"client_id": "0" * 24},
        {"client_id": "' OR 1=1"},
        {"client_id": "x" * 1_000_000},
    ],
    ids=range(8),
)
def test_who_has_not_the_secret_gets_nothing(client: Client, wrong: dict[str, Any]) -> None:
    client.refused(401, "access_denied", **wrong)


def test_the_secret_of_another_is_none(client: Client) -> None:
    client.refused(401, "access_denied", client_secret=Client(client.shop).secret)
    client.refused(401, "access_denied", client_id=Client(client.shop).id)
    client.refused(401, "access_denied", client_secret=client.token.digest)


def test_an_access_token_is_no_secret(client: Client) -> None:
    client.refused(401, "access_denied", client_secret=client.granted()["access_token"])


@pytest.mark.parametrize(
    "pair", ["", "x", "=", "eA==", "Og==", "w6k6w6k=", "/w==", "Bearer x", "x" * 100_000]
)
def test_a_header_that_says_nothing_is_nobody(client: Client, pair: str) -> None:
    headers = FORM | {"Authorization": f"Basic {pair}"}
    client.refused(401, "access_denied", content=b"grant_type=client_credentials", headers=headers)


@pytest.mark.parametrize(
    "grant", ["password", "authorization_code", "", "client_credentials ", "refresh_token"]
)
def test_another_grant_is_not_known(client: Client, grant: str) -> None:
    client.refused(400, "unsupported_grant_type", grant_type=grant)


BAD = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"[1]",
    b'"x"',
    b"{}",
    b"\xff",
    b'{"grant_type": 1}',
    b'{"grant_type": "\\u0000"}',
]


@pytest.mark.parametrize("content", [*BAD, b"[" * 10_000, b'{"a":1e999}'], ids=range(12))
def test_a_body_that_is_no_request_is_refused(client: Client, content: bytes) -> None:
    client.refused(400, "invalid_request", content=content)


@pytest.mark.parametrize(
    "content",
    [b"", b"&&&", b"=", b"\xff", b"%FF=%FF", b"grant_type=%00", b"a=1&" * 100, b"grant_type"],
    ids=range(8),
)
def test_a_form_that_is_none_is_refused(client: Client, content: bytes) -> None:
    response = client.ask(content, FORM)
    assert response.status_code == 400
    assert response.json()["error"] in ("invalid_request", "unsupported_grant_type")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_tokens_are_asked_for_by_post_alone(client: Client, method: str) -> None:
    response = client.surface.call(method, PATH, token=None)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


# how much


def test_it_may_ask_for_less_and_then_has_less(client: Client) -> None:
    said = client.granted(scope="read:experimentation")
    assert said["scope"] == "read:experimentation"
    token = bearing(said)
    assert client.shop.ask("GET", FLAGS, token=token).status_code == 200
    refused = client.shop.refused("POST", FLAGS, a_flag(), 403, "insufficient_scope", token=token)
    assert "create:experimentation" in refused


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("", ALL),
        ("   ", ALL),
        (ALL, ALL),
        ("delete:experimentation read:experimentation", "read:experimentation delete:experimentation"),
        ("read:experimentation read:experimentation", "read:experimentation"),
        ("\tread:experimentation\n", "read:experimentation"),
    ],
)
def test_scopes_are_told_as_they_were_granted(client: Client, scope: str, granted: str) -> None:
    assert client.granted(scope=scope)["scope"] == granted


def test_a_reader_is_granted_what_it_may(shop: Shop) -> None:
    client = Client(shop, "reader")
    assert client.granted()["scope"] == "read:experimentation"
    client.refused(403, "access_denied", scope="create:experimentation")
    client.refused(403, "access_denied", scope=ALL)


@pytest.mark.parametrize(
    "scope",
    ["fly", "read:experiments", "READ:experimentation", "administer", "read", ALL + " fly", "__proto__"],
)
def test_a_scope_that_is_none_is_refused(client: Client, scope: str) -> None:
    client.refused(400, "invalid_scope", scope=scope)


def test_an_admin_is_granted_no_more_than_there_are_scopes(shop: Shop) -> None:
    token = bearing(Client(shop, "admin").granted())
    assert shop.surface.call("GET", "/api/v2/tokens", token=token).status_code in (200, 403)
    refused = shop.surface.call("POST", "/api/v2/tokens", json={"name": "x", "role": "admin"}, token=token)
    assert refused.status_code == 403


# where, and how long


def test_an_access_token_is_good_for_both_surfaces(client: Client) -> None:
    token = bearing(client.granted())
    client.shop.made(FLAGS, a_flag(), token=token)
    plain = token.removeprefix("Bearer ")
    shown = client.surface.call("GET", f"{LD_FLAGS}/checkout", token=plain)
    assert shown.json()["name"] == "Checkout"
    gone = client.surface.call("DELETE", f"{LD_FLAGS}/checkout", token=plain)
    assert gone.status_code == 204


@pytest.mark.parametrize("presented", ["{}", "Bearer {}", "bearer {}", "BEARER   {}", "  Bearer {}  "])
def test_a_secret_and_an_access_token_are_presented_alike(client: Client, presented: str) -> None:
    for secret in (client.secret, client.granted()["access_token"]):
        assert client.shop.ask("GET", FLAGS, token=presented.format(secret)).status_code == 200


def test_it_is_as_confined_as_its_token(shop: Shop) -> None:
    client = Client(shop, project="default", environment="test")
    token = bearing(client.granted())
    assert shop.ask("GET", SEGMENTS, token=token).status_code == 404
    assert shop.ask("GET", SEGMENTS, token=client.secret).status_code == 404


def test_it_ends_with_its_token(client: Client) -> None:
    for ended in (Expire(client.surface.clock.now + 5_000), Renew(digest("another"), "ther"), Delete()):
        token, was = bearing(client.granted()), client.surface.store.tables  # type: ignore[attr-defined]
        assert client.shop.ask("GET", FLAGS, token=token).status_code == 200
        client.change(ended)
        client.surface.clock.pass_ms(4_000)
        client.shop.refused("GET", FLAGS, status=401, code="invalid_token", token=token)
        client.refused(401, "access_denied")
        client.surface.store.tables = was  # type: ignore[attr-defined]


def test_it_ends_after_its_time(client: Client) -> None:
    token = bearing(client.granted())
    client.surface.clock.pass_ms(GRANT_MS - 1_001)
    assert client.shop.ask("GET", FLAGS, token=token).status_code == 200
    assert client.shop.ask("GET", FLAGS, token=token).status_code == 401


def test_it_lasts_no_longer_than_its_token(client: Client) -> None:
    client.change(Expire(client.surface.clock.now + 60_000))
    assert client.granted()["expires_in"] == 60


@pytest.mark.parametrize(
    "spoil", ["x", "", "eqp-", "eqp-sealed:x", "Bearer ", "bearer", "Basic abc", "eqp-sealed:"]
)
def test_what_was_never_granted_is_nobody(shop: Shop, spoil: str) -> None:
    shop.refused("GET", FLAGS, status=401, code="invalid_token", token=spoil)


# what is not told


def test_nothing_of_it_is_kept_by_caches(client: Client) -> None:
    response = client.ask()
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize("form", [True, False])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"grant_type": "password"},
        {"scope": "fly"},
        {"client_id": "0" * 24},
        {"grant_type": ...},
        {"grant_type": ..., "client_id": ...},
        {"audience": 7},
        {"client_secret": "a list"},
        {"client_secret": "an object"},
        {"audience": "fly", "client_secret": "a list"},
    ],
    ids=range(10),
)
def test_a_secret_stands_in_no_refusal_and_in_no_log(
    client: Client, caplog: pytest.LogCaptureFixture, fields: dict[str, Any], form: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = client.secret
    hidden = {"a list": [secret], "an object": {"of": secret}}
    said = client.said(**fields)
    said["client_secret"] = hidden.get(fields.get("client_secret", ""), said["client_secret"])
    content = urlencode(said).encode() if form else msgspec.json.encode(said)
    response = client.ask(content, FORM if form else None)
    assert secret not in response.text
    assert secret not in caplog.text
    assert secret not in str(response.headers)


def test_a_secret_in_a_body_that_is_cut_off_is_not_told(client: Client) -> None:
    content = msgspec.json.encode(client.said())
    for end in range(0, len(content), 7):
        assert client.secret not in client.ask(content[:end]).text
