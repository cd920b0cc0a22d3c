"""Variations: what they override, what they are called, and what happens where one goes."""

from typing import Any

import pytest

from equipoise.domain.flag.state import Fixed
from tests.dialects.auth0.shop import (
    EXPERIMENTS,
    FEWER,
    FLAGS,
    HERE,
    LD_FLAGS,
    STEPS,
    Offer,
    Shop,
    a_flag,
    an_experiment,
    by_segment,
    weighted,
)


def draft(shop: Shop, **fields: Any) -> str:
    """The path of the variations of a flag that has none yet."""
    return f"{FLAGS}/{shop.made(FLAGS, a_flag(**fields))['id']}/variations"


def values(shop: Shop) -> dict[str, Any]:
    """Name → whole value, as LaunchDarkly's clients get them."""
    document = shop.speak("GET", f"{LD_FLAGS}/checkout")
    return {each["name"]: each["value"] for each in document["variations"]}


def served(shop: Shop, environment: str = HERE.environment) -> tuple[str, str]:
    """Names of what an environment serves when on and when off."""
    flag = shop.stored_flag()
    there = flag.in_environment(environment)
    assert isinstance(there.fallthrough, Fixed)
    on, off = flag.variation(there.fallthrough.variation), flag.variation(there.off_variation)
    assert on is not None
    assert off is not None
    return on.name, off.name


# birth


def test_a_variation_is_what_it_overrides(shop: Shop) -> None:
    path = draft(shop)
    said = {"name": "Fewer", "description": "Less to do", "overrides": FEWER}
    made = shop.made(path, said)
    assert said.items() <= made.items()
    assert made["feature_flag_id"] == path.split("/")[-2]
    assert made["created_at"] == made["updated_at"]
    assert shop.get(f"{path}/{made['id']}") == made
    assert shop.get(path) == {"variations": [made]}
    assert values(shop) == {"Fewer": {"steps": 1, "title": "Buy"}}


def test_the_baseline_overrides_nothing(shop: Shop) -> None:
    path = draft(shop)
    assert shop.made(path, {"name": "Control", "overrides": {}})["overrides"] == {}
    assert values(shop) == {"Control": {"steps": 4, "title": "Buy"}}


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        ({"steps": {"value": 4}}, "overrides.steps.value: must differ from the flag's default"),
        ({"steps": {"value": "1"}}, "overrides.steps.value: must be of the type number"),
        ({"steps": {"value": True}}, "overrides.steps.value: must be of the type number"),
        ({"steps": {"value": None}}, "overrides.steps.value: must be of the type number"),
        ({"steps": {}}, "overrides.steps.value: is required"),
        ({"steps": 1}, "overrides.steps"),
        ({"steps": None}, "overrides.steps"),
        ({"steps": {"value": 1, "type": "number"}}, "overrides.steps.type: is not known here"),
        ({"wings": {"value": 1}}, "overrides.wings: must be one of the flag's parameters: steps, title"),
        ({"Steps": {"value": 1}}, "overrides.Steps: must be one of the flag's parameters"),
        ({"__proto__": {"value": 1}}, "overrides.__proto__: must be one of the flag's parameters"),
        ({"title": {"value": "x" * 1_023}}, "overrides.title.value: must be at most 1024 bytes"),
        (None, "overrides"),
        ([], "overrides"),
        (..., "overrides: is required"),
    ],
    ids=range(15),
)
def test_an_override_is_another_value_of_a_parameter(shop: Shop, overrides: Any, why: str) -> None:
    body = {"name": "Fewer"} | ({} if overrides is ... else {"overrides": overrides})
    assert why in shop.refused("POST", draft(shop), body)


def test_true_is_no_other_word_for_one(shop: Shop) -> None:
    path = draft(shop, parameters={"steps": {"type": "array", "value": [1, {"a": 0}]}})
    shop.made(path, {"name": "Of truth", "overrides": {"steps": {"value": [True, {"a": 0}]}}})
    shop.refused("POST", path, {"name": "Alike", "overrides": {"steps": {"value": [1, {"a": 0}]}}})


def test_faults_of_a_variation_are_said_at_once(shop: Shop) -> None:
    overrides = {"steps": {"value": "x"}, "title": {"value": "Buy"}, "wings": {"value": 1}}
    message = shop.refused("POST", draft(shop), {"name": "x", "description": "y", "overrides": overrides})
    for where in ("name", "description", "overrides.steps.value", "overrides.title.value", "overrides.wings"):
        assert f"{where}: " in message


def test_a_name_is_taken_once_in_a_flag(shop: Shop) -> None:
    offer, other = shop.flag(), shop.flag("Another flag")
    body = {"name": "Fewer", "overrides": {}}
    shop.refused("POST", f"{offer.path}/variations", body, 409, "name_already_exists")
    renamed = {"name": "Control"}
    shop.refused("PATCH", f"{offer.path}/variations/{offer.treatment}", renamed, 409, "name_already_exists")
    assert shop.patch(f"{offer.path}/variations/{offer.treatment}", name="Fewer")["name"] == "Fewer"
    shop.variation(other, "More")


def test_a_flag_has_no_more_variations_than_there_may_be(shop: Shop) -> None:
    path = draft(shop)
    for number in range(64):
        shop.made(path, {"name": f"Variation {number}", "overrides": {}})
    message = shop.refused("POST", path, {"name": "One more", "overrides": {}}, 400, "limit_exceeded")
    assert "64" in message


def test_a_flag_serves_its_baseline_while_nothing_else_was_said(shop: Shop) -> None:
    path = draft(shop)
    shop.made(path, {"name": "Fewer", "overrides": FEWER})
    assert served(shop) == ("Fewer", "Fewer")
    shop.made(path, {"name": "Control", "overrides": {}})
    assert served(shop) == ("Control", "Control")
    shop.made(path, {"name": "Another one", "overrides": {}})
    assert served(shop) == ("Control", "Control")


# changes


def test_a_patch_replaces_overrides_whole(shop: Shop) -> None:
    offer = shop.flag()
    path = f"{offer.path}/variations/{offer.treatment}"
    before = shop.get(path)
    after = shop.patch(path, overrides={"title": {"value": "Pay"}})
    assert after == before | {"overrides": {"title": {"value": "Pay"}}, "updated_at": after["updated_at"]}
    assert values(shop)["Fewer"] == {"steps": 4, "title": "Pay"}
    assert shop.patch(path, overrides={})["overrides"] == {}


def test_a_variation_is_dated_for_itself(shop: Shop) -> None:
    offer = shop.flag()
    control = shop.get(f"{offer.path}/variations/{offer.control}")
    after = shop.patch(f"{offer.path}/variations/{offer.treatment}", description="Less to do")
    assert after["updated_at"] > after["created_at"]
    assert shop.get(f"{offer.path}/variations/{offer.control}") == control


def test_a_patch_of_nothing_is_no_change(shop: Shop) -> None:
    offer = shop.flag()
    path = f"{offer.path}/variations/{offer.treatment}"
    before, stored = shop.get(path), shop.everything()
    assert shop.patch(path) == before
    assert shop.patch(path, name="Fewer", overrides=FEWER, description=None) == before
    assert shop.everything() == stored


@pytest.mark.parametrize(
    "body",
    [
        {"overrides": {"steps": {"value": 4}}},
        {"overrides": None},
        {"name": None},
        {"id": "x"},
        {"feature_flag_id": "x"},
        None,
        [],
        1,
    ],
    ids=range(8),
)
def test_a_patch_that_is_badly_said_is_refused(shop: Shop, body: Any) -> None:
    offer = shop.flag()
    shop.refused("PATCH", f"{offer.path}/variations/{offer.treatment}", body)


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_variation_of_another_flag_is_missing(shop: Shop, method: str) -> None:
    one, two = shop.flag("One flag"), shop.flag("Two flag")
    for vid in (two.control, "x", f"var_{'1' * 22}", one.flag):
        body: Any = {} if method == "PATCH" else None
        shop.refused(method, f"{one.path}/variations/{vid}", body, 404, "inexistent_variation")


def test_variations_of_an_archived_flag_stay_as_they_are(shop: Shop) -> None:
    offer = shop.flag()
    shop.patch(offer.path, status="archived")
    one = f"{offer.path}/variations/{offer.treatment}"
    shop.refused(
        "POST", f"{offer.path}/variations", {"name": "More", "overrides": {}}, 409, "feature_flag_archived"
    )
    shop.refused("PATCH", one, {"name": "More"}, 409, "feature_flag_archived")
    shop.refused("DELETE", one, None, 409, "feature_flag_archived")
    assert len(shop.get(f"{offer.path}/variations")["variations"]) == 2


def test_what_an_active_experiment_serves_keeps_its_value(shop: Shop) -> None:
    offer = shop.flag()
    path = f"{offer.path}/variations/{offer.treatment}"
    experiment = shop.experiment(offer, status="active")
    shop.refused("PATCH", path, {"overrides": {}}, 409)
    assert shop.patch(path, name="Another")["name"] == "Another"
    shop.patch(experiment, status="completed")
    assert shop.patch(path, overrides={})["overrides"] == {}


# the end


@pytest.mark.parametrize("status", ["draft", "active", "paused", "completed"])
@pytest.mark.parametrize("which", ["control", "treatment"])
def test_a_variation_in_use_is_not_deleted(shop: Shop, status: str, which: str) -> None:
    offer = shop.flag()
    shop.variation(offer, "Third")
    shop.in_status(offer, status)
    shop.refused("DELETE", f"{offer.path}/variations/{getattr(offer, which)}", None, 409)


def test_a_variation_that_archived_experiments_served_may_be_deleted(shop: Shop) -> None:
    offer = shop.flag()
    shop.variation(offer, "Third")
    path = shop.in_status(offer, "archived")
    shop.told("DELETE", f"{offer.path}/variations/{offer.treatment}", status=204)
    shown = shop.get(path)["allocations"][1]
    assert (shown["variation_id"], shown["variation_name"]) == (offer.treatment, "Fewer")


def test_a_variation_that_an_experiment_elsewhere_serves_is_not_deleted(shop: Shop) -> None:
    offer = shop.flag()
    shop.variation(offer, "Third")
    shop.made(EXPERIMENTS, an_experiment(offer), token="elsewhere")
    shop.refused("DELETE", f"{offer.path}/variations/{offer.treatment}", None, 409)


def test_whose_token_sees_one_tenant_does_not_delete_what_another_serves(shop: Shop) -> None:
    offer = shop.flag()
    shop.variation(offer, "Third")
    shop.made(EXPERIMENTS, an_experiment(offer, "Of elsewhere"), token="elsewhere")
    narrow = shop.surface.token("writer", "default", "production")
    path = f"{offer.path}/variations/{offer.treatment}"
    assert "Of elsewhere" not in shop.refused("DELETE", path, None, 409, token=narrow)


def test_a_variation_that_allocations_dropped_may_be_deleted(shop: Shop) -> None:
    offer = shop.flag()
    third = shop.variation(offer, "Third", steps=3)["id"]
    path = shop.experiment(offer)
    shop.patch(path, allocations=weighted(Offer(offer.flag, offer.control, third), 50))
    shop.told("DELETE", f"{offer.path}/variations/{offer.treatment}", status=204)


def test_the_last_variation_of_a_draft_may_go(shop: Shop) -> None:
    path = draft(shop)
    for name in ("First", "Second"):
        shop.made(path, {"name": name, "overrides": {}})
    for each in shop.get(path)["variations"]:
        shop.told("DELETE", f"{path}/{each['id']}", status=204)
    assert shop.get(path) == {"variations": []}
    flag = shop.stored_flag()
    assert (flag.on_variation, flag.off_variation) == ("", "")
    shop.made(path, {"name": "First", "overrides": {}})


def test_an_active_flag_keeps_two_variations(shop: Shop) -> None:
    offer = shop.flag()
    for vid in (offer.control, offer.treatment):
        message = shop.refused("DELETE", f"{offer.path}/variations/{vid}", None, 400)
        assert "fewer than two variations" in message
    shop.variation(offer, "Third")
    shop.told("DELETE", f"{offer.path}/variations/{offer.treatment}", status=204)


def test_a_variation_that_is_not_there_is_as_good_as_deleted_and_its_flag_is_there(shop: Shop) -> None:
    offer, other = shop.flag(), shop.flag("Another flag")
    for vid in ("x", f"var_{'1' * 22}", offer.flag, other.control):
        shop.told("DELETE", f"{offer.path}/variations/{vid}", status=204)
    for flag in ("x", f"flg_{'1' * 17}"):
        shop.refused(
            "DELETE", f"{FLAGS}/{flag}/variations/{offer.control}", None, 404, "inexistent_feature_flag"
        )
    assert len(shop.get(f"{offer.path}/variations")["variations"]) == 2


def test_environments_that_served_what_goes_serve_the_baseline(shop: Shop) -> None:
    offer = shop.flag()
    shop.told("PATCH", offer.path, {"status": "active"}, token="elsewhere")
    shop.variation(offer, "Baseline too")
    assert served(shop) == served(shop, "test") == ("Control", "Control")
    shop.told("DELETE", f"{offer.path}/variations/{offer.control}", status=204)
    assert served(shop) == served(shop, "test") == ("Baseline too", "Baseline too")


def test_environments_serve_the_first_where_no_baseline_is_left(shop: Shop) -> None:
    offer = shop.flag()
    shop.variation(offer, "More", steps=9)
    shop.told("DELETE", f"{offer.path}/variations/{offer.control}", status=204)
    assert served(shop) == ("Fewer", "Fewer")


def test_environments_that_serve_another_stay_with_it(shop: Shop) -> None:
    offer = shop.flag()
    more = shop.variation(offer, "More", steps=9)["id"]
    treatment = shop.stored_flag().variations[1].id
    shop.instruct(
        f"{LD_FLAGS}/checkout", {"kind": "updateFallthroughVariationOrRollout", "variationId": treatment}
    )
    assert served(shop) == ("Fewer", "Control")
    shop.told("DELETE", f"{offer.path}/variations/{more}", status=204)
    assert served(shop) == ("Fewer", "Control")
    shop.variation(offer, "Baseline too")
    shop.told("DELETE", f"{offer.path}/variations/{offer.treatment}", status=204)
    assert served(shop) == ("Control", "Control")


def test_what_a_rule_serves_is_not_deleted(shop: Shop) -> None:
    offer = shop.flag()
    gone = shop.variation(offer, "Third", steps=3)["id"]
    third = shop.stored_flag().variations[2].id
    clause = {"attribute": "country", "op": "in", "values": ["DE"], "contextKind": "user"}
    shop.instruct(f"{LD_FLAGS}/checkout", {"kind": "addRule", "variationId": third, "clauses": [clause]})
    assert "still serves it in production" in shop.refused("DELETE", f"{offer.path}/variations/{gone}")


def test_what_a_segment_experiment_serves_is_in_use_too(shop: Shop) -> None:
    offer = shop.flag()
    shop.variation(offer, "Third")
    shop.made(EXPERIMENTS, by_segment(offer, shop.segment()))
    for vid in (offer.control, offer.treatment):
        shop.refused("DELETE", f"{offer.path}/variations/{vid}", None, 409)


def test_a_client_of_one_environment_does_not_change_what_others_serve(shop: Shop) -> None:
    offer = shop.flag()
    shop.variation(offer, "Third")
    shop.told("PATCH", offer.path, {"status": "active"}, token="elsewhere")
    narrow = shop.surface.token("writer", "default", "production")
    vid = offer.treatment
    shop.refused("DELETE", f"{offer.path}/variations/{vid}", None, 403, token=narrow)
    shop.refused("PATCH", f"{offer.path}/variations/{vid}", {"overrides": {}}, 403, token=narrow)
    shop.refused("PATCH", offer.path, {"status": "archived"}, 403, token=narrow)
    shop.refused("PATCH", offer.path, {"parameters": {"steps": STEPS}}, 403, token=narrow)
