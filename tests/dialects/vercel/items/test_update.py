"""Items of others as they are changed and taken away."""

from typing import Any

import pytest

from equipoise.domain.catalog import CATALOG_ENTRY
from tests.dialects.vercel.items.test_create import NUMBERS, TEXTS, WHOLE, WIDE
from tests.dialects.vercel.provider import ANNEX, ITEMS, Provider, a_patch, a_resource, an_item, at, theirs

ITEM = at("flag_1")
SAID = {name: value for name, value in WHOLE.items() if name != "id"}
OTHERS: dict[str, Any] = {
    "slug": "other",
    "origin": "https://provider.test/other",
    "category": "experiment",
    "name": "Other",
    "description": "Another",
    "isArchived": False,
    "createdAt": 1,
    "updatedAt": 2.5,
}
OPTIONAL = [name for name in OTHERS if name not in ("slug", "origin")]
PATCHED_TEXTS = [name for name in TEXTS if name != "id"]
ODD_IDS = ["a/b", "a b", "features:login", "ü/𝄞", "a%2Fb", "?#&=+", ".", "..", "a\nb", "null"]

over_odd = pytest.mark.parametrize("id", ODD_IDS)


@pytest.fixture
def published(provider: Provider) -> Provider:
    provider.publish(WHOLE)
    return provider


# field by field


@pytest.mark.parametrize("field", OPTIONAL)
def test_a_field_that_is_said_is_replaced_and_the_others_stay(published: Provider, field: str) -> None:
    same = {"slug": WHOLE["slug"], "origin": WHOLE["origin"]}
    published.told("PATCH", ITEM, {**same, field: OTHERS[field]}, 204)
    assert published.item() == WHOLE | {field: OTHERS[field]}


def test_slug_and_origin_are_replaced_as_they_are_said(published: Provider) -> None:
    published.told("PATCH", ITEM, {"slug": "other", "origin": "elsewhere"}, 204)
    assert published.item() == WHOLE | {"slug": "other", "origin": "elsewhere"}


@pytest.mark.parametrize("field", ["slug", "origin"])
def test_slug_and_origin_must_be_said(published: Provider, field: str) -> None:
    assert field in published.refused("PATCH", ITEM, a_patch(**{field: ...}))["message"]


@pytest.mark.parametrize("field", PATCHED_TEXTS)
def test_an_empty_text_is_set_and_not_left_out(published: Provider, field: str) -> None:
    published.told("PATCH", ITEM, SAID | {field: ""}, 204)
    assert published.item()[field] == ""


@pytest.mark.parametrize("field", SAID)
def test_null_is_no_way_to_clear_a_field(published: Provider, field: str) -> None:
    assert field in published.refused("PATCH", ITEM, SAID | {field: None})["message"]


@pytest.mark.parametrize("field", PATCHED_TEXTS)
def test_a_text_is_held_to_its_limit(published: Provider, field: str) -> None:
    longest = WIDE * TEXTS[field]
    published.told("PATCH", ITEM, SAID | {field: longest}, 204)
    assert published.item()[field] == longest
    assert field in published.refused("PATCH", ITEM, SAID | {field: longest + "x"})["message"]


@pytest.mark.parametrize("field", ["createdAt", "updatedAt"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_time_is_any_number(published: Provider, field: str, number: Any) -> None:
    published.told("PATCH", ITEM, SAID | {field: number}, 204)
    assert published.item()[field] == number


@pytest.mark.parametrize(
    "wrong",
    [
        {"createdAt": "1700000000000"},
        {"updatedAt": "today"},
        {"updatedAt": True},
        {"category": "feature"},
        {"category": ""},
        {"isArchived": "true"},
        {"isArchived": 1},
        {"name": 1},
        {"slug": ["x"]},
        {"id": "flag_1"},
        {"more": 1},
        {"is_archived": True},
    ],
    ids=str,
)
def test_a_patch_that_is_half_bad_changes_nothing(published: Provider, wrong: dict[str, Any]) -> None:
    (field,) = wrong
    assert field in published.refused("PATCH", ITEM, a_patch(name="Other") | wrong)["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}"])
def test_a_patch_needs_a_body(published: Provider, content: bytes) -> None:
    published.refused("PATCH", ITEM, content=content)


def test_a_patch_that_says_what_is_so_writes_nothing(published: Provider) -> None:
    published.unchanged("PATCH", ITEM, SAID, 204)


def test_an_archived_item_can_still_be_changed_and_restored(published: Provider) -> None:
    published.told("PATCH", ITEM, SAID | {"name": "Other"}, 204)
    assert (published.item()["name"], published.item()["isArchived"]) == ("Other", True)
    published.told("PATCH", ITEM, SAID | {"isArchived": False}, 204)
    assert published.item()["isArchived"] is False


# what is not there


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "GET"])
def test_an_unknown_item_is_missing(published: Provider, method: str) -> None:
    published.refused(method, at("flag_2"), a_patch() if method == "PATCH" else None, 404)


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "GET"])
def test_an_item_of_another_resource_is_missing(published: Provider, method: str) -> None:
    published.told("PUT", ANNEX, a_resource())
    body = a_patch() if method == "PATCH" else None
    published.refused(method, ITEM.replace("/shop/", "/annex/"), body, 404)
    published.refused(method, ITEM.replace("/shop/", "/none/"), body, 404)


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "GET"])
def test_an_item_of_another_installation_is_missing(published: Provider, method: str) -> None:
    """To whoever speaks of its own resource of the same name; to whoever speaks of the other's, forbidden."""
    body = a_patch() if method == "PATCH" else None
    published.refused(method, theirs(ITEM), body, 404, token="neighbour")
    published.refused(method, ITEM, body, 403, token="neighbour")


# taken away


def test_an_item_that_is_deleted_is_gone(published: Provider) -> None:
    published.publish(an_item("flag_2"))
    published.told("DELETE", ITEM, status=204)
    published.refused("GET", ITEM, status=404)
    published.refused("DELETE", ITEM, status=404)
    assert [each.item for each in published.all(CATALOG_ENTRY)] == ["flag_2"]


@pytest.mark.parametrize("content", [b"{}", b'{"id": "flag_2"}', b'{"integrationConfigurationId": "x"}'])
def test_a_body_that_comes_with_a_delete_is_let_be(published: Provider, content: bytes) -> None:
    published.told("DELETE", ITEM, content=content, status=204)


# ids in paths


@over_odd
def test_an_id_is_one_segment_of_the_path_whatever_is_in_it(provider: Provider, id: str) -> None:
    provider.publish(an_item(id))
    path = at(id).replace("/items/.", "/items/%2E").replace("%2E.", "%2E%2E")
    provider.told("PATCH", path, a_patch(name="Found"), 204)
    assert (provider.get(path)["id"], provider.get(path)["name"]) == (id, "Found")
    provider.told("DELETE", path, status=204)
    assert provider.all(CATALOG_ENTRY) == ()


def test_a_colon_may_stand_in_a_path_as_it_is(provider: Provider) -> None:
    provider.publish(an_item("features:login"))
    provider.told("PATCH", f"{ITEMS}/features:login", a_patch(name="Found"), 204)


def test_a_slash_that_is_not_encoded_is_another_path(provider: Provider) -> None:
    provider.publish(an_item("a/b"))
    assert provider.ask("GET", f"{ITEMS}/a/b").status_code == 404


# revisions


def test_a_patch_may_say_which_revision_it_means(published: Provider) -> None:
    tag = published.ask("GET", ITEM).headers["etag"]
    published.told("PATCH", ITEM, SAID | {"name": "Mine"}, 204, headers={"If-Match": tag})
    published.refused("PATCH", ITEM, SAID | {"name": "Late"}, 412, headers={"If-Match": tag})
    published.refused("DELETE", ITEM, None, 412, headers={"If-Match": tag})
    assert published.item()["name"] == "Mine"


def test_the_answer_to_a_patch_names_the_new_revision(published: Provider) -> None:
    tag = published.ask("PATCH", ITEM, SAID | {"name": "Mine"}).headers["etag"]
    published.told("DELETE", ITEM, status=204, headers={"If-Match": tag})
