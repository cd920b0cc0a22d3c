"""Items whose ids we issued: our experiments and flags, under our own rules."""

from typing import Any

import pytest

from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Noun
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Stop
from equipoise.domain.flag import FLAG
from equipoise.domain.layer import LAYER
from equipoise.domain.layer.commands import Create as LayerBorn
from equipoise.domain.layer.state import Reservation
from tests.dialects.vercel.provider import (
    CATALOG,
    EXPERIMENT_ID,
    FLAG_ID,
    FOREIGN,
    ITEMS,
    Provider,
    a_resource,
    an_item,
    at,
    theirs,
)
from tests.domain.builders import a_layer, a_targeting

SLUGS = {EXPERIMENT_ID: "new-checkout", FLAG_ID: "checkout"}
NOUNS: dict[str, Noun[Any]] = {EXPERIMENT_ID: EXPERIMENT, FLAG_ID: FLAG}

over_both = pytest.mark.parametrize("id", SLUGS)


@pytest.fixture
def drafted(provider: Provider) -> Provider:
    provider.plant_experiment()
    return provider


@pytest.fixture
def running(provider: Provider) -> Provider:
    provider.plant_experiment(running=True)
    return provider


def said(id: str, **fields: Any) -> dict[str, Any]:
    return {"slug": SLUGS[id], "origin": "https://provider.test/ours"} | fields


def patch(provider: Provider, id: str, **fields: Any) -> None:
    provider.told("PATCH", at(id), said(id, **fields), 204)


# edits


@over_both
def test_a_patch_edits_ours(drafted: Provider, id: str) -> None:
    patch(drafted, id, name="Renamed", description="Told anew", createdAt=1, updatedAt=2.5)
    now = drafted.only(NOUNS[id])
    assert (now.name, now.description) == ("Renamed", "Told anew")
    assert drafted.all(CATALOG_ENTRY) == ()


@over_both
def test_so_does_an_item_that_is_published_under_its_id(drafted: Provider, id: str) -> None:
    drafted.publish(an_item("flag_1"), {"id": id, **said(id, name="Renamed")})
    assert drafted.only(NOUNS[id]).name == "Renamed"
    assert drafted.only(CATALOG_ENTRY).item == "flag_1"


@over_both
def test_what_a_patch_does_not_say_stays(drafted: Provider, id: str) -> None:
    before = drafted.only(NOUNS[id])
    patch(drafted, id)
    now = drafted.only(NOUNS[id])
    assert (now.name, now.description, now.archived_at) == (before.name, before.description, None)
    patch(drafted, id, description="Told")
    patch(drafted, id, description="")
    assert drafted.only(NOUNS[id]).description == ""


@over_both
def test_ours_is_shown_as_an_item(drafted: Provider, id: str) -> None:
    patch(drafted, id, createdAt=1, updatedAt=2.5, category=id.split(":")[1])
    shown = drafted.item(id)
    assert (shown["id"], shown["slug"], shown["category"]) == (id, SLUGS[id], id.split(":")[1])
    assert (shown["origin"], shown["isArchived"]) == ("https://provider.test/ours", False)
    assert (shown["createdAt"], shown["updatedAt"]) == (1, 2.5)


@over_both
def test_what_is_said_of_ours_stands_in_the_catalog(drafted: Provider, id: str) -> None:
    patch(drafted, id, name="Renamed", createdAt=1, updatedAt=2.5)
    found = drafted.speak("GET", CATALOG, params={"source": "equipoise"})["items"]
    (one,) = (each for each in found if each["id"] == id)
    assert (one["name"], one["source"]) == ("Renamed", "equipoise")
    assert (one["origin"], one["createdAt"], one["updatedAt"]) == ("https://provider.test/ours", 1, 2.5)


@over_both
def test_a_patch_that_says_what_is_so_writes_nothing(drafted: Provider, id: str) -> None:
    patch(drafted, id, name="Renamed", createdAt=1)
    drafted.unchanged("PATCH", at(id), said(id, name="Renamed", createdAt=1, isArchived=False), 204)
    drafted.unchanged("POST", ITEMS, {"items": [{"id": id, **said(id)}]}, 204)


def test_a_running_experiment_keeps_running_whatever_is_said_of_it(running: Provider) -> None:
    before = running.only(EXPERIMENT)
    patch(running, EXPERIMENT_ID, name="Renamed", isArchived=False)
    now = running.only(EXPERIMENT)
    assert (now.status, now.iterations, now.name) == (before.status, before.iterations, "Renamed")


# what is not well said


@over_both
@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "another"},
        {"slug": ""},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 257},
        {"name": None},
        {"createdAt": "1"},
        {"more": 1},
    ],
    ids=str,
)
def test_what_the_domain_does_not_take_is_refused(drafted: Provider, id: str, wrong: Any) -> None:
    body = said(id, description="Told") | wrong
    drafted.refused("PATCH", at(id), body)
    drafted.refused("POST", ITEMS, {"items": [an_item(), {"id": id, **body}]})


@over_both
def test_the_category_of_ours_is_its_kind(drafted: Provider, id: str) -> None:
    other = {"experiment": "flag", "flag": "experiment"}[id.split(":")[1]]
    assert "category" in drafted.refused("PATCH", at(id), said(id, category=other))["message"]


@over_both
def test_a_name_of_ours_may_have_as_many_characters_as_the_domain_allows(drafted: Provider, id: str) -> None:
    patch(drafted, id, name="é" * 256)
    assert drafted.only(NOUNS[id]).name == "é" * 256


def test_a_batch_with_a_bad_item_of_ours_names_its_place_and_keeps_nothing(drafted: Provider) -> None:
    batch = [
        an_item(),
        {"id": EXPERIMENT_ID, **said(EXPERIMENT_ID, slug="x")},
        {"id": FLAG_ID, **said(FLAG_ID)},
    ]
    assert "items[1].slug" in drafted.refused("POST", ITEMS, {"items": batch})["message"]


@pytest.mark.parametrize("id", ["equipoise:experiment:none", "equipoise:flag:none"])
def test_an_id_of_ours_that_names_nothing_is_missing(drafted: Provider, id: str) -> None:
    body = {"slug": "none", "origin": "x"}
    for method, sent in (("PATCH", body), ("DELETE", None), ("GET", None)):
        drafted.refused(method, at(id), sent, 404)
    drafted.refused("POST", ITEMS, {"items": [an_item(), {"id": id, **body}]}, 404)


# archives


@over_both
def test_ours_is_archived_and_restored(drafted: Provider, id: str) -> None:
    if id == FLAG_ID:
        drafted.speak("DELETE", "/api/v2/projects/default/environments/test")
        patch(drafted, EXPERIMENT_ID, isArchived=True)
    patch(drafted, id, isArchived=True)
    assert drafted.only(NOUNS[id]).archived_at == drafted.surface.clock.now
    assert drafted.item(id)["isArchived"] is True
    patch(drafted, id, isArchived=False)
    assert drafted.only(NOUNS[id]).archived_at is None


def test_one_patch_may_edit_and_archive(drafted: Provider) -> None:
    patch(drafted, EXPERIMENT_ID, isArchived=True, name="Renamed", description="Told")
    now = drafted.only(EXPERIMENT)
    assert (now.name, now.description, now.archived_at is None) == ("Renamed", "Told", False)


def test_one_patch_may_restore_and_edit(drafted: Provider) -> None:
    patch(drafted, EXPERIMENT_ID, isArchived=True)
    patch(drafted, EXPERIMENT_ID, isArchived=False, name="Renamed", description="Told")
    now = drafted.only(EXPERIMENT)
    assert (now.name, now.description, now.archived_at) == ("Renamed", "Told", None)


def test_what_is_archived_takes_no_other_change(drafted: Provider) -> None:
    patch(drafted, EXPERIMENT_ID, isArchived=True)
    drafted.refused("PATCH", at(EXPERIMENT_ID), said(EXPERIMENT_ID, name="Renamed"), 409)
    drafted.refused("PATCH", at(EXPERIMENT_ID), said(EXPERIMENT_ID, name="Renamed", isArchived=True), 409)


def test_a_running_experiment_is_not_archived(running: Provider) -> None:
    body = said(EXPERIMENT_ID, name="Renamed", isArchived=True)
    running.refused("PATCH", at(EXPERIMENT_ID), body, 409)
    running.refused("POST", ITEMS, {"items": [an_item(), {"id": EXPERIMENT_ID, **body}]}, 409)
    running.refused("PATCH", at(FLAG_ID), said(FLAG_ID, isArchived=True), 409)


def test_one_that_was_stopped_is(running: Provider) -> None:
    running.surface.plant((EXPERIMENT, running.only(EXPERIMENT), Stop()))
    patch(running, EXPERIMENT_ID, isArchived=True)
    assert running.only(EXPERIMENT).archived_at is not None


def test_its_layer_gets_back_what_it_reserved(drafted: Provider) -> None:
    held = (Reservation("production", "new-checkout", ((0, 30_000),)),)
    drafted.surface.plant((LAYER, None, LayerBorn(a_layer(reservations=held))))
    patch(drafted, EXPERIMENT_ID, isArchived=True)
    assert [each.share for each in drafted.only(LAYER).reservations] == [0]


def test_an_archive_that_other_environments_would_feel_is_forbidden(provider: Provider) -> None:
    provider.plant_flag(targeting={"production": a_targeting(), "test": a_targeting()})
    provider.refused("PATCH", at(FLAG_ID), said(FLAG_ID, isArchived=True), 403)
    patch(provider, FLAG_ID, name="Renamed")


@over_both
def test_ours_is_never_deleted(running: Provider, id: str) -> None:
    running.refused("DELETE", at(id), None, 409)
    running.refused("DELETE", at(id), {"slug": SLUGS[id]}, 409)


# what is not ours


@pytest.mark.parametrize(
    "id",
    [
        "new-checkout",
        "experiment:new-checkout",
        "equipoise:new-checkout",
        "equipoise:segment:beta",
        "equipoise:experiment:",
        "Equipoise:experiment:new-checkout",
        " equipoise:experiment:new-checkout",
        "equipoise:experiments:new-checkout",
        "equipoise:metric:purchases",
    ],
)
def test_any_other_id_is_an_entry_of_the_catalog(drafted: Provider, id: str) -> None:
    """Whatever its slug is."""
    before = drafted.only(EXPERIMENT), drafted.only(FLAG)
    drafted.publish(an_item(id, slug="new-checkout", name="Theirs", category="experiment", isArchived=True))
    assert (drafted.only(EXPERIMENT), drafted.only(FLAG)) == before
    assert (drafted.only(CATALOG_ENTRY).item, drafted.item(id)["name"]) == (id, "Theirs")
    drafted.told("DELETE", at(id), status=204)
    assert (drafted.only(EXPERIMENT), drafted.only(FLAG)) == before


def test_an_experiment_of_another_environment_is_missing(drafted: Provider) -> None:
    """A flag belongs to the project, and is there for both."""
    shop = theirs(ITEMS, FOREIGN)
    drafted.told("PUT", shop.removesuffix("/experimentation/items"), a_resource(), token="foreigner")
    path = theirs(at(EXPERIMENT_ID), FOREIGN)
    drafted.refused("PATCH", path, said(EXPERIMENT_ID, name="Renamed"), 404, token="foreigner")
    drafted.told("PATCH", theirs(at(FLAG_ID), FOREIGN), said(FLAG_ID, name="Renamed"), 204, token="foreigner")
    assert drafted.only(FLAG).name == "Renamed"


@over_both
def test_a_patch_of_ours_may_say_which_revision_it_means(drafted: Provider, id: str) -> None:
    tag = drafted.ask("GET", at(id)).headers["etag"]
    drafted.told("PATCH", at(id), said(id, name="Mine"), 204, headers={"If-Match": tag})
    drafted.refused("PATCH", at(id), said(id, name="Late"), 412, headers={"If-Match": tag})


@pytest.mark.parametrize("field", ["createdAt", "updatedAt"])
def test_a_time_is_a_number_that_a_double_holds(provider: Provider, field: str) -> None:
    provider.plant_flag()
    said = {"slug": "checkout", "origin": "https://provider.test/1"}
    provider.told("PATCH", at(FLAG_ID), {**said, field: 1.7e308}, 204)
    provider.refused("PATCH", at(FLAG_ID), {**said, field: 10**309})
    provider.refused("PATCH", at("flag_9"), {**said, field: 10**309}, status=404)
