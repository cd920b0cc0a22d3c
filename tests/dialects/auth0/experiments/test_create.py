"""Experiments at birth: what must be well said, and what may be unfinished."""

from typing import Any

import pytest

from equipoise.dialects.auth0.experiments.intents import DRAFTS_PER_TENANT_MAX
from equipoise.domain.identity import Place
from tests.dialects.auth0.shop import (
    EXPERIMENTS,
    FLAGS,
    SEGMENTS,
    Shop,
    a_flag,
    an_experiment,
    bare,
    by_segment,
    placed,
    said,
    weighted,
)

FLOWS = (
    "authentication",
    "mfa_enrollment",
    "mfa_challenge",
    "password_reset",
    "passkey_enrollment",
    "all",
    "organization_selection",
    "email_verification",
    "pre_authentication",
    "login",
)
NOWHERE = "var_" + "1" * 22


def codes(shop: Shop, made: Any) -> list[str]:
    """Why it cannot be activated."""
    found = shop.told("POST", f"{EXPERIMENTS}/{made['id']}/validate")
    assert found["is_valid"] is made["is_valid"] is (not found["errors"])
    return [each["code"] for each in found["errors"]]


# what is well said


def test_an_experiment_is_born_a_draft(shop: Shop) -> None:
    offer = shop.flag()
    made = shop.made(EXPERIMENTS, an_experiment(offer, description="Whether fewer steps sell more"))
    assert made["status"] == "draft"
    assert made["is_valid"] is True
    assert made["assignment_config"] == {"subject": "device"}
    assert (made["feature_flag_id"], made["feature_flag_name"]) == (offer.flag, "Checkout")
    assert (made["authentication_flow"], made["allocation_strategy"]) == ("authentication", "percentage")
    assert made["description"] == "Whether fewer steps sell more"
    assert [(each["variation_name"], each["weight"]) for each in made["allocations"]] == [
        ("Control", 50),
        ("Fewer", 50),
    ]
    assert made["current_level"] is made["feature_flag_snapshot"] is None
    assert not made.keys() & {"levels", "started_at", "ended_at", "is_stateful", "default_config"}
    assert shop.get(f"{EXPERIMENTS}/{made['id']}") == made
    assert shop.get(EXPERIMENTS) == {"experiments": [made]}


def test_a_draft_may_have_no_allocations_yet(shop: Shop) -> None:
    made = shop.made(EXPERIMENTS, an_experiment(shop.flag(), allocations=...))
    assert made["allocations"] == []
    assert "experiment_missing_allocations" in codes(shop, made)


@pytest.mark.parametrize("flow", FLOWS)
def test_an_experiment_is_on_a_flow_of_either_generation(shop: Shop, flow: str) -> None:
    offer = shop.flag()
    made = shop.made(EXPERIMENTS, an_experiment(offer, authentication_flow=flow))
    assert made["authentication_flow"] == flow
    assert shop.patch(f"{EXPERIMENTS}/{made['id']}", status="active")["authentication_flow"] == flow


@pytest.mark.parametrize("stateful", [True, False])
def test_what_only_the_beta_has_is_kept(shop: Shop, stateful: bool) -> None:
    fields: dict[str, Any] = {"is_stateful": stateful, "assignment_config": {"subject": "user"}}
    assert fields.items() <= shop.made(EXPERIMENTS, an_experiment(shop.flag(), **fields)).items()


@pytest.mark.parametrize("missing", ["name", "feature_flag_id", "authentication_flow"])
def test_what_an_experiment_must_have_is_named_where_it_is_missing(shop: Shop, missing: str) -> None:
    offer = shop.flag()
    message = shop.refused("POST", EXPERIMENTS, said(an_experiment(offer) | {missing: ...}))
    assert f"{missing}: is required" in message
    assert missing in shop.refused("POST", EXPERIMENTS, an_experiment(offer) | {missing: None})


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": "ab"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"description": "xy"}, "description"),
        ({"description": None}, "description"),
        ({"authentication_flow": "checkout"}, "authentication_flow"),
        ({"authentication_flow": ""}, "authentication_flow"),
        ({"authentication_flow": ["all"]}, "authentication_flow"),
        ({"allocation_strategy": "random"}, "allocation_strategy"),
        ({"allocation_strategy": None}, "allocation_strategy"),
        ({"default_config": "tenant"}, "default_config"),
        ({"default_config": "flag"}, "default_config"),
        ({"default_config": "x"}, "default_config"),
        ({"assignment_config": {"subject": "spaceship"}}, "assignment_config.subject"),
        ({"assignment_config": {"subject": ""}}, "assignment_config.subject"),
        ({"assignment_config": {}}, "assignment_config.subject"),
        ({"assignment_config": None}, "assignment_config"),
        ({"assignment_config": {"subject": "user", "more": 1}}, "assignment_config.more"),
        ({"is_stateful": 1}, "is_stateful"),
        ({"status": "active"}, "status"),
        ({"id": "exp_" + "1" * 17}, "id"),
        ({"is_valid": True}, "is_valid"),
        ({"current_level": 10}, "current_level"),
        ({"__proto__": {}}, "__proto__"),
    ],
    ids=range(23),
)
def test_an_experiment_that_is_badly_said_is_refused_where_it_is(
    shop: Shop, fields: dict[str, Any], where: str
) -> None:
    assert f"{where}: " in shop.refused("POST", EXPERIMENTS, an_experiment(shop.flag(), **fields))


def test_every_fault_is_named_at_once(shop: Shop) -> None:
    offer = shop.flag()
    allocations: list[Any] = [
        {"variation_id": NOWHERE, "is_control": True, "weight": 101},
        {"variation_id": offer.control, "weight": "50", "priority": 0, "colour": "red"},
        "x",
        {"variation_id": 1, "is_control": None, "is_fallback": "no", "segment_id": "x"},
    ]
    body = an_experiment(
        offer,
        "ab",
        description="xy",
        authentication_flow="checkout",
        assignment_config={"subject": "spaceship"},
        default_config="flag",
        levels=[50, 20, 101],
        allocations=allocations,
        colour="red",
    )
    message = shop.refused("POST", EXPERIMENTS, body)
    for where in (
        "name",
        "description",
        "authentication_flow",
        "assignment_config.subject",
        "default_config",
        "levels",
        "levels[2]",
        "allocations[0].variation_id",
        "allocations[0].weight",
        "allocations[1].is_control",
        "allocations[1].weight",
        "allocations[1].priority",
        "allocations[1].colour",
        "allocations[2]",
        "allocations[3].variation_id",
        "allocations[3].is_control",
        "allocations[3].is_fallback",
        "allocations[3].segment_id",
        "colour",
    ):
        assert f"{where}: " in message, where


# the flag


@pytest.mark.parametrize("id", ["flg_" + "1" * 17, "x", "", "checkout", "flg_" + "z" * 17, "exp_" + "1" * 17])
def test_a_flag_that_is_not_there_is_missing(shop: Shop, id: str) -> None:
    body = an_experiment(shop.flag(), feature_flag_id=id)
    shop.refused("POST", EXPERIMENTS, body, 404, "inexistent_feature_flag")


def test_a_flag_that_is_no_text_is_no_missing_one(shop: Shop) -> None:
    ids: tuple[Any, ...] = (1, None, ["x"], {})
    for id in ids:
        body = an_experiment(shop.flag(f"Flag {id}"), feature_flag_id=id)
        assert "feature_flag_id: " in shop.refused("POST", EXPERIMENTS, body, 400)


def test_an_archived_flag_gets_no_experiment(shop: Shop) -> None:
    offer = shop.flag()
    shop.patch(offer.path, status="archived")
    shop.refused("POST", EXPERIMENTS, an_experiment(offer), 409, "feature_flag_archived")


def test_a_flag_that_is_not_active_yet_gets_a_draft(shop: Shop) -> None:
    made = shop.made(EXPERIMENTS, an_experiment(shop.flag(active=False)))
    assert codes(shop, made) == ["feature_flag_not_active"]


def test_a_variation_of_another_flag_is_refused(shop: Shop) -> None:
    offer, other = shop.flag(), shop.flag("Another flag")
    for id in (other.control, NOWHERE, "x", "", offer.flag):
        allocations = [{"variation_id": id, "is_control": True, "weight": 100}]
        message = shop.refused("POST", EXPERIMENTS, an_experiment(offer, allocations=allocations))
        assert "allocations[0].variation_id: must be the id of a variation of the feature flag" in message


# allocations


def test_weights_that_do_not_sum_to_100_are_stored_and_named(shop: Shop) -> None:
    offer = shop.flag()
    made = shop.made(EXPERIMENTS, an_experiment(offer, allocations=weighted(offer, 50, 49)))
    assert [each["weight"] for each in made["allocations"]] == [49, 50]
    assert codes(shop, made) == ["experiment_invalid_allocation_weights"]
    (error,) = shop.told("POST", f"{EXPERIMENTS}/{made['id']}/validate")["errors"]
    assert "they sum to 99" in error["message"]


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ((100, 100), ["experiment_invalid_allocation_weights"]),
        ((0, 0), ["experiment_invalid_allocation_weights"]),
        ((100, 0), []),
        ((0, 100), []),
    ],
)
def test_a_weight_may_be_anything_from_0_to_100(
    shop: Shop, weights: tuple[int, int], found: list[str]
) -> None:
    offer = shop.flag()
    made = shop.made(EXPERIMENTS, an_experiment(offer, allocations=weighted(offer, *weights)))
    assert codes(shop, made)[: len(found) or None] == found


@pytest.mark.parametrize("controls", [(True, True), (False, False)])
def test_exactly_one_allocation_is_the_control(shop: Shop, controls: tuple[bool, bool]) -> None:
    offer = shop.flag()
    allocations = [
        each | {"is_control": control} for each, control in zip(weighted(offer, 50), controls, strict=True)
    ]
    made = shop.made(EXPERIMENTS, an_experiment(offer, allocations=allocations))
    assert "experiment_missing_control" in codes(shop, made)


def test_one_allocation_of_everybody_is_enough(shop: Shop) -> None:
    offer = shop.flag()
    made = shop.made(EXPERIMENTS, an_experiment(offer, allocations=weighted(offer, 0)[:1]))
    assert codes(shop, made) == []
    shop.patch(f"{EXPERIMENTS}/{made['id']}", status="active")


def test_a_variation_stands_in_one_allocation(shop: Shop) -> None:
    offer = shop.flag()
    allocations = [weighted(offer, 50)[0], weighted(offer, 50)[0] | {"is_control": False}]
    made = shop.made(EXPERIMENTS, an_experiment(offer, allocations=allocations))
    assert "experiment_duplicate_variation" in codes(shop, made)


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 201), (20, 201), (21, 400), (1_000, 400)])
def test_there_are_1_to_20_allocations(shop: Shop, count: int, status: int) -> None:
    offer = shop.flag()
    body = an_experiment(offer, allocations=weighted(offer, 50)[:1] * count)
    assert shop.ask("POST", EXPERIMENTS, body).status_code == status


@pytest.mark.parametrize("strategy", ["percentage", "segment"])
def test_keys_of_both_strategies_may_stand_together_and_come_back(shop: Shop, strategy: str) -> None:
    """As the published sample has them."""
    offer, segment = shop.flag(), shop.segment()
    allocations = [
        {**first, **second, "weight": weight, "is_fallback": index == 0}
        for index, (weight, first, second) in enumerate(
            zip((30, 70), weighted(offer, 50), placed(offer, segment), strict=True)
        )
    ]
    body = an_experiment(offer, allocation_strategy=strategy, allocations=allocations)
    made = shop.made(EXPERIMENTS, body)
    for each, told in zip(allocations, made["allocations"], strict=True):
        assert each.items() <= told.items()
    assert made["allocation_strategy"] == strategy
    assert codes(shop, made) == []
    renamed = shop.patch(f"{EXPERIMENTS}/{made['id']}", name="Another")
    assert renamed["allocations"] == made["allocations"]


def test_keys_of_the_other_strategy_have_no_effect(shop: Shop) -> None:
    offer = shop.flag()
    gone = {"segment_id": "seg_" + "1" * 17, "priority": 7, "is_fallback": True}
    allocations = [each | gone for each in weighted(offer, 50)]
    path = shop.experiment(offer, allocations=allocations, status="active")
    assert [each["segment_id"] for each in shop.get(path)["allocations"]] == ["seg_" + "1" * 17] * 2
    assert "segment_snapshot" not in shop.get(path)["allocations"][0]
    rollout: Any = shop.snapshot().flags["checkout"].targeting.fallthrough
    assert [each.weight for each in rollout.weights] == [50_000, 50_000]


def test_a_strategy_without_its_keys_is_kept_as_it_was_said(shop: Shop) -> None:
    offer = shop.flag()
    for strategy, allocations in (
        ("segment", weighted(offer, 50)),
        ("percentage", placed(offer, shop.segment())),
    ):
        body = an_experiment(offer, f"By {strategy}", allocation_strategy=strategy, allocations=allocations)
        made = shop.made(EXPERIMENTS, body)
        assert made["allocation_strategy"] == strategy
        assert made["is_valid"] is False
        again = shop.patch(f"{EXPERIMENTS}/{made['id']}", allocations=allocations)
        assert again["allocation_strategy"] == strategy
        assert again["allocations"] == made["allocations"]


# segments


def test_exactly_one_allocation_is_the_fallback(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    none, both = placed(offer, segment), placed(offer, segment)
    del none[0]["is_fallback"]
    both[1]["is_fallback"] = True
    for name, allocations in (("None of them", none), ("Both of them", both)):
        made = shop.made(EXPERIMENTS, by_segment(offer, segment, name, allocations=allocations))
        assert "experiment_missing_default" in codes(shop, made)


def test_an_allocation_that_is_no_fallback_has_a_segment(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    allocations = placed(offer, segment)
    del allocations[1]["segment_id"]
    made = shop.made(EXPERIMENTS, by_segment(offer, segment, allocations=allocations))
    assert codes(shop, made) == ["experiment_missing_segment"]


def test_a_segment_is_one_of_the_tenant_that_is_not_archived(shop: Shop) -> None:
    offer = shop.flag()
    archived = shop.segment()
    shop.patch(f"{SEGMENTS}/{archived}", status="archived")
    rules = [{"match": {"country": ["DE"]}}]
    strange = shop.made(SEGMENTS, {"name": "Others", "rules": rules}, token="elsewhere")["id"]
    for segment in (archived, strange, "seg_" + "1" * 17, "x", "", offer.flag):
        message = shop.refused("POST", EXPERIMENTS, by_segment(offer, segment))
        assert "allocations[1].segment_id: must be the id of a segment" in message


def test_a_segment_that_is_archived_afterwards_makes_a_draft_invalid(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    made = shop.made(EXPERIMENTS, by_segment(offer, segment))
    assert codes(shop, made) == []
    shop.patch(f"{SEGMENTS}/{segment}", status="archived")
    assert codes(shop, shop.get(f"{EXPERIMENTS}/{made['id']}")) == ["segment_not_active"]


def test_a_segment_stands_for_one_variation_which_may_stand_for_several(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    fallback, inside = placed(offer, segment)
    body = by_segment(offer, segment, allocations=[fallback, inside, inside | {"priority": 2}])
    twice = shop.made(EXPERIMENTS, body | {"name": "The same twice"})
    assert codes(shop, twice) == ["experiment_duplicate_segment"]
    another = {"segment_id": shop.segment("Others"), "priority": 2}
    made = shop.made(
        EXPERIMENTS, by_segment(offer, segment, allocations=[fallback, inside, inside | another])
    )
    assert codes(shop, made) == []


@pytest.mark.parametrize(
    ("priority", "status"),
    [(1, 201), (2**31 - 1, 201), (0, 400), (-1, 400), (2**31, 400), (10**30, 400), (1.5, 400), (True, 400)],
)
def test_a_priority_is_a_whole_number_from_1_on(shop: Shop, priority: Any, status: int) -> None:
    offer = shop.flag()
    body = by_segment(offer, "", allocations=placed(offer, shop.segment(), priority))
    assert shop.ask("POST", EXPERIMENTS, body).status_code == status


# levels


@pytest.mark.parametrize("levels", [[0], [100], [10, 25, 50, 100], list(range(101)), []])
def test_levels_rise_from_0_to_100(shop: Shop, levels: list[int]) -> None:
    offer = shop.flag()
    made = shop.made(EXPERIMENTS, an_experiment(offer, levels=levels, allocations=bare(offer)))
    assert made.get("levels", []) == levels
    assert made["current_level"] is None
    assert made["is_valid"] is bool(levels)


@pytest.mark.parametrize(
    "levels",
    [
        [10, 10],
        [50, 10],
        [-1],
        [101],
        [1.5],
        [10.0],
        ["10"],
        [True],
        [None],
        [[10]],
        {},
        10,
        None,
        [10**30],
        list(range(101)) * 2,
    ],
    ids=range(15),
)
def test_levels_that_do_not_rise_are_refused(shop: Shop, levels: Any) -> None:
    offer = shop.flag()
    body = an_experiment(offer, levels=levels, allocations=bare(offer))
    assert "levels" in shop.refused("POST", EXPERIMENTS, body)


def test_levels_are_not_for_segments(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    body = by_segment(offer, segment, levels=[10])
    assert "levels: need the percentage strategy" in shop.refused("POST", EXPERIMENTS, body)
    made = shop.made(EXPERIMENTS, by_segment(offer, segment, levels=[]))
    message = shop.refused("PATCH", f"{EXPERIMENTS}/{made['id']}", {"levels": [10]})
    assert "levels: need the percentage strategy" in message


def test_a_ramp_has_one_control_and_one_other_variation(shop: Shop) -> None:
    offer = shop.flag()
    third = shop.variation(offer, "Third")["id"]
    fine, more = bare(offer), [*bare(offer), {"variation_id": third, "is_control": False}]
    for name, allocations, found in (
        ("Of two", fine, []),
        ("Of weights", weighted(offer, 10, 10), []),
        ("Of three", more, ["experiment_invalid_levels"]),
        ("Of one", fine[:1], ["experiment_invalid_levels"]),
        ("Of one twice", [fine[0], fine[0] | {"is_control": False}], ["experiment_invalid_levels"]),
        ("Of no control", [fine[1], fine[1]], ["experiment_missing_control", "experiment_invalid_levels"]),
    ):
        made = shop.made(EXPERIMENTS, an_experiment(offer, name, levels=[10], allocations=allocations))
        assert codes(shop, made) == found, name


# others


def test_a_name_is_taken_once_in_a_tenant_by_archived_ones_too(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer)
    shop.refused("POST", EXPERIMENTS, an_experiment(offer), 409, "name_already_exists")
    shop.patch(path, status="archived")
    shop.refused("POST", EXPERIMENTS, an_experiment(offer), 409, "name_already_exists")
    shop.made(EXPERIMENTS, an_experiment(offer), token="elsewhere")
    other = shop.experiment(offer, "Another")
    shop.refused("PATCH", other, {"name": "New checkout"}, 409, "name_already_exists")


def test_a_tenant_has_no_more_drafts_than_there_may_be(shop: Shop) -> None:
    offer = shop.flag()
    paths = [shop.experiment(offer, f"Draft {number}") for number in range(DRAFTS_PER_TENANT_MAX)]
    one_more = an_experiment(offer, "One more")
    assert "100" in shop.refused("POST", EXPERIMENTS, one_more, 400, "limit_exceeded")
    shop.made(EXPERIMENTS, one_more, token="elsewhere")
    shop.patch(paths[0], status="active")
    shop.made(EXPERIMENTS, one_more)
    shop.refused("POST", EXPERIMENTS, an_experiment(offer, "Yet another"), 400, "limit_exceeded")
    shop.patch(paths[1], status="archived")
    shop.made(EXPERIMENTS, an_experiment(offer, "Yet another"))


def test_an_experiment_is_of_its_environment(shop: Shop) -> None:
    shop.speak("POST", "/api/v2/projects", {"key": "other", "name": "Another project"})
    path = shop.experiment(shop.flag())
    for home in (Place("default", "test"), Place("other", "production")):
        stranger = shop.surface.token("admin", home=home)
        for method, at, body in (
            ("GET", path, None),
            ("PATCH", path, {"name": "Mine"}),
            ("POST", f"{path}/status", {"status": "active"}),
            ("POST", f"{path}/validate", None),
            ("POST", f"{path}/advance-ramp", {"target_level": 1}),
        ):
            shop.refused(method, at, body, 404, "inexistent_experiment", token=stranger)
        assert shop.ask("DELETE", path, token=stranger).status_code == 204
        assert shop.told("GET", EXPERIMENTS, token=stranger) == {"experiments": []}
    assert shop.get(path)["name"] == "New checkout"


def test_experiments_on_the_flag_of_another_project_are_not_told_by_its_twin_here(shop: Shop) -> None:
    """Both have the same key."""
    shop.speak("POST", "/api/v2/projects", {"key": "other", "name": "Another project"})
    there = shop.surface.token("admin", home=Place("other", "production"))
    offer = shop.flag()
    shop.experiment(offer)
    twin = shop.made(FLAGS, a_flag(), token=there)["id"]
    assert shop.get(EXPERIMENTS, feature_flag_id=twin) == {"experiments": []}
    assert len(shop.get(EXPERIMENTS, feature_flag_id=offer.flag)["experiments"]) == 1
