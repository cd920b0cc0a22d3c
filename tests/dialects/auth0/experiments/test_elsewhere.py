"""Experiments that other surfaces made or changed, as they are told here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.auth0.experiments.allocations import weights_of
from equipoise.domain.allocation import SHARE_WHOLE
from tests.dialects.auth0.shop import EXPERIMENTS, LD_EXPERIMENTS, Shop, weighted

START = {"kind": "startIteration"}


def drafted(shop: Shop, key: str = "elsewhere", *percents: str) -> str:
    """The path of an experiment that LaunchDarkly's surface made on the flag `checkout`; its path there is
    `LD_EXPERIMENTS/key`."""
    name = "Made elsewhere"
    with shop.surface.store.read() as reader:
        version = reader.versions("default", ("checkout",))["checkout", "production"]
    treatments = [
        {
            "name": variation.name,
            "baseline": index == 0,
            "allocationPercent": percent,
            "parameters": [{"flagKey": "checkout", "variationId": variation.id}],
        }
        for index, (variation, percent) in enumerate(
            zip(shop.stored_flag().variations, percents or ("50", "50"), strict=True)
        )
    ]
    iteration = {
        "hypothesis": "fewer steps sell more",
        "metrics": [],
        "treatments": treatments,
        "flags": {"checkout": {"ruleId": "fallthrough", "flagConfigVersion": version}},
        "randomizationUnit": "user",
    }
    shop.speak("POST", LD_EXPERIMENTS, {"key": key, "name": name, "iteration": iteration})
    found = shop.get(EXPERIMENTS, take="50")["experiments"]
    return f"{EXPERIMENTS}/{next(each['id'] for each in found if each['name'] == name)}"


def start(shop: Shop, key: str = "elsewhere") -> None:
    shop.speak("PATCH", f"{LD_EXPERIMENTS}/{key}", {"instructions": [START]})


def codes(shop: Shop, path: str) -> list[str]:
    return [each["code"] for each in shop.told("POST", f"{path}/validate")["errors"]]


def test_an_experiment_of_another_surface_is_told_whole(shop: Shop) -> None:
    offer = shop.flag()
    told = shop.get(drafted(shop))
    assert (told["status"], told["is_valid"], told["authentication_flow"]) == ("draft", True, "all")
    assert (told["feature_flag_id"], told["allocation_strategy"]) == (offer.flag, "percentage")
    assert told["assignment_config"] == {"subject": "user"}
    assert [(each["variation_id"], each["weight"], each["is_control"]) for each in told["allocations"]] == [
        (offer.control, 50, True),
        (offer.treatment, 50, False),
    ]


def test_what_another_surface_started_is_active_valid_or_not(shop: Shop) -> None:
    shop.flag()
    path = drafted(shop, "elsewhere", "10", "0")
    start(shop)
    told = shop.get(path)
    assert (told["status"], told["is_valid"]) == ("active", False)
    assert codes(shop, path) == ["experiment_invalid_allocation_weights"]
    assert told["feature_flag_snapshot"] is None


def test_what_another_surface_made_does_not_count_for_flows(shop: Shop) -> None:
    """Nor do all its flows keep others out, whichever comes first."""
    shop.flag()
    drafted(shop)
    start(shop)
    one = shop.experiment(
        shop.flag("Second flag"), "Of all flows", authentication_flow="all", status="active"
    )
    assert shop.get(one)["is_valid"] is True


def test_an_active_experiment_of_another_surface_holds_its_flag(shop: Shop) -> None:
    offer = shop.flag()
    drafted(shop)
    start(shop)
    path = shop.experiment(offer)
    message = shop.refused("PATCH", path, {"status": "active"}, 400, "feature_flag_in_use")
    assert "“Made elsewhere” is active on the same feature flag" in message


@pytest.mark.parametrize(
    ("percents", "weights"),
    [
        (("33.333", "66.667"), [33, 67]),
        (("0.5", "99.5"), [1, 99]),
        (("33.4", "33.4"), [34, 33]),
        (("12.5", "87.5"), [13, 87]),
    ],
)
def test_finer_weights_are_told_rounded_and_are_not_valid(
    shop: Shop, percents: tuple[str, str], weights: list[int]
) -> None:
    shop.flag()
    path = drafted(shop, "elsewhere", *percents)
    assert [each["weight"] for each in shop.get(path)["allocations"]] == weights
    assert "experiment_invalid_allocation_weights" in codes(shop, path)
    shop.refused("PATCH", path, {"status": "active"})


@given(st.lists(st.integers(0, SHARE_WHOLE), max_size=20))
def test_rounded_weights_lose_no_more_than_a_percent_each_and_keep_the_whole(shares: list[int]) -> None:
    weights = weights_of(shares)
    assert len(weights) == len(shares)
    for weight, share in zip(weights, shares, strict=True):
        assert abs(weight - share / 1_000) < 1
    if sum(shares) == SHARE_WHOLE:
        assert sum(weights) == 100
    if not any(share % 1_000 for share in shares):
        assert [weight * 1_000 for weight in weights] == shares


def test_what_another_surface_drafted_may_be_edited_and_started_here(shop: Shop) -> None:
    offer = shop.flag()
    path = drafted(shop)
    told = shop.patch(path, authentication_flow="login", allocations=weighted(offer, 30), status="active")
    assert (told["status"], told["authentication_flow"]) == ("active", "login")
    shown = shop.speak("GET", f"{LD_EXPERIMENTS}/elsewhere?expand=treatments")["currentIteration"]
    assert shown["status"] == "running"
    assert [each["allocationPercent"] for each in shown["treatments"]] == ["70", "30"]


def test_another_iteration_elsewhere_goes_on_here_as_the_same_experiment(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer, status="active")
    first = shop.get(path)
    shop.patch(offer.path, name="Another flag")
    again = {"kind": "saveAndStartNewIteration", "changeJustification": "once more"}
    shop.speak("PATCH", f"{LD_EXPERIMENTS}/new-checkout", {"instructions": [again]})
    second = shop.get(path)
    assert second["status"] == "active"
    assert second["started_at"] > first["started_at"]
    assert [each["weight"] for each in second["allocations"]] == [50, 50]
    assert second["feature_flag_snapshot"] is None, "it was not frozen by this start"
    assert second["allocations"][0]["variation_snapshot"] is None


def test_a_stop_with_a_winner_elsewhere_completes_it(shop: Shop) -> None:
    path = shop.experiment(shop.flag(), status="active")
    winner = {"winningTreatmentId": treatment(shop), "winningReason": "it sells more"}
    stop = {"kind": "stopIteration"} | winner
    shop.speak("PATCH", f"{LD_EXPERIMENTS}/new-checkout", {"instructions": [stop]})
    assert shop.get(path)["status"] == "completed"


def treatment(shop: Shop) -> str:
    shown = shop.speak("GET", f"{LD_EXPERIMENTS}/new-checkout?expand=treatments")["currentIteration"]
    found: str = next(each["_id"] for each in shown["treatments"] if not each["baseline"])
    return found


def test_an_experiment_that_is_restored_elsewhere_is_a_draft_again(shop: Shop) -> None:
    path = shop.in_status(shop.flag(), "archived")
    key = shop.stored_experiment().key
    shop.speak("PATCH", f"{LD_EXPERIMENTS}/{key}", {"instructions": [{"kind": "restoreExperiment"}]})
    assert shop.get(path)["status"] == "draft"


def test_names_that_another_surface_gave_twice_are_both_told(shop: Shop) -> None:
    offer = shop.flag()
    drafted(shop, "one")
    drafted(shop, "two")
    assert [each["name"] for each in shop.get(EXPERIMENTS)["experiments"]] == ["Made elsewhere"] * 2
    path = shop.experiment(offer)
    shop.refused("PATCH", path, {"name": "Made elsewhere"}, 409, "name_already_exists")


def test_an_experiment_made_here_is_one_of_the_other_surface(shop: Shop) -> None:
    path = shop.experiment(shop.flag(), status="active")
    shown = shop.speak("GET", f"{LD_EXPERIMENTS}/new-checkout")
    assert (shown["name"], shown["currentIteration"]["status"]) == ("New checkout", "running")
    assert shown["currentIteration"]["randomizationUnit"] == "device"
    assert shop.get(path)["status"] == "active"


LAYERS = "/api/v2/projects/default/layers"


def reserved(shop: Shop, percent: int) -> None:
    instruction = {
        "kind": "updateExperimentReservation",
        "experimentKey": "elsewhere",
        "reservationPercent": percent,
    }
    said = {"environmentKey": "production", "instructions": [instruction]}
    shop.speak("PATCH", f"{LAYERS}/checkout", said)


def test_what_is_activated_here_passes_the_layer_that_another_surface_put_it_into(shop: Shop) -> None:
    shop.flag()
    path = drafted(shop)
    shop.speak("POST", LAYERS, {"key": "checkout", "name": "Checkout", "description": ""})
    reserved(shop, 0)
    assert codes(shop, path) == ["experiment_not_ready"]
    shop.refused("PATCH", path, {"status": "active"}, 400, "experiment_not_ready")
    reserved(shop, 30)
    assert shop.patch(path, status="active")["status"] == "active"
    current = shop.stored_experiment("Made elsewhere").current
    assert current is not None
    assert [gate.ranges for gate in current.phases[0].gates] == [((0, 30_000),)]
    shop.patch(path, status="paused")
    shop.patch(path, status="archived")
    (layer,) = shop.speak("GET", LAYERS)["items"]
    (kept,) = layer["environments"]["production"]["reservations"]
    assert (kept["experimentKey"], kept["reservationPercent"]) == ("elsewhere", 0)
    shop.told("DELETE", path, status=204)
    (layer,) = shop.speak("GET", LAYERS)["items"]
    assert layer["environments"] == {}
