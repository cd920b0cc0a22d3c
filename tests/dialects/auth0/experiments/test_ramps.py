"""Ramps: levels one after the other, upwards, while the experiment is active."""

from typing import Any

import pytest

from tests.dialects.auth0.shop import EXPERIMENTS, Shop, bare, weighted

LEVELS = [10, 25, 50, 100]


def a_ramp(shop: Shop, *steps: str, levels: list[int] = LEVELS, **fields: Any) -> str:
    """The path of a ramp that went through these statuses."""
    offer = shop.flag()
    path = shop.experiment(offer, levels=levels, **({"allocations": bare(offer)} | fields))
    for status in steps:
        shop.patch(path, status=status)
    return path


def advance(shop: Shop, path: str, level: int) -> Any:
    return shop.told("POST", f"{path}/advance-ramp", {"target_level": level})


def test_a_ramp_starts_at_its_first_level(shop: Shop) -> None:
    path = a_ramp(shop)
    assert shop.get(path)["current_level"] is None
    assert shop.patch(path, status="active")["current_level"] == 10
    assert shop.get(path)["levels"] == LEVELS


def test_a_ramp_goes_up_level_by_level(shop: Shop) -> None:
    path = a_ramp(shop, "active")
    for was, wanted in ((10, 25), (25, 50), (50, 100)):
        told = advance(shop, path, wanted)
        assert told == {
            "experiment_id": path.split("/")[-1],
            "from_level": was,
            "to_level": wanted,
            "current_level": wanted,
        }
        assert shop.get(path)["current_level"] == wanted
    assert "stands at the last level" in refused(shop, path, 50, 409, "invalid_target_level")


def test_to_where_it_stands_it_goes_without_a_write(shop: Shop) -> None:
    path = a_ramp(shop, "active")
    stored, shown = shop.everything(), shop.get(path)
    told = advance(shop, path, 10)
    assert (told["from_level"], told["to_level"], told["current_level"]) == (10, 10, 10)
    assert shop.everything() == stored
    assert shop.get(path) == shown


@pytest.mark.parametrize(
    ("level", "status", "code"),
    [
        (100, 409, "invalid_target_level"),
        (10, 409, "invalid_target_level"),
        (30, 400, ""),
        (0, 400, ""),
        (101, 400, ""),
        (-1, 400, ""),
        (10**30, 400, ""),
    ],
)
def test_a_ramp_skips_no_level_and_never_goes_down(shop: Shop, level: int, status: int, code: str) -> None:
    path = a_ramp(shop, "active")
    advance(shop, path, 25)
    refused(shop, path, level, status, code)


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        [],
        {"target_level": None},
        {"target_level": "25"},
        {"target_level": 25.0},
        {"target_level": True},
        {"target_level": 25, "more": 1},
    ],
    ids=range(8),
)
def test_a_level_that_is_badly_said_is_refused(shop: Shop, body: Any) -> None:
    path = a_ramp(shop, "active")
    shop.refused("POST", f"{path}/advance-ramp", body)


@pytest.mark.parametrize("steps", [(), ("active", "paused"), ("active", "completed"), ("archived",)])
def test_a_ramp_advances_while_it_is_active(shop: Shop, steps: tuple[str, ...]) -> None:
    path = a_ramp(shop, *steps)
    refused(shop, path, 25, 409, "experiment_not_active")
    refused(shop, path, 10, 409, "experiment_not_active")


def test_an_experiment_without_levels_has_no_ramp(shop: Shop) -> None:
    path = shop.experiment(shop.flag(), status="active")
    refused(shop, path, 10, 400, "experiment_without_levels")
    assert shop.get(path)["current_level"] is None


def test_a_ramp_goes_on_from_where_it_was_paused(shop: Shop) -> None:
    path = a_ramp(shop, "active")
    advance(shop, path, 25)
    assert shop.patch(path, status="paused")["current_level"] == 25
    assert shop.patch(path, status="active")["current_level"] == 25
    advance(shop, path, 50)
    done = shop.patch(path, status="completed")
    assert done["current_level"] is None
    assert done["levels"] == LEVELS


def test_allocations_of_a_paused_ramp_change_and_its_level_stays(shop: Shop) -> None:
    offer = shop.flag()
    third = shop.variation(offer, "Third", steps=3)["id"]
    path = shop.experiment(offer, levels=LEVELS, allocations=bare(offer), status="active")
    advance(shop, path, 25)
    shop.patch(path, status="paused")
    allocations = [bare(offer)[0], {"variation_id": third, "is_control": False}]
    told = shop.patch(path, allocations=allocations, status="active")
    assert (told["current_level"], told["allocations"][1]["variation_name"]) == (25, "Third")
    assert len(shop.stored_experiment().iterations[-1].phases) == 3


def test_a_paused_ramp_stays_one(shop: Shop) -> None:
    offer = shop.flag()
    third = shop.variation(offer, "Third", steps=3)["id"]
    path = shop.experiment(offer, levels=LEVELS, allocations=bare(offer), status="active")
    shop.patch(path, status="paused")
    for allocations in (bare(offer)[:1], [*bare(offer), {"variation_id": third, "is_control": False}]):
        shop.refused("PATCH", path, {"allocations": allocations})


def test_weights_beside_levels_are_kept_and_without_effect(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.experiment(offer, levels=[10], allocations=weighted(offer, 70, 70), status="active")
    told = shop.get(path)
    assert [each["weight"] for each in told["allocations"]] == [70, 70]
    assert told["is_valid"] is True
    fallthrough: Any = shop.snapshot().flags["checkout"].targeting.fallthrough
    assert sorted(each.weight for each in fallthrough.weights) == [10_000, 10_000, 80_000]


def test_a_ramp_from_nobody_to_everybody(shop: Shop) -> None:
    path = a_ramp(shop, "active", levels=[0, 100])
    assert shop.get(path)["current_level"] == 0
    told = advance(shop, path, 100)
    assert (told["from_level"], told["current_level"]) == (0, 100)


def test_whoever_may_not_change_may_not_advance(shop: Shop) -> None:
    path = a_ramp(shop, "active")
    body = {"target_level": 25}
    shop.refused("POST", f"{path}/advance-ramp", body, 403, "insufficient_scope", token="guest")
    shop.refused("POST", f"{path}/advance-ramp", body, 401, token=None)


@pytest.mark.parametrize("id", ["x", "exp_" + "1" * 17])
def test_a_ramp_that_is_not_there_is_missing(shop: Shop, id: str) -> None:
    body = {"target_level": 25}
    shop.refused("POST", f"{EXPERIMENTS}/{id}/advance-ramp", body, 404, "inexistent_experiment")


def refused(shop: Shop, path: str, level: int, status: int, code: str) -> str:
    return shop.refused("POST", f"{path}/advance-ramp", {"target_level": level}, status, code)
