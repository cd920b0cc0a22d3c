"""Flags that another surface began: with one variation, or with none."""

from typing import Any

import pytest

from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag, Parameter, Variation
from equipoise.domain.identity import Place
from tests.dialects.launchdarkly.flags.builders import FLAGS, HERE, Flags
from tests.domain.builders import ON, a_bare_flag
from tests.fixtures_surface import conforms

NONE, ONE = a_bare_flag(), a_bare_flag(Variation(ON, "only"))
both = pytest.mark.parametrize("flag", [NONE, ONE], ids=["none", "one"])


def add(value: Any) -> dict[str, Any]:
    return {"kind": "addVariation", "value": value}


def test_without_variations_nothing_is_said_to_be_served(flags: Flags) -> None:
    flags.plant(NONE)
    shown = flags.get()
    here = shown["environments"][HERE]
    assert shown["variations"] == []
    assert "defaults" not in shown
    assert (here["on"], here["fallthrough"]) == (False, {})
    assert "offVariation" not in here
    assert here["_summary"] == {"variations": {}, "prerequisites": 0}


def test_with_one_variation_that_is_the_default(flags: Flags) -> None:
    flags.plant(ONE)
    shown = flags.get()
    here = shown["environments"][HERE]
    assert shown["defaults"] == {"onVariation": 0, "offVariation": 0}
    assert (here["on"], here["fallthrough"], here["offVariation"]) == (False, {"variation": 0}, 0)


@both
def test_it_stands_in_lists(flags: Flags, flag: Flag) -> None:
    flags.plant(flag)
    for query in ("", "?summary=0", f"?env={HERE}"):
        listed = conforms(flags.surface.call("GET", f"{FLAGS}{query}"), "getFeatureFlags")
        assert [each["key"] for each in listed["items"]] == ["checkout"]


@both
def test_it_grows_by_variations_and_can_be_turned_on_then(flags: Flags, flag: Flag) -> None:
    flags.plant(flag)
    assert flags.instruct({"kind": "turnFlagOn"}).status_code == 400
    for value in ("second", "third"):
        flags.told(add(value))
    shown = flags.there({"kind": "turnFlagOn"})
    assert (shown["on"], shown["fallthrough"], shown["offVariation"]) == (True, {"variation": 0}, 0)
    assert flags.get()["defaults"] == {"onVariation": 0, "offVariation": 0}


@both
def test_it_grows_in_one_patch(flags: Flags, flag: Flag) -> None:
    flags.plant(flag)
    told = flags.there(*map(add, ("second", "third")), {"kind": "turnFlagOn"})
    assert told["on"] is True


@both
def test_its_document_can_be_edited(flags: Flags, flag: Flag) -> None:
    flags.plant(flag)
    shown = flags.get()
    whole = [{"op": "replace", "path": "/environments", "value": shown["environments"]}]
    assert flags.patch(whole).json() == shown
    assert flags.patch({"merge": shown}).json() == shown
    named = flags.patch([{"op": "replace", "path": "/name", "value": "Till"}])
    assert named.json()["name"] == "Till"
    variations = [{"op": "add", "path": "/variations/-", "value": {"value": value}} for value in "ab"]
    grown = flags.patch(variations)
    assert grown.status_code == 200, grown.text
    assert len(grown.json()["variations"]) == len(flag.variations) + 2
    assert grown.json()["defaults"] == {"onVariation": 0, "offVariation": 0}


def test_its_first_variations_come_with_the_defaults(flags: Flags) -> None:
    flags.plant(NONE)
    patched = flags.patch(
        [
            {"op": "add", "path": "/variations", "value": [{"value": 1}, {"value": 2}]},
            {"op": "add", "path": "/defaults", "value": {"onVariation": 1, "offVariation": 0}},
            {"op": "replace", "path": f"/environments/{HERE}/on", "value": True},
        ]
    )
    assert patched.status_code == 200, patched.text
    shown = flags.get()
    assert shown["defaults"] == {"onVariation": 1, "offVariation": 0}
    assert shown["environments"][HERE]["fallthrough"] == {"variation": 1}


@both
def test_it_is_targeted_once_there_is_something_to_serve(flags: Flags, flag: Flag) -> None:
    flags.plant(flag)
    tracked = flags.instruct({"kind": "updateTrackEvents", "trackEvents": True})
    assert tracked.status_code == (200 if flag.variations else 400)


def test_a_finished_flag_keeps_two_variations(flags: Flags) -> None:
    made = flags.make(variations=[{"value": value} for value in "abc"])
    first, second, third = (each["_id"] for each in made["variations"])
    removed = flags.instruct({"kind": "removeVariation", "variationId": second})
    assert removed.status_code == 200
    again = flags.instruct({"kind": "removeVariation", "variationId": third})
    assert (again.status_code, again.json()["errors"][0]["where"]) == (400, "instructions[0].variations")
    patched = flags.patch([{"op": "remove", "path": "/variations/1"}])
    assert patched.status_code == 400
    assert [each["_id"] for each in flags.get()["variations"]] == [first, third]


def test_the_last_variation_stays(flags: Flags) -> None:
    flags.plant(ONE)
    assert flags.instruct({"kind": "removeVariation", "variationId": ON}).status_code == 400
    assert flags.patch([{"op": "remove", "path": "/variations/0"}]).status_code == 400


@both
def test_a_copy_of_it_is_as_unfinished(flags: Flags, flag: Flag) -> None:
    flags.plant(flag)
    made = flags.make("copy", clone="checkout")
    assert [each["value"] for each in made["variations"]] == [each.value for each in flag.variations]
    assert flags.instruct({"kind": "turnFlagOn"}, key="copy").status_code == 400


def test_values_that_parameters_ask_for_are_asked_for_here_too(flags: Flags) -> None:
    flags.plant(a_bare_flag(Variation(ON, {"size": 1}), parameters=(Parameter("size", "number", 1),)))
    refused = flags.instruct(add({"size": "big"}))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert flags.instruct(add({"size": 2})).status_code == 200


def test_a_copy_serves_objects_as_its_source_does(flags: Flags) -> None:
    size = Parameter("size", "number", 1)
    flags.plant(a_bare_flag(Variation(ON, {"size": 2}, created_at=5, touched_at=7), parameters=(size,)))
    flags.make("copy", clone="checkout")
    with flags.surface.store.read() as reader:
        copy = reader.named(FLAG, Place("default"), "copy")
    assert copy is not None
    assert copy.parameters == (size,)
    (only,) = copy.variations
    assert (only.value, only.created_at, only.touched_at) == ({"size": 2}, 0, 0)
