"""Holdouts: experiments join before they start, and whoever is held out is in none of them."""

from typing import Any

import httpx
import pytest

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.identity import Place
from tests.dialects.launchdarkly.experiments.shop import NEW, START, Shop, again, edit, places, stop, update
from tests.fixtures_surface import SEMANTIC, conforms

HERE = Place("default", "production")
ALL = "/api/v2/projects/default/environments/production/holdouts"
BODY = {"key": "q4", "name": "Fourth quarter", "holdoutamount": "10", "randomizationunit": "user"}


def posting(shop: Shop, **fields: Any) -> httpx.Response:
    body = {name: value for name, value in (BODY | fields).items() if value is not ...}
    return shop.surface.call("POST", ALL, json=body)


def made(shop: Shop, **fields: Any) -> Any:
    response = posting(shop, **fields)
    assert response.status_code == 201, response.text
    return conforms(response, "postHoldout")


def shown(shop: Shop, key: str = "q4", **params: str) -> Any:
    response = shop.surface.call("GET", f"{ALL}/{key}", params=params)
    assert response.status_code == 200, response.text
    return conforms(response, "getHoldout")


def patching(shop: Shop, *instructions: Any) -> httpx.Response:
    return shop.surface.call(
        "PATCH", f"{ALL}/q4", json={"instructions": list(instructions)}, headers=SEMANTIC
    )


def patched(shop: Shop, *instructions: Any) -> Any:
    response = patching(shop, *instructions)
    assert response.status_code == 200, response.text
    return conforms(response, "patchHoldout")


def say(kind: str, value: Any = None) -> dict[str, Any]:
    return {"kind": kind} | ({} if value is None else {"value": value})


def stored(shop: Shop, key: str = "new-checkout") -> Experiment:
    found: Experiment = shop.stored(EXPERIMENT, HERE, key)
    return found


def test_a_holdout_is_made_and_found_by_key_and_by_id(shop: Shop) -> None:
    holdout = made(shop, description="d", metrics=[{"key": "purchase"}], attributes=["country"])
    assert (holdout["status"], holdout["holdoutAmount"], holdout["experiments"]) == ("created", "10", [])
    base = holdout["baseExperiment"]
    assert (base["key"], base["name"], base["type"]) == ("q4", "Fourth quarter", "holdout")
    assert base["currentIteration"]["status"] == "not_started"
    assert base["currentIteration"]["randomizationUnit"] == "user"
    assert [each["key"] for each in base["currentIteration"]["metrics"]] == ["purchase"]
    assert shown(shop)["relatedExperiments"] == []
    by_id = shop.surface.call("GET", f"{ALL}/id/{holdout['_id']}")
    assert conforms(by_id, "getHoldoutById") == holdout
    listed = conforms(shop.surface.call("GET", ALL), "getAllHoldouts")
    assert ([each["key"] for each in listed["items"]], listed["total_count"]) == (["q4"], 1)


def test_a_field_that_is_said_in_two_cases_is_refused(shop: Shop) -> None:
    response = posting(shop, holdoutAmount="7")
    assert places(conforms(response, "postHoldout")) == ["holdoutAmount"]


def test_names_of_fields_are_read_in_any_case(shop: Shop) -> None:
    holdout = made(
        shop,
        holdoutamount=...,
        randomizationunit=...,
        holdoutAmount="12.5",
        randomizationUnit="device",
        PrimaryMetricKey="basket",
        prerequisiteFlagKey="checkout",
    )
    assert holdout["holdoutAmount"] == "12.5"
    iteration = holdout["baseExperiment"]["currentIteration"]
    assert (iteration["randomizationUnit"], iteration["primarySingleMetricKey"]) == ("device", "basket")
    assert list(iteration["flags"]) == ["checkout"]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"key": ...}, "key"),
        ({"key": "no key"}, "key"),
        ({"holdoutamount": ...}, "holdoutamount"),
        ({"holdoutamount": "0"}, "holdoutamount"),
        ({"holdoutamount": "100"}, "holdoutamount"),
        ({"holdoutamount": "many"}, "holdoutamount"),
        ({"holdoutamount": 10}, "holdoutamount"),
        ({"randomizationunit": "tree"}, "randomizationunit"),
        ({"primarymetrickey": "tea"}, "primarymetrickey"),
        ({"metrics": [{"key": "tea"}]}, "metrics[0].key"),
        ({"prerequisiteflagkey": "tea"}, "prerequisiteflagkey"),
        ({"maintainerId": "tea"}, "maintainerId"),
    ],
)
def test_what_is_wrong_with_a_holdout_is_named(shop: Shop, fields: Any, where: str) -> None:
    response = posting(shop, **fields)
    assert response.status_code == 400, response.text
    assert places(conforms(response, "postHoldout")) == [where]


def test_an_experiment_joins_by_the_id_or_the_key_of_what_is_there(shop: Shop) -> None:
    id = made(shop)["_id"]
    assert shop.create(holdoutId=id)["holdoutId"] == id
    assert "holdoutId" not in shop.patch(edit(holdoutId=("remove",)))
    assert shop.patch(update(holdoutId="q4"))["holdoutId"] == id
    assert places(shop.refused(update(holdoutId="nowhere"))) == ["instructions[0].value.holdoutId.value"]
    other = shop.post(shop.body("other", holdoutId="nowhere"))
    assert places(other.json()) == ["holdoutId"]


def test_a_holdout_runs_while_what_joined_it_does(shop: Shop) -> None:
    id = made(shop)["_id"]
    shop.create(holdoutId=id)
    assert (shown(shop)["status"], shown(shop)["isDirty"]) == ("enabled", False)
    shop.patch(START)
    now = shown(shop, expand="rel-treatments,treatments")
    assert (now["status"], now["isDirty"]) == ("running", True)
    assert now["baseExperiment"]["currentIteration"]["status"] == "running"
    assert [
        each["allocationPercent"] for each in now["baseExperiment"]["currentIteration"]["treatments"]
    ] == [
        "10",
        "90",
    ]
    (related,) = now["relatedExperiments"]
    assert (related["key"], len(related["currentIteration"]["treatments"])) == ("new-checkout", 2)
    shop.patch(stop(NEW))
    assert shown(shop)["status"] == "enabled"


def test_what_starts_is_behind_its_holdout_and_the_share_outside_it(shop: Shop) -> None:
    shop.create(holdoutId=made(shop)["_id"])
    shop.patch(START)
    now = stored(shop)
    assert now.current is not None
    (gate,) = now.current.phases[0].gates
    assert gate.ranges == ((10_000, 100_000),)


def test_the_unit_of_an_experiment_is_its_holdouts(shop: Shop) -> None:
    shop.create(holdoutId=made(shop, randomizationunit="device")["_id"])
    assert places(shop.refused(START)) == ["instructions[0].randomizationUnit"]


def test_what_ends_or_is_left_is_passed_from_the_next_iteration_on(shop: Shop) -> None:
    shop.flag("banner")
    id = made(shop)["_id"]
    for key, flag in (("new-checkout", "checkout"), ("new-banner", "banner")):
        shop.create(key, flag, holdoutId=id)
        shop.patch(START, key=key)
    left = patched(shop, say("removeExperiment", "new-banner"), say("removeExperiment", "new-banner"))
    assert [each["key"] for each in left["experiments"]] == ["new-checkout"]
    ended = patched(shop, say("endHoldout"), say("endHoldout"))
    assert (ended["status"], ended["baseExperiment"]["currentIteration"]["status"]) == ("ended", "stopped")
    for key in ("new-checkout", "new-banner"):
        before = stored(shop, key)
        assert before.current is not None
        assert before.current.phases[0].gates
        shop.patch(again("without the holdout"), key=key)
        now = stored(shop, key)
        assert now.current is not None
        assert all(gate.open for gate in now.current.phases[0].gates)
    assert places(shop.post(shop.body("late", holdoutId=id)).json()) == ["holdoutId"]


def test_names_and_descriptions_change(shop: Shop) -> None:
    made(shop)
    now = patched(shop, say("updateName", "Other"), say("updateDescription", "d"))
    assert (now["baseExperiment"]["name"], now["description"]) == ("Other", "d")


@pytest.mark.parametrize(
    ("instruction", "where"),
    [
        (say("removeExperiment", "nobody"), "value"),
        (say("updateName", ""), "name"),
        (say("levitate"), "kind"),
        (say("updateName"), "value"),
    ],
)
def test_what_is_wrong_with_an_instruction_is_named_and_nothing_is_done(
    shop: Shop, instruction: Any, where: str
) -> None:
    made(shop)
    before = shop.stored(HOLDOUT, HERE, "q4")
    response = patching(shop, say("endHoldout"), instruction)
    assert places(conforms(response, "patchHoldout")) == [f"instructions[1].{where}"]
    assert shop.stored(HOLDOUT, HERE, "q4") == before


def test_a_holdout_of_another_environment_is_not_there(shop: Shop) -> None:
    id = made(shop)["_id"]
    elsewhere = ALL.replace("production", "test")
    for path in (f"{elsewhere}/q4", f"{elsewhere}/id/{id}", f"{ALL}/nothing", f"{ALL}/id/{'0' * 24}"):
        assert shop.surface.call("GET", path).status_code == 404
    assert shop.surface.call("GET", ALL.replace("production", "nowhere")).status_code == 404
