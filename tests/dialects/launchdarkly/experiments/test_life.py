"""Starting, stopping, going on: what an experiment and its flag look like after each."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause, SetUnit
from equipoise.domain.experiment.state import Status
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Switch
from equipoise.domain.flag.state import Fixed
from equipoise.domain.identity import Place
from equipoise.domain.labels import Archive
from equipoise.domain.overlay import overlay_of
from tests.dialects.launchdarkly.experiments.shop import (
    ALL,
    HERE,
    NEW,
    OLD,
    RULE,
    START,
    Shop,
    again,
    edit,
    places,
    stop,
    update,
)
from tests.fixtures_surface import SEMANTIC, conforms

EXAMPLES = Path(os.environ.get("EQUIPOISE_SHARED", "../shared")) / "contracts" / "launchdarkly-examples.json"


def start(why: str) -> dict[str, Any]:
    return START | {"changeJustification": why}


def draft(shop: Shop, **fields: Any) -> Any:
    """A draft iteration that waits."""
    path = f"{ALL}/new-checkout/iterations"
    response = shop.surface.call("POST", path, json=shop.iteration(**fields))
    assert response.status_code == 200, response.text
    return conforms(response, "createIteration")


def stored(shop: Shop, key: str = "new-checkout") -> Any:
    return shop.stored(EXPERIMENT, HERE, key)


# starting


def test_a_started_iteration_runs(shop: Shop) -> None:
    shop.create()
    shop.surface.clock.now += 5_000
    version = shop.version()
    current = shop.patch(start("reviewed"))["currentIteration"]
    assert current["status"] == "running"
    assert current["startedAt"] == current["createdAt"] + 5_000
    assert stored(shop).current.start_reason == "reviewed"
    assert shop.version() > version


def test_a_start_pins_the_versions_of_its_metrics(shop: Shop) -> None:
    made = shop.create()
    shop.patch(START)
    assert stored(shop).current.metrics[0].version == 1
    pinned = shop.get()["currentIteration"]["metrics"][0]["_versionId"]
    assert pinned == made["currentIteration"]["metrics"][0]["_versionId"]


def test_what_runs_lies_over_its_flag(shop: Shop) -> None:
    shop.running()
    overlay = overlay_of(stored(shop))
    assert overlay is not None
    assert (overlay.flag, overlay.rule, overlay.unit) == ("checkout", "fallthrough", "user")


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda shop: shop.change_flag("checkout", Switch("production", False)), "flag"),
        (lambda shop: shop.change_flag("checkout", Archive()), "flag"),
        (lambda shop: shop.change("new-checkout", SetUnit("")), "randomizationUnit"),
        (lambda shop: shop.patch(update(treatments=shop.arms("0", "0"))), "treatments"),
        (lambda shop: shop.patch(update(treatments=[])), "treatments"),
    ],
)
def test_a_start_needs_its_preconditions(shop: Shop, spoil: Any, place: str) -> None:
    shop.create()
    spoil(shop)
    assert f"instructions[0].{place}" in places(shop.refused(START))


def test_a_justification_has_its_measure(shop: Shop) -> None:
    shop.create()
    assert places(shop.refused(start("x" * 5_000))) == ["instructions[0].changeJustification"]


def test_one_arm_may_start_alone(shop: Shop) -> None:
    shop.create(iteration=shop.iteration(treatments=[shop.arm("old", OLD, "10")]))
    assert shop.patch(START)["currentIteration"]["status"] == "running"


def test_a_start_needs_a_draft(shop: Shop) -> None:
    shop.running()
    assert places(shop.refused(start("again"))) == ["instructions[0].kind"]
    shop.patch(stop())
    assert places(shop.refused(start("again"))) == ["instructions[0].kind"]


def test_a_start_over_a_running_iteration_is_justified(shop: Shop) -> None:
    shop.running()
    waiting = draft(shop, hypothesis="sharper")
    for unjustified in (START, start(""), start(" \t")):
        assert places(shop.refused(unjustified)) == ["instructions[0].changeJustification"]
    now = shop.patch(start("less risk"))
    assert now["currentIteration"]["_id"] == waiting["_id"]
    assert now["currentIteration"]["status"] == "running"
    (before,) = now["previousIterations"]
    assert before["status"] == "stopped"
    assert "winningTreatmentId" not in before
    assert "draftIteration" not in now


def test_two_experiments_do_not_run_on_one_rule(shop: Shop) -> None:
    shop.running()
    shop.create("other")
    said = shop.refused(START, key="other", status=409, code="conflict")
    assert "checkout" in said["message"]
    shop.create("third", iteration=shop.iteration(flags=shop.flags(ruleId=RULE)))
    assert shop.patch(START, key="third")["currentIteration"]["status"] == "running"


def test_every_iteration_has_a_seed_of_its_own(shop: Shop) -> None:
    shop.running()
    first = stored(shop).current.hashing.seed
    shop.patch(again("sharper"))
    assert stored(shop).current.hashing.seed != first


# pausing, which only other surfaces can


def test_a_paused_iteration_shows_as_running(shop: Shop) -> None:
    shop.running()
    shop.change("new-checkout", Pause())
    assert shop.get()["currentIteration"]["status"] == "running"
    assert shop.list(filter="status:running")["total_count"] == 1


def test_a_start_without_a_draft_resumes_what_is_paused(shop: Shop) -> None:
    shop.running()
    shop.change("new-checkout", Pause())
    shop.patch(START)
    assert stored(shop).status is Status.RUNNING
    assert len(stored(shop).previous) == 0


def test_a_start_with_a_draft_stops_what_is_paused(shop: Shop) -> None:
    shop.running()
    waiting = draft(shop)
    shop.change("new-checkout", Pause())
    assert places(shop.refused(START)) == ["instructions[0].changeJustification"]
    now = shop.patch(start("on with it"))
    assert now["currentIteration"]["_id"] == waiting["_id"]
    assert [each.status for each in stored(shop).previous] == [Status.STOPPED]


def test_what_is_paused_can_be_stopped_and_gone_on_from(shop: Shop) -> None:
    shop.running()
    shop.change("new-checkout", Pause())
    assert shop.patch(again("on"))["currentIteration"]["status"] == "running"
    shop.change("new-checkout", Pause())
    assert shop.patch(stop())["currentIteration"]["status"] == "stopped"


# stopping


def test_a_stop_keeps_the_winner_and_serves_it(shop: Shop) -> None:
    shop.running()
    version = shop.version()
    shop.surface.clock.now += 5_000
    current = shop.patch(stop(NEW, winningReason="it sold more"))["currentIteration"]
    assert current["status"] == "stopped"
    assert current["winningTreatmentId"] == NEW
    assert current["winningReason"] == "it sold more"
    assert current["endedAt"] == current["startedAt"] + 5_000
    flag = shop.stored(FLAG, Place("default"), "checkout")
    assert flag.in_environment("production").fallthrough == Fixed(NEW)
    assert flag.in_environment("test").fallthrough == Fixed(OLD)
    assert shop.version() > version
    assert overlay_of(stored(shop)) is None


def test_a_stop_serves_the_winner_on_the_rule_under_experiment(shop: Shop) -> None:
    shop.running(iteration=shop.iteration(flags=shop.flags(ruleId=RULE)))
    shop.patch(stop(NEW))
    targeting = shop.stored(FLAG, Place("default"), "checkout").in_environment("production")
    assert targeting.rules[0].serve == Fixed(NEW)
    assert targeting.fallthrough == Fixed(OLD)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"winningTreatmentId": "x"}, "winningTreatmentId"),
        ({"winningTreatmentId": ""}, "winningTreatmentId"),
        ({"winningTreatmentId": 5}, "winningTreatmentId"),
        ({"winningReason": 5, "winningTreatmentId": NEW}, "winningReason"),
        ({"winningReason": "x" * 5_000, "winningTreatmentId": NEW}, "winningReason"),
        ({}, "winningTreatmentId"),
    ],
)
def test_a_stop_needs_a_winner_among_the_treatments(shop: Shop, fields: Any, place: str) -> None:
    shop.running()
    assert places(shop.refused({"kind": "stopIteration"} | fields)) == [f"instructions[0].{place}"]


def test_what_does_not_run_is_not_stopped(shop: Shop) -> None:
    shop.create()
    assert places(shop.refused(stop())) == ["instructions[0].kind"]
    shop.patch(START, stop())
    assert places(shop.refused(stop())) == ["instructions[0].kind"]


# going on


def test_save_and_start_goes_on_from_a_clone(shop: Shop) -> None:
    first = shop.running(tags=["a"])["currentIteration"]
    now = shop.patch(again("sharper", hypothesis="sells 5 % more", name="Sharper"))
    current = now["currentIteration"]
    assert now["name"] == "Sharper"
    assert current["status"] == "running"
    assert current["_id"] != first["_id"]
    assert current["version"] == 2
    assert current["hypothesis"] == "sells 5 % more"
    assert current["treatments"] == first["treatments"]
    assert [each["_id"] for each in now["previousIterations"]] == [first["_id"]]
    assert now["previousIterations"][0]["status"] == "stopped"
    assert stored(shop).current.start_reason == "sharper"


def test_save_and_start_leaves_a_waiting_draft_as_it_is(shop: Shop) -> None:
    shop.running()
    waiting = draft(shop, hypothesis="waits")
    now = shop.patch(again())
    assert now["currentIteration"]["_id"] != waiting["_id"]
    assert now["draftIteration"]["_id"] == waiting["_id"]
    assert now["draftIteration"]["hypothesis"] == "waits"


def test_save_and_start_may_change_what_a_draft_may(shop: Shop) -> None:
    shop.running()
    now = shop.patch(
        again(
            "",
            treatments=shop.arms("10", "20"),
            metrics=[{"key": "basket"}],
            randomizationUnit="device",
        )
    )
    current = now["currentIteration"]
    assert [each["allocationPercent"] for each in current["treatments"]] == ["10", "20"]
    assert [each["key"] for each in current["metrics"]] == ["basket"]
    assert current["randomizationUnit"] == "device"


def test_save_and_start_may_change_how_results_are_read(shop: Shop) -> None:
    holdout = shop.holdout("q4")
    shop.running()
    now = shop.patch(again("", methodology="bayesian", holdoutId=holdout))
    assert (now["methodology"], now["holdoutId"]) == ("bayesian", holdout)


def test_save_and_start_needs_something_that_runs(shop: Shop) -> None:
    shop.create()
    assert places(shop.refused(again("x"))) == ["instructions[0].kind"]


def test_save_and_start_is_held_to_what_a_start_needs(shop: Shop) -> None:
    shop.running()
    assert places(shop.refused(again("x", treatments=shop.arms("0", "0")))) == ["instructions[0].treatments"]
    bad = again("x", treatments=shop.arms("x", "0"), hypothesis=5)
    assert places(shop.refused(bad)) == [
        "instructions[0].value.hypothesis.value",
        "instructions[0].value.treatments.value[0].allocationPercent",
    ]
    shop.change_flag("checkout", Switch("production", False))
    assert places(shop.refused(again("x"))) == ["instructions[0].flag"]


def test_several_iterations_may_begin_in_one_patch(shop: Shop) -> None:
    shop.create()
    now = shop.patch(START, again("two"), again("three"), stop())
    ids = {now["currentIteration"]["_id"], *(each["_id"] for each in now["previousIterations"])}
    assert len(ids) == 3
    assert now["currentIteration"]["version"] == 3


def test_one_patch_may_stop_with_a_winner_and_start_the_draft(shop: Shop) -> None:
    shop.running()
    waiting = draft(shop)
    now = shop.patch(stop(NEW), START)
    assert now["currentIteration"]["_id"] == waiting["_id"]
    assert now["previousIterations"][0]["winningTreatmentId"] == NEW
    flag = shop.stored(FLAG, Place("default"), "checkout")
    assert flag.in_environment("production").fallthrough == Fixed(NEW)


# drafts


def test_a_draft_waits_beside_what_runs(shop: Shop) -> None:
    running = shop.running()
    made = draft(shop, hypothesis="next")
    assert made["status"] == "not_started"
    assert made["version"] == 2
    assert [each["_id"] for each in made["treatments"]] == [OLD, NEW]
    now = shop.get(expand="draftIteration")
    assert now["currentIteration"]["_id"] == running["currentIteration"]["_id"]
    assert now["draftIteration"]["_id"] == made["_id"]
    replaced = draft(shop, hypothesis="next but one")
    assert replaced["_id"] != made["_id"]
    assert shop.get(expand="draftIteration")["draftIteration"]["hypothesis"] == "next but one"


def test_a_draft_before_the_first_start_replaces_the_first(shop: Shop) -> None:
    shop.create()
    made = draft(shop, hypothesis="other")
    now = shop.get(expand="draftIteration,previousIterations")
    assert now["currentIteration"]["_id"] == now["draftIteration"]["_id"] == made["_id"]
    assert "previousIterations" not in now


def test_a_stopped_experiment_goes_on_through_a_draft(shop: Shop) -> None:
    shop.running()
    shop.patch(stop())
    made = draft(shop)
    assert shop.get()["currentIteration"]["status"] == "stopped"
    now = shop.patch(START)
    assert now["currentIteration"]["_id"] == made["_id"]
    assert [each["winningTreatmentId"] for each in now["previousIterations"]] == [NEW]


def test_a_draft_is_held_to_the_rules_of_creation(shop: Shop) -> None:
    shop.running()
    shop.flag("banner")
    path = f"{ALL}/new-checkout/iterations"

    def ask(**fields: Any) -> Any:
        body = shop.iteration(**fields)
        return lambda: shop.surface.call("POST", path, json=body)

    assert places(shop.unchanged(ask(flags=shop.flags("banner")))) == ["flags.banner"]
    assert places(shop.unchanged(ask(treatments=shop.arms("60", "50")))) == ["treatments"]
    assert places(shop.unchanged(ask(hypothesis=...))) == ["hypothesis"]
    stale = ask(flags=shop.flags(flagConfigVersion=1))
    shop.unchanged(stale, 409, "optimistic_locking_error")
    missing = f"{ALL}/tea/iterations"
    shop.unchanged(lambda: shop.surface.call("POST", missing, json=shop.iteration()), 404)


def test_edits_while_something_runs_do_not_touch_the_draft(shop: Shop) -> None:
    shop.running()
    draft(shop)
    now = shop.patch(edit(metrics=("add", [{"key": "basket"}])))
    assert [each["key"] for each in now["currentIteration"]["metrics"]] == ["purchase", "basket"]
    assert [each["key"] for each in now["draftIteration"]["metrics"]] == ["purchase"]


# the vendor's own examples


def examples() -> list[Any]:
    if not EXAMPLES.exists():
        return []
    bodies: list[Any] = json.loads(EXAMPLES.read_text())["bodies"]
    return bodies


@pytest.mark.parametrize("body", examples(), ids=lambda body: body["instructions"][0]["kind"])
def test_each_example_of_the_vendor_is_accepted_as_it_stands(shop: Shop, body: Any) -> None:
    kind = body["instructions"][0]["kind"]
    shop.create()
    if kind in ("saveAndStartNewIteration", "stopIteration"):
        shop.patch(START)
    before = stored(shop)
    response = shop.surface.call(
        "PATCH",
        f"{ALL}/new-checkout",
        json=body,
        headers={"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"},
    )
    assert response.status_code == 200, response.text
    now = conforms(response, "patchExperiment")
    assert stored(shop).revision == before.revision + (kind != "restoreExperiment")
    shown = {
        "updateName": now["name"] == "Example updated experiment name",
        "updateDescription": now.get("description") == "Example updated description",
        "updateExperimentFields": now["tags"] == ["tag1", "tag2"],
        "saveAndStartNewIteration": now["currentIteration"]["hypothesis"] == "Updated hypothesis text",
        "startIteration": now["currentIteration"]["status"] == "running",
        "stopIteration": now["currentIteration"].get("winningTreatmentId") == OLD,
        "archiveExperiment": "archivedDate" in now,
        "restoreExperiment": "archivedDate" not in now,
    }
    assert shown[kind]


def test_the_vendors_examples_are_all_here() -> None:
    if not EXAMPLES.exists():
        pytest.skip("this clone has no contract files")
    assert len(examples()) == 8


# what the flag's readers see


def targeting(shop: Shop, flag: str = "checkout") -> Any:
    response = shop.surface.call("GET", f"/api/v2/flags/default/{flag}")
    return conforms(response, "getFeatureFlag")["environments"]["production"]


def test_the_flag_shows_the_experiment_while_it_runs_and_the_winner_after(shop: Shop) -> None:
    shop.create(iteration=shop.iteration(treatments=shop.arms("10", "30.5"), canReshuffleTraffic=False))
    before = targeting(shop)
    assert before["version"] == shop.version()
    assert before["fallthrough"] == {"variation": 0}
    shop.patch(START)
    running = targeting(shop)
    assert running["version"] > before["version"]
    rollout = running["fallthrough"]["rollout"]
    let_in = running["rules"][-1]["rollout"]["variations"]
    assert [(each["variation"], each["weight"]) for each in let_in] == [(0, 24_691), (1, 75_309)]
    assert [(each["variation"], each["weight"]) for each in rollout["variations"]] == [(0, 100_000)]
    assert rollout["experimentAllocation"] == {"defaultVariation": 0, "canReshuffle": False}
    assert rollout["seed"] == stored(shop).current.hashing.seed
    assert rollout["contextKind"] == "user"
    shop.change("new-checkout", Pause())
    assert targeting(shop)["fallthrough"] == {"variation": 0}
    shop.patch(START, stop(NEW))
    stopped = targeting(shop)
    assert stopped["fallthrough"] == {"variation": 1}
    assert stopped["version"] > running["version"]


def test_the_targeting_of_a_running_experiment_is_held(shop: Shop) -> None:
    shop.running()
    serve = {"kind": "updateFallthroughVariationOrRollout", "variationId": NEW}
    body = {"environmentKey": "production", "instructions": [serve]}

    def ask() -> Any:
        return shop.surface.call("PATCH", "/api/v2/flags/default/checkout", json=body, headers=SEMANTIC)

    shop.unchanged(ask, 409, "conflict")
    shop.change("new-checkout", Pause())
    shop.unchanged(ask, 409, "conflict")
    shop.patch(stop(OLD))
    assert ask().status_code == 200
