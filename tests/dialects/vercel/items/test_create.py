"""Items as they are published: what may be said of one, and what a call of many is."""

from typing import Any

import pytest

from equipoise.domain.catalog import CATALOG_ENTRY
from tests.dialects.vercel.provider import ANNEX, ITEMS, Provider, a_resource, an_item, at, theirs

WHOLE = {
    "id": "flag_1",
    "slug": "new-login",
    "origin": "https://provider.test/flags/1",
    "category": "flag",
    "name": "New login",
    "description": "Who sees the new login",
    "isArchived": True,
    "createdAt": 1_700_000_000_000,
    "updatedAt": 1_700_000_000_000.5,
}
TEXTS = {"id": 1_024, "slug": 1_024, "name": 1_024, "description": 1_024, "origin": 2_048}
REQUIRED = ("id", "slug", "origin")
NUMBERS = (0, -1, -1.5, 0.1, 1_700_000_000_000, 2**53 + 1, 10**30, 1e300)
WIDE = "𝄞"  # one code point, two UTF-16 units, four bytes

over_texts = pytest.mark.parametrize("field", TEXTS)
over_times = pytest.mark.parametrize("field", ["createdAt", "updatedAt"])


# one item, field by field


def test_an_item_is_kept_as_it_was_said(provider: Provider) -> None:
    provider.publish(WHOLE)
    assert provider.item() == WHOLE


def test_of_an_item_id_slug_and_origin_are_enough(provider: Provider) -> None:
    provider.publish(an_item())
    found = provider.item()
    assert {**found, **an_item()} == found
    assert not found["isArchived"]
    assert not {"category", "createdAt", "updatedAt"} & found.keys()
    assert (found.get("name", ""), found.get("description", "")) == ("", "")


@pytest.mark.parametrize("field", REQUIRED)
def test_without_one_of_these_it_is_refused(provider: Provider, field: str) -> None:
    error = provider.refused("POST", ITEMS, {"items": [an_item(**{field: ...})]})
    assert f"items[0].{field}" in error["message"]


@pytest.mark.parametrize("field", WHOLE)
def test_no_field_may_be_null(provider: Provider, field: str) -> None:
    error = provider.refused("POST", ITEMS, {"items": [an_item(**{field: None})]})
    assert f"items[0].{field}" in error["message"]


@pytest.mark.parametrize("field", WHOLE)
def test_no_field_may_be_of_another_type(provider: Provider, field: str) -> None:
    wrong = {str: 1, bool: "true"}.get(type(WHOLE[field]), "1700000000000")
    provider.refused("POST", ITEMS, {"items": [WHOLE | {field: wrong}]})


@over_texts
def test_a_text_may_be_empty(provider: Provider, field: str) -> None:
    provider.publish(WHOLE | {field: ""})
    assert kept(provider, field) == ""


@over_texts
def test_a_text_may_be_as_long_as_its_limit_in_code_points(provider: Provider, field: str) -> None:
    longest = WIDE * TEXTS[field]
    provider.publish(WHOLE | {field: longest})
    assert kept(provider, field) == longest


@over_texts
def test_a_text_may_not_be_one_longer(provider: Provider, field: str) -> None:
    error = provider.refused("POST", ITEMS, {"items": [WHOLE | {field: "x" * (TEXTS[field] + 1)}]})
    assert f"items[0].{field}" in error["message"]


@pytest.mark.parametrize("origin", ["not a link", "/flags/1", "javascript:alert(1)", "ftp://x"])
def test_an_origin_is_any_text(provider: Provider, origin: str) -> None:
    provider.publish(an_item(origin=origin))
    assert provider.item()["origin"] == origin


@pytest.mark.parametrize("category", ["experiment", "flag"])
def test_a_category_is_experiment_or_flag(provider: Provider, category: str) -> None:
    provider.publish(an_item(category=category))
    assert provider.item()["category"] == category


@pytest.mark.parametrize("category", ["", "Flag", "feature", "segment", 1])
def test_another_category_is_not_known(provider: Provider, category: Any) -> None:
    error = provider.refused("POST", ITEMS, {"items": [an_item(category=category)]})
    assert "items[0].category" in error["message"]


@over_times
@pytest.mark.parametrize("number", NUMBERS)
def test_a_time_is_any_number_and_kept_as_it_was_sent(provider: Provider, field: str, number: Any) -> None:
    provider.publish(an_item(**{field: number}))
    found = provider.item()[field]
    assert (found, type(found)) == (number, type(number))


@over_times
@pytest.mark.parametrize("wrong", ["1700000000000", "2024-01-01T00:00:00Z", "", True, [], {}, [1]])
def test_a_time_that_is_no_number_is_refused(provider: Provider, field: str, wrong: Any) -> None:
    error = provider.refused("POST", ITEMS, {"items": [an_item(**{field: wrong})]})
    assert f"items[0].{field}" in error["message"]


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999", b"0x10", b"01"])
def test_a_time_that_json_has_no_number_for_is_refused(provider: Provider, number: bytes) -> None:
    content = b'{"items":[{"id":"a","slug":"b","origin":"c","createdAt":%s}]}' % number
    provider.refused("POST", ITEMS, content=content)


# what the schema closes


def test_an_unknown_key_of_the_body_is_refused(provider: Provider) -> None:
    assert "more" in provider.refused("POST", ITEMS, {"items": [an_item()], "more": 1})["message"]


@pytest.mark.parametrize("key", ["more", "ID", "is_archived", "created_at", "key", ""])
def test_an_unknown_key_of_an_item_is_refused(provider: Provider, key: str) -> None:
    error = provider.refused("POST", ITEMS, {"items": [an_item(), an_item("flag_2", **{key: 1})]})
    assert "items[1]" in error["message"]
    assert key in error["message"]


@pytest.mark.parametrize(
    "body", [{}, {"items": None}, {"items": {}}, {"items": "x"}, {"items": [None]}, [], 1]
)
def test_a_body_that_is_no_list_of_items_is_refused(provider: Provider, body: Any) -> None:
    provider.refused("POST", ITEMS, body)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"items":[]', b"null"])
def test_what_is_no_json_is_refused(provider: Provider, content: bytes) -> None:
    provider.refused("POST", ITEMS, content=content)


# many items


def test_no_item_at_all_is_well_said(provider: Provider) -> None:
    provider.unchanged("POST", ITEMS, {"items": []}, 204)


def test_fifty_items_come_in_one_call(provider: Provider) -> None:
    provider.publish(*(an_item(f"flag_{number}") for number in range(50)))
    assert len(provider.all(CATALOG_ENTRY)) == 50


def test_of_fifty_one_none_is_kept(provider: Provider) -> None:
    many = [an_item(f"flag_{number}") for number in range(51)]
    assert "items" in provider.refused("POST", ITEMS, {"items": many})["message"]


def test_fifty_one_of_one_id_are_too_many_as_well(provider: Provider) -> None:
    provider.refused("POST", ITEMS, {"items": [an_item()] * 51})


def test_a_batch_is_all_or_nothing(provider: Provider) -> None:
    provider.publish(an_item("flag_2", name="Before"))
    batch = [an_item(), an_item("flag_2", name="After"), an_item("flag_3", name="x" * 1_025)]
    provider.refused("POST", ITEMS, {"items": batch})


def test_a_refusal_names_what_is_wrong_with_every_item(provider: Provider) -> None:
    wrong = [an_item(slug=...), an_item("flag_2"), an_item("flag_3", category="x", name=None)]
    message = provider.refused("POST", ITEMS, {"items": wrong})["message"]
    assert all(each in message for each in ("items[0].slug", "items[2].category", "items[2].name"))
    assert "items[1]" not in message


def test_of_two_items_with_one_id_the_later_counts(provider: Provider) -> None:
    provider.publish(an_item(name="First", category="flag"), an_item("flag_2"), an_item(name="Last"))
    found = provider.item()
    assert (found["name"], "category" in found) == ("Last", False)
    assert len(provider.all(CATALOG_ENTRY)) == 2


# again


def test_an_item_that_is_published_again_is_replaced_whole(provider: Provider) -> None:
    provider.publish(WHOLE)
    provider.publish(an_item(slug="other"))
    found = provider.item()
    assert (found["slug"], found["isArchived"]) == ("other", False)
    assert not {"category", "createdAt", "updatedAt"} & found.keys()
    assert len(provider.all(CATALOG_ENTRY)) == 1


def test_one_that_is_published_as_it_was_writes_nothing(provider: Provider) -> None:
    provider.publish(WHOLE)
    provider.unchanged("POST", ITEMS, {"items": [WHOLE]}, 204)


def test_one_that_was_deleted_can_be_published_again(provider: Provider) -> None:
    provider.publish(WHOLE)
    provider.told("DELETE", at("flag_1"), status=204)
    provider.publish(an_item())
    assert not provider.item()["isArchived"]


# whose it is


def test_an_item_belongs_to_its_resource(provider: Provider) -> None:
    """The same id under another resource, or another installation, is another item."""
    provider.told("PUT", ANNEX, a_resource())
    annex = ITEMS.replace("/shop/", "/annex/")
    provider.publish(an_item(name="Of the shop"))
    provider.publish(an_item(name="Of the annex"), path=annex)
    provider.publish(an_item(name="Of the neighbour"), path=theirs(ITEMS), token="neighbour")
    assert provider.item()["name"] == "Of the shop"
    assert provider.get(f"{annex}/flag_1")["name"] == "Of the annex"
    assert provider.get(theirs(at("flag_1")), token="neighbour")["name"] == "Of the neighbour"


def test_an_unknown_resource_has_no_items(provider: Provider) -> None:
    body = {"items": [an_item()]}
    provider.refused("POST", ITEMS.replace("/shop/", "/none/"), body, 404)


def test_one_call_is_one_change_of_the_log_by_the_installation(provider: Provider) -> None:
    provider.publish(an_item(), an_item("flag_2"))
    rows = [row for row in provider.rows() if row.noun == CATALOG_ENTRY.name]
    assert {(row.at, row.principal, row.surface) for row in rows} == {
        (provider.surface.clock.now, provider.id, "vercel")
    }
    assert len(rows) == 2


def kept(provider: Provider, field: str) -> Any:
    """What is stored of the only entry, under the wire's name of a text."""
    entry = provider.only(CATALOG_ENTRY)
    return entry.item if field == "id" else getattr(entry.content, field)
