"""Edits of experiments: what may change in which status, and what it changes."""

from itertools import product
from typing import Any

import pytest

from equipoise.domain.allocation import Split
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import CloneIteration
from tests.dialects.auth0.shop import (
    EXPERIMENTS,
    SEGMENTS,
    WAYS,
    Offer,
    Shop,
    bare,
    by_segment,
    weighted,
)

FIELDS = (
    "name",
    "description",
    "authentication_flow",
    "allocations",
    "assignment_config",
    "levels",
    "default_config",
    "feature_flag_id",
    "allocation_strategy",
    "is_stateful",
    "is_valid",
    "id",
    "started_at",
    "current_level",
)


def other(offer: Offer, field: str) -> Any:
    """Another value of the field than an experiment has."""
    return {
        "name": "Another",
        "description": "And more",
        "authentication_flow": "login",
        "allocations": weighted(offer, 10),
        "assignment_config": {"subject": "user"},
        "levels": [10, 20],
        "default_config": "flag",
        "feature_flag_id": offer.flag,
        "allocation_strategy": "segment",
        "is_stateful": True,
        "is_valid": False,
        "id": "exp_" + "1" * 17,
        "started_at": "2026-11-20T00:00:00.000Z",
        "current_level": 1,
    }[field]


@pytest.mark.parametrize(("status", "field"), list(product(WAYS, FIELDS)))
def test_editable_fields_are_what_a_patch_accepts_in_every_status(
    shop: Shop, status: str, field: str
) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, status)
    before, said = shop.get(path), {field: other(offer, field)}
    if field not in before["editable_fields"]:
        shop.refused("PATCH", path, said)
        return
    after = shop.patch(path, **said)
    changed = {name for name in after if after[name] != before.get(name)}
    assert field in changed
    assert changed <= {field, "updated_at", "is_valid"}


def test_a_field_that_stays_as_it_is_is_not_said_again(shop: Shop) -> None:
    path = shop.in_status(shop.flag(), "paused")
    for field in ("authentication_flow", "assignment_config"):
        shop.refused("PATCH", path, {field: shop.get(path)[field]}, 400, "field_not_editable")


def test_allocations_of_an_active_experiment_wait_for_a_pause(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer, status="active")
    said = {"allocations": weighted(offer, 10)}
    message = shop.refused("PATCH", path, said, 400, "experiment_requires_pause")
    assert "pause it first" in message
    shop.refused("PATCH", path, said | {"status": "paused"}, 400, "experiment_requires_pause")


def test_an_archived_experiment_stays_as_it_is_where_its_flag_is_gone(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "archived")
    shop.told("DELETE", offer.path, status=204)
    for field in FIELDS:
        shop.refused("PATCH", path, {field: other(offer, field)}, 400)


def test_a_patch_changes_what_it_says_and_nothing_else(shop: Shop) -> None:
    path = shop.experiment(shop.flag(), description="What it was")
    before = shop.get(path)
    after = shop.patch(path, name="Another")
    assert after == before | {"name": "Another", "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert shop.patch(path, description=None).keys() == before.keys() - {"description"}


@pytest.mark.parametrize("status", WAYS)
def test_a_patch_of_nothing_is_no_change(shop: Shop, status: str) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, status)
    before, stored = shop.get(path), shop.everything()
    assert shop.patch(path) == before
    same = {"name": "New checkout", "description": None, "allocations": weighted(offer, 50)}
    kept = {name: value for name, value in same.items() if name in before["editable_fields"]}
    assert shop.patch(path, **kept) == before
    assert shop.everything() == stored


def test_a_patch_of_all_fields_of_a_draft_is_made_whole(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer)
    said = {field: other(offer, field) for field in shop.get(path)["editable_fields"]}
    after = shop.patch(path, **said)
    assert {name: after[name] for name in said if name != "allocations"} == {
        name: value for name, value in said.items() if name != "allocations"
    }
    assert [each["weight"] for each in after["allocations"]] == [90, 10]


def test_every_fault_of_a_patch_is_named_at_once(shop: Shop) -> None:
    offer = shop.flag()
    allocations = [{"variation_id": "x", "is_control": True, "weight": 101}]
    said = {
        "name": "ab",
        "description": "xy",
        "assignment_config": {"subject": "spaceship"},
        "levels": [20, 10],
        "allocations": allocations,
        "default_config": "flag",
    }
    message = shop.refused("PATCH", shop.experiment(offer), said)
    for where in (
        "name",
        "description",
        "assignment_config.subject",
        "levels",
        "allocations[0].variation_id",
        "allocations[0].weight",
        "default_config",
    ):
        assert f"{where}: " in message


@pytest.mark.parametrize(
    "body", [None, [], 1, "x", {"name": None}, {"allocations": None}, {"allocations": {}}, {"levels": None}]
)
def test_a_patch_that_is_none_is_refused(shop: Shop, body: Any) -> None:
    shop.refused("PATCH", shop.experiment(shop.flag()), body)


def test_allocations_are_replaced_whole(shop: Shop) -> None:
    offer = shop.flag()
    third = shop.variation(offer, "Third")["id"]
    path = shop.experiment(offer)
    allocations = [{"variation_id": third, "is_control": True, "weight": 100}]
    told = shop.patch(path, allocations=allocations)["allocations"]
    assert [(each["variation_id"], each["weight"]) for each in told] == [(third, 100)]
    shop.refused("PATCH", path, {"allocations": []})


def test_levels_may_be_taken_away(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer, levels=[10, 20], allocations=bare(offer))
    after = shop.patch(path, levels=[], allocations=weighted(offer, 50))
    assert "levels" not in after
    assert after["is_valid"] is True


def test_a_draft_may_be_unfinished_by_a_patch(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer)
    assert shop.patch(path, allocations=weighted(offer, 50, 49))["is_valid"] is False
    assert shop.patch(path, allocations=weighted(offer, 50))["is_valid"] is True


# while it is paused


def test_allocations_of_a_paused_experiment_open_a_phase_of_the_same_run(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "paused")
    before = shop.stored_experiment().current
    assert before is not None
    shop.patch(path, allocations=weighted(offer, 10))
    stored = shop.stored_experiment()
    after = stored.current
    assert after is not None
    assert (stored.draft, stored.previous) == (None, ())
    assert (after.id, after.started_at, after.pauses) == (before.id, before.started_at, before.pauses)
    first, second = after.phases
    assert isinstance(first.allocation, Split)
    assert isinstance(second.allocation, Split)
    assert second.allocation.hashing == first.allocation.hashing
    assert first.ended_at == second.started_at
    assert second.ended_at is None
    assert [arm.share for arm in second.allocation.arms] == [90_000, 10_000]
    assert shop.patch(path, status="active")["started_at"] == shop.get(path)["started_at"]
    assert len(shop.stored_experiment().iterations) == 1


def test_a_paused_experiment_may_be_less_than_whole_and_then_does_not_go_on(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "paused")
    assert shop.patch(path, allocations=weighted(offer, 50, 49))["is_valid"] is False
    shop.refused("PATCH", path, {"status": "active"}, 400, "experiment_invalid_allocation_weights")


@pytest.mark.parametrize("weights", [(100, 100), (0, 0)])
def test_a_paused_experiment_keeps_what_can_be_served(shop: Shop, weights: tuple[int, int]) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "paused")
    said = {"allocations": weighted(offer, *weights)}
    shop.refused("PATCH", path, said, 400, "experiment_invalid_allocation_weights")
    two = [each | {"is_control": True} for each in weighted(offer, 50)]
    shop.refused("PATCH", path, {"allocations": two}, 400, "experiment_missing_control")
    assert shop.get(path)["is_valid"] is True


def test_a_paused_experiment_holds_to_its_segments_until_it_is_given_others(shop: Shop) -> None:
    offer, segment, another = shop.flag(), shop.segment(), shop.segment("Others")
    body = by_segment(offer, segment)
    path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, body)['id']}"
    for status in ("active", "paused"):
        shop.patch(path, status=status)
    shop.patch(f"{SEGMENTS}/{segment}", status="archived")
    assert shop.get(path)["is_valid"] is True
    shop.patch(path, status="active")
    shop.patch(path, status="paused")
    shop.refused("PATCH", path, {"allocations": body["allocations"]})
    body["allocations"][1]["segment_id"] = another
    told = shop.patch(path, allocations=body["allocations"], status="active")
    assert told["allocations"][1]["segment_name"] == "Others"


def test_a_draft_that_waits_elsewhere_is_not_changed_instead(shop: Shop) -> None:
    """Allocations would go to what another surface drafted beside the paused run."""
    offer = shop.flag()
    path = shop.in_status(offer, "paused")
    shop.surface.plant((EXPERIMENT, shop.stored_experiment(), CloneIteration("a" * 24)))
    assert "allocations" not in shop.get(path)["editable_fields"]
    said = {"allocations": weighted(offer, 10)}
    shop.refused("PATCH", path, said, 400, "experiment_has_draft_iteration")
    assert shop.patch(path, name="Another", status="active")["status"] == "active"


@pytest.mark.parametrize("strategy", ["percentage", "segment"])
def test_keys_of_the_other_strategy_follow_the_allocations(shop: Shop, strategy: str) -> None:
    offer = shop.flag()
    segment = shop.segment()
    if strategy == "percentage":
        path = shop.in_status(offer, "paused")
        plain, strange = weighted(offer, 10), {"priority": 3, "is_fallback": False}
    else:
        body = by_segment(offer, segment)
        path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, body)['id']}"
        plain, strange = body["allocations"], {"weight": 7}
    told = shop.patch(path, allocations=[each | strange for each in plain])["allocations"]
    assert all(strange.items() <= each.items() for each in told)
    told = shop.patch(path, allocations=plain)["allocations"]
    assert not any(
        name in each and name not in said for name in strange for each, said in zip(told, plain, strict=True)
    )


@pytest.mark.parametrize("name", ["feature_flag_id", "allocation_strategy"])
def test_what_is_said_at_birth_alone_is_told_so(shop: Shop, name: str) -> None:
    path = shop.experiment(shop.flag())
    assert f"{name}: cannot be changed after creation" in shop.refused("PATCH", path, {name: "segment"})
