"""Who is in a segment, by what SDKs evaluate while an experiment by segment runs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.dialects.auth0 import DIALECT
from equipoise.evaluation.context import context
from tests.dialects.auth0.shop import EXPERIMENTS, SEGMENTS, Shop, by_segment
from tests.evaluation.answers import Both
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

ATTRIBUTES = ["country", "browser", "/path", "a/b", "~1"]
words = st.sampled_from(["", "de", "DE", "xde", "dex", "xdex", "~", "/"])
values = st.lists(words, min_size=1, max_size=2)
expressions = st.one_of(
    values,
    st.builds(
        lambda name, said: {name: said}, st.sampled_from(["contains", "starts_with", "ends_with"]), values
    ),
    st.builds(lambda said: {"exists": said}, st.booleans()),
)
sides = st.dictionaries(st.sampled_from(ATTRIBUTES), expressions, min_size=1, max_size=2)
rules = st.dictionaries(st.sampled_from(["match", "not_match"]), sides, min_size=1)
devices = st.dictionaries(st.sampled_from(ATTRIBUTES), words, max_size=3)


def served(shop: Shop, said: Any) -> Both:
    """What is served while the treatment goes to a segment of these rules."""
    offer, segment = shop.flag(), shop.segment(rules=said)
    path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, by_segment(offer, segment))['id']}"
    shop.patch(path, status="active")
    return shop.served()


def inside(both: Both, device: dict[str, Any]) -> bool:
    document = device if "kind" in device else {"kind": "device", "key": "d1"} | device
    decision = both.decide("checkout", context(document))
    assert decision.value in ({"steps": 4, "title": "Buy"}, {"steps": 1, "title": "Buy"})
    return bool(decision.value["steps"] == 1)


def fits(expression: Any, value: Any) -> bool:
    """What Auth0 says of an expression, on a value or its absence."""
    if isinstance(expression, list):
        return value in expression
    ((name, said),) = expression.items()
    if name == "exists":
        return (value is not None) is said
    if value is None:
        return False
    asked = {"contains": str.__contains__, "starts_with": str.startswith, "ends_with": str.endswith}[name]
    return any(asked(value, each) for each in said)


def holds(rule: Any, device: dict[str, str]) -> bool:
    must, must_not = (
        [fits(expression, device.get(attribute)) for attribute, expression in rule.get(side, {}).items()]
        for side in ("match", "not_match")
    )
    return all(must) and not any(must_not)


@settings(max_examples=25)
@given(st.lists(rules, min_size=1, max_size=3), st.lists(devices, min_size=1, max_size=10))
def test_whoever_any_rule_fits_is_in_a_segment(said: list[Any], seen: list[dict[str, str]]) -> None:
    surface = Surface(MemoryStore(), DIALECT)
    both = served(Shop(surface), said)
    for device in seen:
        assert inside(both, device) is any(holds(rule, device) for rule in said), (said, device)
    surface.close()


@pytest.mark.parametrize(
    ("rule", "within", "without"),
    [
        (
            {"match": {"country": ["DE", "AT"]}},
            [{"country": "AT"}],
            [{}, {"country": "CH"}, {"country": "de"}],
        ),
        (
            {"match": {"country": ["DE"], "browser": ["Firefox"]}},
            [{"country": "DE", "browser": "Firefox"}],
            [{"country": "DE"}, {"browser": "Firefox"}],
        ),
        (
            {"match": {"browser": {"contains": ["fox", "zill"]}}},
            [{"browser": "Firefox"}, {"browser": "Mozilla"}],
            [{}, {"browser": "Edge"}],
        ),
        (
            {"match": {"browser": {"starts_with": ["Fire"]}}},
            [{"browser": "Firefox"}],
            [{"browser": "A Fire"}],
        ),
        ({"match": {"browser": {"ends_with": ["fox"]}}}, [{"browser": "Firefox"}], [{"browser": "foxes"}]),
        (
            {"match": {"browser": {"exists": True}}},
            [{"browser": "x"}, {"browser": ""}, {"browser": 0}],
            [{}, {"browser": None}],
        ),
        (
            {"match": {"browser": {"exists": False}}},
            [{}, {"browser": None}],
            [{"browser": "x"}, {"browser": False}],
        ),
        ({"not_match": {"country": ["DE"]}}, [{}, {"country": "AT"}], [{"country": "DE"}]),
        (
            {"not_match": {"country": ["DE"], "browser": ["Firefox"]}},
            [{}, {"country": "AT", "browser": "Edge"}],
            [{"country": "DE", "browser": "Edge"}, {"country": "AT", "browser": "Firefox"}],
        ),
        ({"not_match": {"browser": {"exists": True}}}, [{}], [{"browser": "x"}]),
        ({"not_match": {"browser": {"exists": False}}}, [{"browser": "x"}], [{}]),
        (
            {"match": {"country": ["DE"]}, "not_match": {"browser": {"contains": ["bot"]}}},
            [{"country": "DE"}, {"country": "DE", "browser": "Edge"}],
            [{}, {"country": "DE", "browser": "a bot"}, {"country": "AT"}],
        ),
        ({"match": {"/path": ["x"]}}, [{"/path": "x"}], [{"path": "x"}, {}]),
        ({"match": {"/a/b": ["x"]}}, [{"/a/b": "x"}], [{"a": {"b": "x"}}]),
        ({"match": {"a/b": ["x"]}}, [{"a/b": "x"}], [{"a": {"b": "x"}}]),
        ({"match": {"/~1": ["x"]}}, [{"/~1": "x"}], [{"//": "x"}, {"/": "x"}]),
        ({"match": {"__proto__": ["x"]}}, [{"__proto__": "x"}], [{}]),
        ({"match": {"key": ["d1"]}}, [{}], [{"key": "d2"}]),
    ],
    ids=range(18),
)
def test_who_is_in_and_who_is_not(shop: Shop, rule: Any, within: list[Any], without: list[Any]) -> None:
    both = served(shop, [rule])
    assert all(inside(both, device) for device in within)
    assert not any(inside(both, device) for device in without)


def test_only_devices_are_asked(shop: Shop) -> None:
    both = served(shop, [{"match": {"country": ["DE"]}}, {"match": {"country": ["AT"]}}])
    german = {"key": "x", "country": "DE"}
    assert inside(both, {"kind": "device"} | german)
    assert not inside(both, {"kind": "user"} | german)
    assert inside(both, {"kind": "multi", "device": german, "user": {"key": "y", "country": "CH"}})


def test_who_is_no_device_is_not_kept_out_of_those_who_do_not_match(shop: Shop) -> None:
    both = served(shop, [{"not_match": {"country": ["DE"]}}])
    assert inside(both, {"kind": "user", "key": "x", "country": "DE"})


def test_the_first_segment_by_priority_wins_and_the_fallback_is_for_the_rest(shop: Shop) -> None:
    offer = shop.flag()
    third = shop.variation(offer, "Third", steps=3)["id"]
    late, early = shop.segment("Everybody named", [{"match": {"country": {"exists": True}}}]), shop.segment()
    allocations = [
        {"variation_id": third, "is_control": False, "segment_id": late, "priority": 2},
        {"variation_id": offer.control, "is_control": True, "is_fallback": True},
        {"variation_id": offer.treatment, "is_control": False, "segment_id": early, "priority": 1},
    ]
    body = by_segment(offer, early, allocations=allocations)
    shop.patch(f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, body)['id']}", status="active")
    both = shop.served()
    steps = [
        both.decide("checkout", context({"kind": "device", "key": "d1"} | device)).value["steps"]
        for device in ({"country": "DE"}, {"country": "AT"}, {})
    ]
    assert steps == [1, 3, 4]


def test_a_segment_that_changes_does_not_change_what_runs(shop: Shop) -> None:
    """Until its allocations are set anew."""
    offer, segment = shop.flag(), shop.segment()
    path = f"{EXPERIMENTS}/{shop.made(EXPERIMENTS, by_segment(offer, segment))['id']}"
    shop.patch(path, status="active")
    shop.patch(f"{SEGMENTS}/{segment}", rules=[{"match": {"country": ["AT"]}}])
    assert inside(shop.served(), {"country": "DE"})
    assert not inside(shop.served(), {"country": "AT"})
    shop.patch(path, status="paused")
    shop.patch(path, status="active")
    assert inside(shop.served(), {"country": "DE"})
    frozen = shop.get(path)["allocations"][1]["segment_snapshot"]
    assert frozen["rules"] == [{"match": {"country": ["DE"]}}]
