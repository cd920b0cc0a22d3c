"""The life of an experiment: its moves, what it keeps others from, what it freezes, and its end."""

from typing import Any

import pytest

from equipoise.domain.experiment.state import Status
from equipoise.domain.flag.state import Fixed
from equipoise.domain.identity import Place
from tests.dialects.auth0.experiments.test_create import FLOWS
from tests.dialects.auth0.shop import (
    EXPERIMENTS,
    FLAGS,
    SEGMENTS,
    STEPS,
    TITLE,
    WAYS,
    Shop,
    an_experiment,
    by_segment,
    weighted,
)

MOVES = {
    "draft": ("active", "archived"),
    "active": ("paused", "completed"),
    "paused": ("active", "completed", "archived"),
    "completed": ("archived",),
    "archived": (),
}
WANTED = ("active", "paused", "completed", "archived")
LIMIT = "experiment_active_limit_exceeded"


@pytest.mark.parametrize("beta", [True, False])
@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("was", WAYS)
def test_an_experiment_makes_the_moves_that_there_are(shop: Shop, was: str, wanted: str, beta: bool) -> None:
    path = shop.in_status(shop.flag(), was)
    method, at = ("POST", f"{path}/status") if beta else ("PATCH", path)
    if wanted in MOVES[was]:
        told = shop.told(method, at, {"status": wanted})
        assert told["status"] == wanted
        assert shop.get(path) == told
    else:
        message = shop.refused(method, at, {"status": wanted}, 400, "invalid_status_transition")
        assert f"from {was} to {wanted} is not allowed" in message


@pytest.mark.parametrize("status", ["draft", "running", "", None, 1, "ACTIVE"])
def test_a_status_is_one_that_can_be_asked_for(shop: Shop, status: Any) -> None:
    path = shop.experiment(shop.flag())
    assert "status" in shop.refused("PATCH", path, {"status": status})
    assert "status" in shop.refused("POST", f"{path}/status", {"status": status})


def test_a_transition_alone_says_a_status_and_nothing_else(shop: Shop) -> None:
    path = shop.experiment(shop.flag())
    assert "status: is required" in shop.refused("POST", f"{path}/status", {})
    shop.refused("POST", f"{path}/status", {"status": "active", "name": "Another"})


def test_archived_experiments_are_told_where_they_are_asked_for(shop: Shop) -> None:
    path = shop.in_status(shop.flag(), "archived")
    assert shop.get(EXPERIMENTS) == {"experiments": []}
    assert shop.get(EXPERIMENTS, status="archived")["experiments"] == [shop.get(path)]


def test_the_time_of_the_first_start_stays_and_the_end_is_dated(shop: Shop) -> None:
    path = shop.in_status(shop.flag(), "paused")
    started = shop.get(path)["started_at"]
    resumed = shop.patch(path, status="active")
    assert resumed["started_at"] == started
    assert "ended_at" not in resumed
    done = shop.patch(path, status="completed")
    assert done["started_at"] == started < done["ended_at"]
    assert shop.patch(path, status="archived")["ended_at"] == done["ended_at"]


def test_a_paused_experiment_that_is_archived_has_ended(shop: Shop) -> None:
    path = shop.in_status(shop.flag(), "paused")
    assert "ended_at" in shop.patch(path, status="archived")
    assert shop.stored_experiment().status is Status.STOPPED


def test_only_an_active_experiment_is_served(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer)
    for status, served in (("active", False), ("paused", True), ("active", False), ("completed", True)):
        shop.patch(path, status=status)
        fallthrough = shop.snapshot().flags["checkout"].targeting.fallthrough
        assert isinstance(fallthrough, Fixed) is served


def test_a_completed_experiment_leaves_its_flag_as_it_was(shop: Shop) -> None:
    offer = shop.flag()
    before = shop.stored_flag()
    shop.in_status(offer, "completed")
    assert shop.stored_flag() == before


# all or nothing


def test_fields_are_changed_before_the_transition(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer, allocations=weighted(offer, 50, 49))
    said = {"status": "active", "name": "Another", "allocations": weighted(offer, 30)}
    told = shop.told("PATCH", path, said)
    assert (told["status"], told["name"]) == ("active", "Another")
    assert [each["weight"] for each in told["allocations"]] == [70, 30]
    (phase,) = shop.stored_experiment("Another").iterations[-1].phases
    assert [arm.share for arm in phase.allocation.arms] == [70_000, 30_000]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Another", "status": "completed"},
        {"description": "And more", "status": "paused"},
        {"name": "Another", "authentication_flow": "login", "allocations": [], "status": "active"},
    ],
)
def test_fields_stay_where_the_transition_is_refused(shop: Shop, said: Any) -> None:
    shop.refused("PATCH", shop.experiment(shop.flag()), said)


def test_fields_stay_where_the_experiment_cannot_be_activated(shop: Shop) -> None:
    offer = shop.flag()
    said = {"name": "Another", "allocations": weighted(offer, 50, 49), "status": "active"}
    message = shop.refused(
        "PATCH", shop.experiment(offer), said, 400, "experiment_invalid_allocation_weights"
    )
    assert "they sum to 99" in message


def test_what_is_said_with_a_resumption_is_what_goes_on(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "paused")
    told = shop.patch(path, allocations=weighted(offer, 10), status="active")
    assert [each["weight"] for each in told["allocations"]] == [90, 10]
    shop.patch(path, status="paused")
    shop.refused("PATCH", path, {"allocations": weighted(offer, 10, 80), "status": "active"})


def test_a_refused_activation_names_every_cause(shop: Shop) -> None:
    offer = shop.flag(active=False)
    allocations = [each | {"is_control": False} for each in weighted(offer, 50, 49)]
    path = shop.experiment(offer, allocations=allocations)
    message = shop.refused("PATCH", path, {"status": "active"}, 400, "feature_flag_not_active")
    errors = shop.told("POST", f"{path}/validate")["errors"]
    assert len(errors) == 3
    assert all(each["message"] in message for each in errors)


# one for each flow


def test_a_second_experiment_on_a_flow_is_not_activated(shop: Shop) -> None:
    first = shop.experiment(shop.flag("One flag"), "First one", status="active")
    second = shop.experiment(shop.flag("Two flag"), "Second one")
    message = shop.refused("PATCH", second, {"status": "active"}, 400, LIMIT)
    assert "“First one” is active on the same authentication flow (authentication)" in message
    shop.patch(first, status="completed")
    shop.patch(second, status="active")


def test_a_pause_lends_the_flow_and_goes_on_once_it_is_free(shop: Shop) -> None:
    first = shop.in_status(shop.flag("One flag"), "paused", "First one")
    second = shop.experiment(shop.flag("Two flag"), "Second one", status="active")
    assert shop.get(first)["is_valid"] is False
    message = shop.refused("PATCH", first, {"status": "active"}, 400, LIMIT)
    assert "“Second one” is active" in message
    shop.patch(second, status="paused")
    assert shop.patch(first, status="active")["is_valid"] is True


def test_each_flow_has_an_active_experiment_of_its_own(shop: Shop) -> None:
    flows = [flow for flow in FLOWS if flow != "all"]
    for number, flow in enumerate(flows):
        shop.experiment(shop.flag(f"Flag {number}"), f"On {flow}", authentication_flow=flow, status="active")
    assert len(shop.get(EXPERIMENTS, status="active")["experiments"]) == len(flows)


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("first", ["all", "one"])
def test_all_flows_are_every_one_of_them(shop: Shop, first: str, flow: str) -> None:
    everywhere = shop.experiment(shop.flag("One flag"), "Everywhere", authentication_flow="all")
    somewhere = shop.experiment(shop.flag("Two flag"), "Somewhere", authentication_flow=flow)
    active, waiting = (everywhere, somewhere) if first == "all" else (somewhere, everywhere)
    shop.patch(active, status="active")
    shop.refused("PATCH", waiting, {"status": "active"}, 400, LIMIT)
    assert shop.get(waiting)["is_valid"] is False
    shop.patch(active, status="paused")
    shop.patch(waiting, status="active")
    shop.refused("PATCH", active, {"status": "active"}, 400, LIMIT)


def test_a_draft_may_change_its_flow_to_a_free_one(shop: Shop) -> None:
    shop.experiment(shop.flag("One flag"), "First one", status="active")
    second = shop.experiment(shop.flag("Two flag"), "Second one")
    told = shop.patch(second, authentication_flow="login", status="active")
    assert told["authentication_flow"] == "login"


def test_tenants_do_not_stand_in_each_others_way(shop: Shop) -> None:
    offer = shop.flag()
    shop.told("PATCH", offer.path, {"status": "active"}, token="elsewhere")
    shop.experiment(offer, status="active")
    there = shop.made(EXPERIMENTS, an_experiment(offer), token="elsewhere")
    active = shop.told("PATCH", f"{EXPERIMENTS}/{there['id']}", {"status": "active"}, token="elsewhere")
    assert active["status"] == "active"


def test_a_flag_is_under_one_active_experiment_and_a_paused_one_keeps_it(shop: Shop) -> None:
    offer = shop.flag()
    first = shop.experiment(offer, "First one", status="active")
    second = shop.experiment(offer, "Second one", authentication_flow="login")
    message = shop.refused("PATCH", second, {"status": "active"}, 400, "feature_flag_in_use")
    assert "“First one” is active on the same feature flag" in message
    shop.patch(first, status="paused")
    message = shop.refused("PATCH", second, {"status": "active"}, 400, "feature_flag_in_use")
    assert "“First one” is paused on the same feature flag" in message
    shop.told("DELETE", first, status=204)
    shop.patch(second, status="active")


@pytest.mark.parametrize("freed", ["completed", "archived"])
def test_what_has_ended_frees_its_flag(shop: Shop, freed: str) -> None:
    offer = shop.flag()
    first = shop.in_status(offer, "paused", "First one")
    second = shop.experiment(offer, "Second one")
    shop.patch(first, status=freed)
    shop.patch(second, status="active")


# what an activation freezes


def test_an_activation_freezes_flag_and_variations_for_readers(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer)
    flag, treatment = shop.get(offer.path), shop.get(f"{offer.path}/variations/{offer.treatment}")
    frozen = shop.patch(path, status="active")
    assert frozen["feature_flag_snapshot"] == flag
    assert frozen["allocations"][1]["variation_snapshot"] == treatment
    shop.patch(offer.path, name="Another flag")
    shop.patch(f"{offer.path}/variations/{offer.treatment}", name="Another variation")
    for status in ("paused", "active", "completed", "archived"):
        told = shop.patch(path, status=status)
        assert told["feature_flag_snapshot"] == flag
        assert told["allocations"][1]["variation_snapshot"] == treatment
        assert told["feature_flag_name"] == "Another flag"
        assert told["allocations"][1]["variation_name"] == "Another variation"


def test_a_draft_has_frozen_nothing(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    made = shop.made(EXPERIMENTS, by_segment(offer, segment))
    assert made["feature_flag_snapshot"] is None
    for each in made["allocations"]:
        assert each["variation_snapshot"] is None
        assert each.get("segment_snapshot") is None


def test_an_activation_freezes_segments_too(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, by_segment(offer, segment))['id']}"
    was = shop.get(f"{SEGMENTS}/{segment}")
    assert shop.patch(path, status="active")["allocations"][1]["segment_snapshot"] == was
    shop.patch(f"{SEGMENTS}/{segment}", name="Others", rules=[{"match": {"country": ["AT"]}}])
    told = shop.get(path)["allocations"][1]
    assert (told["segment_snapshot"], told["segment_name"]) == (was, "Others")
    assert "segment_snapshot" not in shop.get(path)["allocations"][0]


def test_a_set_of_allocations_without_effect_freezes_nothing_anew(shop: Shop) -> None:
    """What is told as frozen is what is served."""
    offer, segment = shop.flag(), shop.segment()
    body = by_segment(offer, segment)
    path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, body)['id']}"
    for status in ("active", "paused"):
        shop.patch(path, status=status)
    shop.patch(f"{SEGMENTS}/{segment}", rules=[{"match": {"country": ["AT"]}}])
    shop.patch(offer.path, name="Another flag")
    before, stored = shop.get(path), shop.everything()
    assert shop.patch(path, allocations=body["allocations"]) == before | {"feature_flag_name": "Another flag"}
    assert shop.everything() == stored


def test_another_set_of_allocations_freezes_anew(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    body = by_segment(offer, segment)
    path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, body)['id']}"
    for status in ("active", "paused"):
        shop.patch(path, status=status)
    rules = [{"match": {"country": ["AT"]}}]
    shop.patch(f"{SEGMENTS}/{segment}", rules=rules)
    shop.patch(offer.path, name="Another flag")
    body["allocations"][1]["priority"] = 5
    told = shop.patch(path, allocations=body["allocations"])
    assert told["feature_flag_snapshot"]["name"] == "Another flag"
    assert told["allocations"][1]["segment_snapshot"]["rules"] == rules


def test_a_snapshot_tells_what_was_overridden_then(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "completed")
    shop.patch(offer.path, parameters={"steps": STEPS | {"value": 7}, "title": TITLE})
    shop.patch(f"{offer.path}/variations/{offer.treatment}", overrides={})
    told = shop.get(path)
    assert told["feature_flag_snapshot"]["parameters"]["steps"]["value"] == 4
    assert told["allocations"][1]["variation_snapshot"]["overrides"] == {"steps": {"value": 1}}


# the end


@pytest.mark.parametrize("status", ["draft", "paused", "completed", "archived"])
def test_an_experiment_that_is_not_active_may_be_deleted(shop: Shop, status: str) -> None:
    path = shop.in_status(shop.flag(), status)
    for _ in range(2):
        response = shop.ask("DELETE", path)
        assert (response.status_code, response.content) == (204, b"")
    shop.refused("GET", path, None, 404, "inexistent_experiment")


def test_an_active_experiment_is_not_deleted(shop: Shop) -> None:
    path = shop.experiment(shop.flag(), status="active")
    shop.refused("DELETE", path, None, 400, "experiment_requires_pause")


def test_a_paused_experiment_is_stopped_before_it_goes(shop: Shop) -> None:
    path = shop.in_status(shop.flag(), "paused")
    before = shop.surface.rows("project/default")
    shop.told("DELETE", path, status=204)
    (row,) = shop.surface.rows("project/default")[len(before) :]
    assert [type(event).__name__ for event in row.events] == ["Stopped", "Deleted"]


def test_what_is_not_there_is_as_good_as_deleted(shop: Shop) -> None:
    offer = shop.flag()
    for id in ("x", "exp_" + "1" * 17, offer.flag, "exp_" + "z" * 17, "%20"):
        before = shop.everything()
        assert shop.ask("DELETE", f"{EXPERIMENTS}/{id}").status_code == 204
        assert shop.everything() == before
    assert len(shop.get(FLAGS)["feature_flags"]) == 1


def test_an_experiment_is_deleted_with_its_environment_alone(shop: Shop) -> None:
    stranger = shop.surface.token("writer", home=Place("default", "test"))
    path = shop.in_status(shop.flag(), "completed")
    assert shop.ask("DELETE", path, token=stranger).status_code == 204
    assert shop.get(path)["status"] == "completed"
