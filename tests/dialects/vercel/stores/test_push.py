"""A config store as its provider pushes it: whole, under both of its names."""

import json
from hashlib import sha256
from typing import Any

import pytest

from equipoise.domain.limits import CONFIG_STORE_BYTES_MAX
from tests.dialects.vercel.provider import SHOP, STORE, STORE_BEFORE, Provider, theirs

DATA = {"flags": {"new-login": True, "price": 9.5, "copy": None}, "count": 3}
NAMES = (STORE, STORE_BEFORE)

over_names = pytest.mark.parametrize("path", NAMES)


def push(provider: Provider, data: Any, path: str = STORE, **said: Any) -> Any:
    return provider.told("PUT", path, {"data": data}, **said)


def of(length: int) -> dict[str, str]:
    """Items that have so many bytes as JSON."""
    return {"a": "x" * (length - len('{"a":""}'))}


# pushed


@over_names
def test_a_push_is_answered_with_the_whole_new_content(provider: Provider, path: str) -> None:
    said = push(provider, DATA, path)
    assert said["items"] == DATA
    assert said["updatedAt"] == provider.surface.clock.now
    assert said.get("purpose") in ("experimentation", None)
    assert provider.get(path) == said


@pytest.mark.parametrize(("pushed", "read"), [NAMES, NAMES[::-1]])
def test_both_names_are_of_one_store(provider: Provider, pushed: str, read: str) -> None:
    said = push(provider, DATA, pushed)
    assert provider.get(read) == said
    provider.unchanged("PUT", read, {"data": DATA})


def test_a_push_replaces_the_whole_store(provider: Provider) -> None:
    push(provider, DATA)
    assert push(provider, {"other": 1})["items"] == {"other": 1}
    assert push(provider, {})["items"] == {}
    assert provider.get(STORE)["items"] == {}


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1.5, 10**30, 1e300, "", "é𝄞", [], [None, [1]], {}, {"a/b": {"": None}}],
    ids=repr,
)
def test_a_value_is_any_json(provider: Provider, value: Any) -> None:
    push(provider, {"key": value})
    found = provider.get(STORE)["items"]
    assert found == {"key": value}
    assert type(found["key"]) is type(value)


@pytest.mark.parametrize("key", ["a", "A-b_9", "-", "_", "LD-Env-64f", "x" * 256])
def test_a_key_is_letters_digits_dashes_and_underscores(provider: Provider, key: str) -> None:
    assert push(provider, {key: 1})["items"] == {key: 1}


@pytest.mark.parametrize(
    "key", ["a/b", "/", "", " ", "a b", "a.b", "a:b", "é", "a\n", "a%2Fb", "x" * 257, "\u0661"]
)
def test_another_key_is_refused(provider: Provider, key: str) -> None:
    push(provider, DATA)
    provider.refused("PUT", STORE, {"data": {"good": 1, key: 1}})


def test_a_store_may_be_as_large_as_its_limit_and_no_larger(provider: Provider) -> None:
    push(provider, of(CONFIG_STORE_BYTES_MAX))
    provider.refused("PUT", STORE, {"data": of(CONFIG_STORE_BYTES_MAX + 1)})


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": []}, {"data": "x"}, {"data": {}, "more": 1}, {"items": {}}, [], None],
)
def test_a_push_says_its_data_and_nothing_else(provider: Provider, body: Any) -> None:
    push(provider, DATA)
    provider.refused("PUT", STORE, body)


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"data":{"a":NaN}}', b'{"data":{"a":"\xff"}}', b'{"data":{"a":1e999}}']
)
def test_what_is_no_json_is_refused(provider: Provider, content: bytes) -> None:
    provider.refused("PUT", STORE, content=content)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_resource_that_is_not_there_has_no_store(provider: Provider, method: str) -> None:
    path = STORE.replace("/shop/", "/none/")
    provider.refused(method, path, {"data": {}} if method == "PUT" else None, 404)


def test_each_resource_has_a_store_of_its_own(provider: Provider) -> None:
    push(provider, DATA)
    assert provider.get(theirs(STORE), token="neighbour")["items"] == {}


# digest, time


def test_the_digest_is_that_of_the_content(provider: Provider) -> None:
    first = push(provider, {"b": 1, "a": {"d": 1, "c": "é"}})
    text = json.dumps(first["items"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert first["digest"] == sha256(text.encode()).hexdigest()
    assert push(provider, {"b": 2})["digest"] != first["digest"]
    assert push(provider, {"a": {"c": "é", "d": 1}, "b": 1})["digest"] == first["digest"]


def test_a_push_of_the_same_content_writes_nothing(provider: Provider) -> None:
    said = push(provider, DATA)
    assert provider.unchanged("PUT", STORE, {"data": dict(reversed(DATA.items()))}) == said


# ETag, If-None-Match, If-Match, HEAD


@over_names
def test_who_has_the_content_is_told_so(provider: Provider, path: str) -> None:
    push(provider, DATA)
    tag = provider.ask("GET", path).headers["etag"]
    for method in ("GET", "HEAD"):
        response = provider.ask(method, path, headers={"If-None-Match": tag})
        assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", tag)
    push(provider, {"other": 1})
    assert provider.ask("GET", path, headers={"If-None-Match": tag}).status_code == 200


@over_names
def test_head_is_get_without_a_body(provider: Provider, path: str) -> None:
    push(provider, DATA)
    whole, head = provider.ask("GET", path), provider.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers[name] == whole.headers[name]
    assert head.headers["content-type"].startswith("application/json")
    assert provider.ask("HEAD", path.replace("/shop/", "/none/")).status_code == 404


def test_a_push_may_say_which_content_it_replaces(provider: Provider) -> None:
    tag = provider.ask("GET", STORE).headers["etag"]
    push(provider, DATA, headers={"If-Match": tag})
    for path in NAMES:
        provider.refused("PUT", path, {"data": {"late": 1}}, 412, headers={"If-Match": tag})
    provider.refused("PUT", STORE, {"data": {"late": 1}}, 412, headers={"If-Match": '"x"'})
    push(provider, {"mine": 1}, headers={"If-Match": provider.ask("GET", STORE_BEFORE).headers["etag"]})
    push(provider, {"any": 1}, headers={"If-Match": "*"})


def test_without_that_the_last_one_counts(provider: Provider) -> None:
    push(provider, DATA)
    push(provider, {"last": 1})
    assert provider.get(STORE)["items"] == {"last": 1}


def test_what_the_resource_says_of_its_store_leads_to_it(provider: Provider) -> None:
    settings = provider.get(SHOP)["protocolSettings"]["experimentation"]
    assert settings["edgeConfigId"] == f"ecfg_{provider.shop.store}"
