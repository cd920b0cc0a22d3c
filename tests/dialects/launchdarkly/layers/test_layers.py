"""Layers: experiments of one layer share no unit, and keep what is theirs while they run."""

from typing import Any

import httpx
import pytest

from equipoise.domain.experiment.commands import Pause
from equipoise.domain.identity import Place
from equipoise.domain.layer import LAYER
from tests.dialects.launchdarkly.experiments.shop import (
    ARCHIVE,
    NEW,
    OLD,
    RESTORE,
    START,
    Shop,
    again,
    places,
    stop,
)
from tests.fixtures_surface import SEMANTIC, conforms

LAYERS = "/api/v2/projects/default/layers"
BODY = {"key": "checkout", "name": "Checkout", "description": "All of the checkout"}


def made(shop: Shop, **fields: Any) -> Any:
    response = shop.surface.call("POST", LAYERS, json=BODY | fields)
    assert response.status_code == 201, response.text
    return conforms(response, "createLayer")


def patching(
    shop: Shop, *instructions: Any, environment: str = "production", layer: str = "checkout", **said: Any
) -> httpx.Response:
    body = {"environmentKey": environment, "instructions": list(instructions)}
    return shop.surface.call("PATCH", f"{LAYERS}/{layer}", json=body, **({"headers": SEMANTIC} | said))


def patched(shop: Shop, *instructions: Any, **said: Any) -> Any:
    response = patching(shop, *instructions, **said)
    assert response.status_code == 200, response.text
    return conforms(response, "updateLayer")


def refused(shop: Shop, *instructions: Any, status: int = 400, **said: Any) -> Any:
    before = stored(shop)
    response = patching(shop, *instructions, **said)
    assert response.status_code == status, response.text
    assert stored(shop) == before
    return conforms(response, "updateLayer")


def stored(shop: Shop) -> Any:
    return shop.stored(LAYER, Place("default"), "checkout")


def listed(shop: Shop, **params: str) -> Any:
    response = shop.surface.call("GET", LAYERS, params=params)
    assert response.status_code == 200, response.text
    return conforms(response, "getLayers")


def reserve(percent: Any, experiment: str = "new-checkout") -> dict[str, Any]:
    return {
        "kind": "updateExperimentReservation",
        "experimentKey": experiment,
        "reservationPercent": percent,
    }


def remove(experiment: str = "new-checkout") -> dict[str, Any]:
    return {"kind": "removeExperiment", "experimentKey": experiment}


@pytest.fixture
def two(shop: Shop) -> Shop:
    """A layer, and two experiments on flags of their own."""
    shop.flag("banner")
    shop.create()
    shop.create("new-banner", "banner")
    made(shop)
    return shop


def test_a_layer_is_made_empty_and_listed(shop: Shop) -> None:
    layer = made(shop)
    assert {name: layer[name] for name in BODY} == BODY
    assert (layer["environments"], "randomizationUnit" in layer) == ({}, False)
    assert listed(shop) == {
        "items": [layer],
        "totalCount": 1,
        "_links": {"self": listed(shop)["_links"]["self"]},
    }


@pytest.mark.parametrize(
    ("fields", "where"),
    [({"key": "no key"}, "key"), ({"name": ""}, "name"), ({"description": None}, "description")],
)
def test_what_is_wrong_with_a_layer_is_named(shop: Shop, fields: Any, where: str) -> None:
    response = shop.surface.call("POST", LAYERS, json=BODY | fields)
    assert places(conforms(response, "createLayer")) == [where]


def test_all_that_is_wrong_with_a_layer_is_named_at_once(shop: Shop) -> None:
    response = shop.surface.call("POST", LAYERS, json={"key": "no key", "name": 7})
    assert places(conforms(response, "createLayer")) == ["name", "description", "key"]


def test_a_key_is_taken_once(shop: Shop) -> None:
    made(shop)
    assert shop.surface.call("POST", LAYERS, json=BODY).status_code == 409


def test_names_and_descriptions_change(shop: Shop) -> None:
    made(shop)
    layer = patched(
        shop,
        {"kind": "updateName", "name": "Other"},
        {"kind": "updateDescription", "description": ""},
        environment="",
    )
    assert (layer["name"], layer["description"]) == ("Other", "")


def test_reservations_are_shown_by_environment_and_found_by_experiment(two: Shop) -> None:
    layer = patched(two, reserve(40), reserve(0, "new-banner"))
    assert layer["environments"] == {
        "production": {
            "reservations": [
                {"experimentKey": "new-checkout", "flagKey": "checkout", "reservationPercent": 40},
                {"experimentKey": "new-banner", "flagKey": "banner", "reservationPercent": 0},
            ]
        }
    }
    made(two, key="other")
    assert [each["key"] for each in listed(two, filter="experimentKey:new-banner")["items"]] == ["checkout"]
    assert listed(two, filter="experimentKey:another")["items"] == []
    assert patched(two, remove("new-banner"), remove("new-banner"))["environments"] != layer["environments"]


@pytest.mark.parametrize(
    ("instruction", "where"),
    [
        (reserve(61), "reservationPercent"),
        (reserve(-1), "reservationPercent"),
        (reserve(101), "reservationPercent"),
        (reserve(1.5), "reservationPercent"),
        (reserve(1, "nobody"), "experimentKey"),
        ({"kind": "levitate"}, "kind"),
        ({"kind": "updateName"}, "name"),
    ],
)
def test_what_is_wrong_with_an_instruction_is_named_and_nothing_is_done(
    two: Shop, instruction: Any, where: str
) -> None:
    patched(two, reserve(40, "new-banner"))
    said = refused(two, {"kind": "updateName", "name": "Other"}, instruction)
    assert places(said) == [f"instructions[1].{where}"]


def test_reservations_are_of_an_environment_that_is_there(two: Shop) -> None:
    assert places(refused(two, reserve(1), remove(), environment="")) == [
        "instructions[0].environmentKey",
        "instructions[1].environmentKey",
    ]
    refused(two, reserve(1), environment="nowhere", status=404)
    refused(two, reserve(1), environment="test")  # it has no such experiment


def test_an_experiment_is_in_one_layer_of_an_environment(two: Shop) -> None:
    made(two, key="other")
    patched(two, reserve(10))
    response = patching(two, reserve(10), layer="other")
    assert response.status_code == 409
    patched(two, remove())
    assert patched(two, reserve(10), layer="other")["key"] == "other"


def test_nothing_starts_on_a_reservation_of_nothing(two: Shop) -> None:
    patched(two, reserve(0))
    assert places(two.refused(START)) == ["instructions[0].layer"]
    patched(two, reserve(10))
    assert two.patch(START)["currentIteration"]["status"] == "running"


def test_what_is_reserved_for_what_runs_grows_at_most(two: Shop) -> None:
    patched(two, reserve(30))
    two.patch(START)
    for command in ((), (Pause(),)):
        two.change("new-checkout", *command)
        for instruction in (reserve(29), reserve(0), remove()):
            said = refused(two, instruction, status=409)
            assert "stop it first" in said["message"]
    assert patched(two, reserve(40), reserve(60, "new-banner"))
    two.patch(START, {"kind": "stopIteration", "winningTreatmentId": NEW})
    assert patched(two, remove())["environments"]["production"]["reservations"][0]["reservationPercent"] == 60


def test_what_runs_joins_no_layer(two: Shop) -> None:
    two.patch(START)
    assert "stop it first" in refused(two, reserve(10), status=409)["message"]


def test_the_unit_of_a_layer_is_that_of_whoever_started_first(two: Shop) -> None:
    patched(two, reserve(10), reserve(10, "new-banner"))
    two.patch(
        {
            "kind": "updateExperimentFields",
            "value": {"randomizationUnit": {"operation": "update", "value": "device"}},
        },
        START,
        key="new-banner",
    )
    assert listed(two)["items"][0]["randomizationUnit"] == "device"
    assert places(two.refused(START)) == ["instructions[0].randomizationUnit"]


def shares(shop: Shop) -> dict[str, int]:
    return {each.experiment: each.share // 1_000 for each in stored(shop).reservations}


def test_a_stopped_experiment_keeps_its_share_and_an_archived_one_gives_it_back(two: Shop) -> None:
    patched(two, reserve(60), reserve(40, "new-banner"))
    two.patch(START)
    two.patch(stop(NEW))
    assert shares(two) == {"new-checkout": 60, "new-banner": 40}
    two.patch(ARCHIVE)
    assert shares(two) == {"new-checkout": 0, "new-banner": 40}
    assert places(refused(two, reserve(10))) == ["instructions[0].experimentKey"]
    patched(two, reserve(100, "new-banner"))


def test_a_restored_experiment_starts_once_something_is_reserved_for_it_again(two: Shop) -> None:
    patched(two, reserve(60))
    two.patch(ARCHIVE)
    two.patch(RESTORE)
    assert places(two.refused(START)) == ["instructions[0].layer"]
    patched(two, reserve(20))
    assert two.patch(START)["currentIteration"]["status"] == "running"


def test_an_iteration_shows_what_was_reserved_when_it_began(two: Shop) -> None:
    patched(two, reserve(30), reserve(20, "new-banner"))
    assert "layerSnapshot" not in two.get()["currentIteration"]
    told = {"key": "checkout", "name": "Checkout", "reservationPercent": 30, "otherReservationPercent": 20}
    assert two.patch(START)["currentIteration"]["layerSnapshot"] == told
    patched(two, reserve(50))
    assert two.get()["currentIteration"]["layerSnapshot"] == told
    grown = two.patch(again("more traffic"))
    assert grown["currentIteration"]["layerSnapshot"] == told | {"reservationPercent": 50}
    assert grown["previousIterations"][0]["layerSnapshot"] == told


def test_the_flag_shows_who_is_let_in(two: Shop) -> None:
    patched(two, reserve(30))
    two.patch(START)
    flag = two.surface.call("GET", "/api/v2/flags/default/checkout", params={"env": "production"}).json()
    shown = flag["environments"]["production"]
    *_, gated = shown["rules"]
    assert gated["clauses"][0]["op"] == "segmentMatch"
    assert [each["weight"] for each in gated["rollout"]["variations"]] == [50_000, 50_000]
    assert [each["weight"] for each in shown["fallthrough"]["rollout"]["variations"]] == [100_000]
    two.patch(stop(OLD))
    flag = two.surface.call("GET", "/api/v2/flags/default/checkout", params={"env": "production"}).json()
    assert len(flag["environments"]["production"]["rules"]) == len(shown["rules"]) - 1


def test_layers_are_patched_by_instructions_alone(shop: Shop) -> None:
    made(shop)
    response = shop.surface.call("PATCH", f"{LAYERS}/checkout", json=[{"op": "remove", "path": "/name"}])
    assert response.status_code == 400
    assert shop.surface.call("PATCH", f"{LAYERS}/nowhere", json={"instructions": []}).status_code == 404


def test_whoever_is_confined_to_one_environment_sees_and_changes_its_reservations_alone(two: Shop) -> None:
    patched(two, reserve(30))
    secret = two.surface.token("writer", "default", "test")
    as_of_test = {"Authorization": secret}
    response = two.surface.call("GET", LAYERS, headers=as_of_test)
    assert response.json()["items"][0]["environments"] == {}
    response = patching(two, reserve(40), headers=as_of_test | SEMANTIC)
    assert response.status_code == 404


def test_the_unit_of_a_layer_binds_those_too_who_may_not_know_of_whoever_set_it(two: Shop) -> None:
    patched(two, reserve(30))
    two.patch(START)
    as_of_test = {"Authorization": two.surface.token("writer", "default", "test")}
    (layer,) = two.surface.call("GET", LAYERS, headers=as_of_test).json()["items"]
    assert layer["randomizationUnit"] == "user"


def test_a_layer_outlives_no_project_and_empties_with_an_environment(two: Shop) -> None:
    patched(two, reserve(30))
    assert two.surface.call("DELETE", "/api/v2/projects/default/environments/production").status_code == 204
    assert listed(two)["items"][0]["environments"] == {}
    assert two.surface.call("DELETE", "/api/v2/projects/default").status_code == 204
