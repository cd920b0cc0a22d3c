"""What may be asked of a config store, and what it answers."""

from typing import Any

import pytest

from equipoise.domain import labels
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.commands import Create, Push
from equipoise.domain.config_store.events import Pushed
from equipoise.domain.config_store.state import digest_of
from equipoise.domain.errors import Exceeded, Invalid
from equipoise.domain.limits import CONFIG_STORE_BYTES_MAX, RESOURCE_ID_LENGTH_MAX
from tests.domain.builders import LATER, a_config_store, after, events_of

FULL = {"a": "x" * (CONFIG_STORE_BYTES_MAX - len('{"a":""}'))}
TOO_FULL = {"a": FULL["a"] + "x"}


def push(items: dict[str, Any], most: int = CONFIG_STORE_BYTES_MAX) -> Push:
    return Push(items, most)


@pytest.mark.parametrize("items", [{}, {"greeting": "hello"}, FULL], ids=["empty", "some", "full"])
def test_a_store_is_born_whole(items: dict[str, Any]) -> None:
    born = after(CONFIG_STORE, None, Create(a_config_store(items=items)))
    assert born == a_config_store(items=items, digest=digest_of(items), revision=1, touched_at=LATER)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_config_store(
        id="x",
        installation="a/b",
        resource="r" * (RESOURCE_ID_LENGTH_MAX + 1),
        project="",
        environment="",
        items={"no key": 1, "one": 1, "": 1},
    )
    with pytest.raises(Invalid) as refusal:
        events_of(CONFIG_STORE, None, Create(wrong))
    places = [violation.where for violation in refusal.value.violations]
    assert places == ["id", "installation", "resource", "project", "environment", "items", "items"]


def test_a_store_is_born_with_so_many_bytes_and_no_more() -> None:
    with pytest.raises(Exceeded, match="CONFIG_STORE_BYTES_MAX"):
        events_of(CONFIG_STORE, None, Create(a_config_store(items=TOO_FULL)))


def test_a_push_replaces_all_items() -> None:
    assert events_of(CONFIG_STORE, a_config_store(), push({"other": 1})) == (Pushed({"other": 1}, LATER),)
    now = after(CONFIG_STORE, a_config_store(), push({"other": 1}))
    assert (now.items, now.updated_at, now.digest) == ({"other": 1}, LATER, digest_of({"other": 1}))
    assert after(CONFIG_STORE, now, push({})).items == {}


def test_the_same_content_is_no_event_whatever_its_order() -> None:
    now = a_config_store(items={"a": {"b": 1, "c": [2]}, "d": None})
    assert events_of(CONFIG_STORE, now, push({"d": None, "a": {"c": [2], "b": 1}})) == ()
    for one in (1.0, True):
        assert events_of(CONFIG_STORE, now, push({"a": {"b": one, "c": [2]}, "d": None}))


@pytest.mark.parametrize("key", ["a", "-", "_", "0", "A-b_9", "k" * 256])
def test_a_sound_key_can_be_pushed(key: str) -> None:
    assert after(CONFIG_STORE, a_config_store(), push({key: None})).items == {key: None}


@pytest.mark.parametrize("key", ["", "no key", "a.b", "é", "a/b", "a\n", "٣", "k" * 257])
def test_a_key_that_is_not_sound_is_invalid(key: str) -> None:
    with pytest.raises(Invalid, match="items: a key is 1 to 256 letters, digits"):
        events_of(CONFIG_STORE, a_config_store(), push({"sound": 1, key: 1}))


def test_a_push_has_so_many_bytes_as_it_may_and_no_more() -> None:
    items = {"a": "é"}  # ten bytes
    assert events_of(CONFIG_STORE, a_config_store(), push(items, 10))
    with pytest.raises(Exceeded) as refusal:
        events_of(CONFIG_STORE, a_config_store(), push(items, 9))
    assert (refusal.value.limit, refusal.value.most, refusal.value.found) == ("CONFIG_STORE_BYTES_MAX", 9, 10)


def test_a_store_can_be_deleted() -> None:
    assert events_of(CONFIG_STORE, a_config_store(), labels.Delete()) == (labels.Deleted(),)
