"""One set of checks: `is_valid`, validate and activation never disagree."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.auth0 import DIALECT
from tests.dialects.auth0.shop import EXPERIMENTS, SEGMENTS, Offer, Shop, an_experiment, weighted
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

FLOWS = ("authentication", "login", "all")


class World:
    """A shop in which much may stand in the way of an experiment."""

    def __init__(self) -> None:
        self.surface = Surface(MemoryStore(), DIALECT)
        self.shop = shop = Shop(self.surface)
        self.offers = [shop.flag(), shop.flag("Other flag"), shop.flag("Draft flag", active=False)]
        self.thirds = [shop.variation(offer, "Third", steps=3)["id"] for offer in self.offers]
        self.segments = [shop.segment(name) for name in ("Germans", "Others", "Those of the past")]

    def variations(self, at: int) -> tuple[str, str, str]:
        return (self.offers[at].control, self.offers[at].treatment, self.thirds[at])


arms = st.fixed_dictionaries(
    {"variation": st.integers(0, 2), "is_control": st.booleans()},
    optional={
        "weight": st.sampled_from([0, 1, 33, 34, 49, 50, 51, 99, 100]),
        "segment": st.integers(0, 2),
        "priority": st.integers(1, 3),
        "is_fallback": st.booleans(),
    },
)


@st.composite
def likely(draw: st.DrawFn, strategy: str) -> list[dict[str, Any]]:
    """Arms that are nearly right."""
    count = draw(st.integers(1, 3))
    order = draw(st.permutations(range(3)))
    if strategy == "segment":
        keys: list[dict[str, Any]] = [{"is_fallback": True}]
        keys += [{"segment": draw(st.integers(0, 2)), "priority": index} for index in range(1, 3)]
    else:
        weights = {1: (100,), 2: (50, 50), 3: (33, 33, 34)}[count]
        keys = [{"weight": weight} for weight in weights]
    return [{"variation": order[index], "is_control": index == 0} | keys[index] for index in range(count)]


@st.composite
def experiments(draw: st.DrawFn) -> dict[str, Any]:
    strategy = draw(st.sampled_from(["percentage", "segment"]))
    return {
        "flag": draw(st.sampled_from([0, 0, 0, 2])),
        "allocation_strategy": strategy,
        "arms": draw(likely(strategy) | st.lists(arms, max_size=4)),
        "levels": draw(st.sampled_from([None, None, [10, 50], [0], []]))
        if strategy == "percentage"
        else None,
        "authentication_flow": draw(st.sampled_from(FLOWS)),
    }


def test_whoever_may_read_may_validate_and_the_body_is_not_looked_at(shop: Shop) -> None:
    path = shop.experiment(shop.flag())
    before = shop.everything()
    for content in (b"", b"{", b"null", b"\xff"):
        told = shop.told("POST", f"{path}/validate", content=content, token="guest")
        assert told == {"is_valid": True, "errors": []}
    assert shop.everything() == before


events = st.sets(st.sampled_from(["rival on the flow", "rival on the flag", "archived segment", "flag off"]))


def created(world: World, said: dict[str, Any]) -> str | None:
    """The path of the draft; None where it is not well said."""
    variations = world.variations(said["flag"])
    allocations = []
    for arm in said["arms"]:
        each = {name: value for name, value in arm.items() if name not in ("variation", "segment")}
        each["variation_id"] = variations[arm["variation"]]
        if "segment" in arm:
            each["segment_id"] = world.segments[arm["segment"]]
        allocations.append(each)
    body = an_experiment(
        world.offers[said["flag"]],
        authentication_flow=said["authentication_flow"],
        allocation_strategy=said["allocation_strategy"],
        allocations=allocations or ...,
        levels=... if said["levels"] is None else said["levels"],
    )
    response = world.shop.ask("POST", EXPERIMENTS, body)
    assert response.status_code in (201, 400), response.text
    return f"{EXPERIMENTS}/{response.json()['id']}" if response.status_code == 201 else None


def happen(world: World, happened: set[str], flow: str) -> None:
    shop, (own, other, _) = world.shop, world.offers
    if "rival on the flow" in happened:
        shop.experiment(other, "Of the flow", authentication_flow=flow, status="active")
    elif "rival on the flag" in happened:
        free = "password_reset" if flow != "all" else "login"
        shop.experiment(own, "Of the flag", authentication_flow=free, status="active")
    if "archived segment" in happened:
        shop.patch(f"{SEGMENTS}/{world.segments[2]}", status="archived")
    if "flag off" in happened:
        shop.instruct("/api/v2/flags/default/other-flag", {"kind": "turnFlagOff"})
        shop.instruct("/api/v2/flags/default/checkout", {"kind": "turnFlagOff"})


def agree(shop: Shop, path: str) -> bool:
    """Whether it may be activated, as all three say."""
    shown, validated = shop.get(path), shop.told("POST", f"{path}/validate")
    listed = next(each for each in shop.get(EXPERIMENTS)["experiments"] if path.endswith(each["id"]))
    assert shown["is_valid"] is validated["is_valid"] is listed["is_valid"] is (not validated["errors"])
    before = shop.everything()
    response = shop.ask("PATCH", path, {"status": "active"})
    if shown["is_valid"]:
        assert response.status_code == 200, response.text
        assert response.json()["status"] == "active"
        return True
    assert response.status_code == 400, response.text
    refusal = response.json()
    assert refusal["errorCode"] == validated["errors"][0]["code"]
    assert all(each["message"] in refusal["message"] for each in validated["errors"])
    assert shop.everything() == before
    return False


@given(experiments(), events)
def test_all_three_agree_on_whatever_is_drafted(said: dict[str, Any], happened: set[str]) -> None:
    world = World()
    path = created(world, said)
    if path is not None:
        happen(world, happened, said["authentication_flow"])
        if agree(world.shop, path):
            assert world.shop.get(path)["is_valid"] is True
            world.shop.patch(path, status="paused")
            assert agree(world.shop, path)
    world.surface.close()


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from(["", "flag off", "archived segment"]))
def test_all_three_agree_on_what_is_paused(control: int, treatment: int, happened: str) -> None:
    world = World()
    offer: Offer = world.offers[0]
    path = world.shop.in_status(offer, "paused")
    world.shop.ask("PATCH", path, {"allocations": weighted(offer, treatment, control)})
    happen(world, {happened}, "authentication")
    agree(world.shop, path)
    world.surface.close()
