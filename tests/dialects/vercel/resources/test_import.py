"""Resources as they are imported, listed, uninstalled and deleted."""

from typing import Any

import pytest

from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.resource import RESOURCE
from tests.dialects.vercel.provider import (
    ANNEX,
    ITEMS,
    RESOURCES,
    SECRETS,
    SHOP,
    STORE,
    Provider,
    a_patch,
    a_resource,
    a_secret,
    an_item,
    at,
    theirs,
)
from tests.dialects.vercel.resources.test_update import NOTE, PLAN, STATUSES, WHOLE_NOTE, WHOLE_PLAN

WHOLE = a_resource(
    status="onboarding",
    ownership="sandbox",
    metadata={"region": "fra1", "seats": 5},
    billingPlan=WHOLE_PLAN,
    notification=WHOLE_NOTE,
    extras={"theirs": [1, {"a": None}]},
    secrets=[a_secret()],
)
STORED = {"productId": "product", "billingPlan": "billing_plan"}
OPTIONAL = [field for field in WHOLE if field not in a_resource()]


# imported


def test_a_resource_is_made_with_its_config_store(provider: Provider) -> None:
    assert provider.told("PUT", ANNEX, a_resource(name="The annex")) == {"name": "The annex"}
    shown = provider.get(ANNEX)
    assert (shown["id"], shown["name"], shown["productId"]) == ("annex", "The annex", "experiments")
    assert shown["internalId"] not in ("", "annex")
    settings = shown["protocolSettings"]["experimentation"]
    assert settings["edgeConfigId"] == settings["globalConfigId"]
    assert settings["edgeConfigId"].startswith("ecfg_")
    assert provider.get(STORE.replace("/shop/", "/annex/"))["items"] == {}


def test_all_that_is_said_of_one_is_kept(provider: Provider) -> None:
    provider.told("PUT", ANNEX, WHOLE)
    kept = next(each for each in provider.all(RESOURCE) if each.provided == "annex")
    for field in WHOLE.keys() - {"secrets"}:
        assert getattr(kept, STORED.get(field, field)) == WHOLE[field]
    assert [each.name for each in kept.secrets] == ["TOKEN"]


def test_an_import_again_changes_what_it_says_and_nothing_else(provider: Provider) -> None:
    provider.told("PUT", SHOP, WHOLE)
    before = provider.shop
    provider.told("PUT", SHOP, a_resource(productId="others", name="Again", status="ready"))
    now = provider.shop
    assert (now.product, now.name, now.status) == ("others", "Again", "ready")
    moved = {each for each in before.__struct_fields__ if getattr(before, each) != getattr(now, each)}
    assert moved == {"product", "name", "status", "revision", "touched_at"}


def test_an_import_that_says_what_is_so_writes_nothing(provider: Provider) -> None:
    provider.told("PUT", SHOP, WHOLE)
    provider.unchanged("PUT", SHOP, WHOLE)


@pytest.mark.parametrize("field", ["productId", "name", "status"])
def test_product_name_and_status_must_be_said(provider: Provider, field: str) -> None:
    for path in (SHOP, ANNEX):
        assert field in provider.refused("PUT", path, a_resource(**{field: ...}))["message"]


@pytest.mark.parametrize("field", WHOLE)
def test_no_field_may_be_null(provider: Provider, field: str) -> None:
    assert field in provider.refused("PUT", ANNEX, a_resource(**{field: None}))["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"more": 1},
        {"id": "annex"},
        {"status": "new"},
        {"ownership": "mine"},
        {"name": "x" * 1_025},
        {"notification": ""},
        {"notification": "Hello"},
        {"notification": NOTE | {"level": "loud"}},
        {"billingPlan": PLAN | {"details": [{"label": "a", "more": 1}]}},
        {"metadata": []},
        {"secrets": [{"name": "A"}]},
    ],
    ids=str,
)
def test_an_import_that_is_half_bad_makes_nothing(provider: Provider, wrong: dict[str, Any]) -> None:
    (field,) = wrong
    for path in (SHOP, ANNEX):
        assert field in provider.refused("PUT", path, WHOLE | wrong)["message"]


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"null"])
def test_an_import_needs_a_body(provider: Provider, content: bytes) -> None:
    provider.refused("PUT", ANNEX, content=content)


@pytest.mark.parametrize("status", STATUSES)
def test_a_resource_may_be_imported_in_every_status(provider: Provider, status: str) -> None:
    provider.told("PUT", ANNEX, a_resource(status=status))
    assert provider.get(ANNEX)["status"] == status


@pytest.mark.parametrize("id", ["a%2Fb", "a%20b", "a:b", "%C3%BC", "123e4567-e89b-12d3", "x" * 256])
def test_an_id_of_the_providers_is_one_segment_of_the_path(provider: Provider, id: str) -> None:
    path = f"{RESOURCES}/{id}"
    provider.told("PUT", path, a_resource())
    provider.told("POST", f"{path}/experimentation/items", {"items": [an_item()]}, 204)
    assert provider.get(path)["id"] == id.replace("%2F", "/").replace("%20", " ").replace("%C3%BC", "ü")


def test_an_id_is_held_to_its_limit(provider: Provider) -> None:
    provider.refused("PUT", f"{RESOURCES}/{'x' * 257}", a_resource())


# listed


def test_a_list_names_every_resource_of_the_installation_and_no_other(provider: Provider) -> None:
    provider.told("PUT", ANNEX, WHOLE)
    provider.told("PUT", theirs(f"{RESOURCES}/hidden"), a_resource(), token="neighbour")
    listed = {each["partnerId"]: each for each in provider.get(RESOURCES)["resources"]}
    assert listed.keys() == {"shop", "annex"}
    one = provider.get(ANNEX)
    assert {**one, "partnerId": one.pop("id")}.items() >= listed["annex"].items()
    assert all("secrets" not in each for each in listed.values())


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_resource_that_is_not_there_is_missing(provider: Provider, method: str) -> None:
    provider.refused(method, ANNEX, {"name": "x"} if method == "PATCH" else None, 404)


# uninstalled


@pytest.fixture
def uninstalled(provider: Provider) -> Provider:
    provider.publish(an_item())
    provider.update(status="uninstalled", secrets=[a_secret()])
    return provider


@pytest.mark.parametrize("status", [each for each in STATUSES if each != "uninstalled"])
def test_uninstalled_is_for_good(uninstalled: Provider, status: str) -> None:
    uninstalled.refused("PATCH", SHOP, {"status": status}, 409)
    uninstalled.refused("PUT", SHOP, a_resource(status=status), 409)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", SHOP, {"name": "Renamed"}),
        ("PATCH", SHOP, {"notification": NOTE}),
        ("PATCH", SHOP, {"secrets": []}),
        ("PUT", SHOP, a_resource(name="Again", status="uninstalled")),
        ("PUT", SECRETS, {"secrets": []}),
        ("PUT", STORE, {"data": {"a": 1}}),
        ("POST", ITEMS, {"items": [an_item("flag_2")]}),
        ("PATCH", at("flag_1"), a_patch(name="Renamed")),
        ("DELETE", at("flag_1"), None),
    ],
    ids=str,
)
def test_what_is_uninstalled_and_all_that_belongs_to_it_stays_as_it_is(
    uninstalled: Provider, method: str, path: str, body: Any
) -> None:
    uninstalled.refused(method, path, body, 409)


def test_it_can_still_be_read_and_deleted(uninstalled: Provider) -> None:
    assert uninstalled.get(SHOP)["status"] == "uninstalled"
    assert uninstalled.get(RESOURCES)["resources"][0]["status"] == "uninstalled"
    uninstalled.told("DELETE", SHOP, status=204)


# deleted


def test_a_resource_goes_with_its_store_and_its_items(provider: Provider) -> None:
    provider.told("PUT", ANNEX, a_resource())
    annex = ITEMS.replace("/shop/", "/annex/")
    provider.publish(*(an_item(f"flag_{number}") for number in range(3)))
    provider.publish(an_item("theirs"), path=theirs(ITEMS), token="neighbour")
    provider.publish(an_item("kept"), path=annex)
    provider.told("DELETE", SHOP, status=204)
    assert {each.item for each in provider.all(CATALOG_ENTRY)} == {"theirs", "kept"}
    assert {each.key for each in provider.all(RESOURCE)} == {"icfg_other/shop", "icfg_shop/annex"}
    assert len(provider.all(CONFIG_STORE)) == 2
    provider.refused("GET", SHOP, status=404)
    provider.refused("DELETE", SHOP, status=404)


def test_one_that_was_deleted_can_be_imported_anew_and_has_nothing_of_what_it_had(provider: Provider) -> None:
    provider.update(secrets=[a_secret()], metadata={"a": 1})
    provider.told("PUT", STORE, {"data": {"a": 1}})
    provider.publish(an_item())
    provider.told("DELETE", SHOP, status=204)
    provider.told("PUT", SHOP, a_resource())
    assert (provider.shop.secrets, provider.shop.metadata) == ((), {})
    assert provider.get(STORE)["items"] == {}
    provider.refused("GET", at("flag_1"), status=404)


@pytest.mark.parametrize("id", ["evil%0A", "a%0D%0AX-Evil%3A1", "%01", "%7F", "%20", "x" * 257])
def test_an_id_is_a_name(provider: Provider, id: str) -> None:
    """It stands in headers and in logs."""
    message = provider.refused("PUT", f"{RESOURCES}/{id}", a_resource())["message"]
    assert "resourceId: must be 1 to 256 characters" in message


def test_one_may_be_born_with_any_status_whole(provider: Provider) -> None:
    born = a_resource(status="uninstalled", metadata={"a": 1}, extras={"b": 2}, secrets=[a_secret()])
    provider.told("PUT", ANNEX, born)
    assert provider.get(ANNEX)["metadata"] == {"a": 1}
