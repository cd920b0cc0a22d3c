"""Lists of flags: pages, filters, orders."""

from typing import Any

import pytest

from equipoise.dialects.launchdarkly.flags.filters import pairs
from equipoise.domain.errors import Invalid
from tests.dialects.launchdarkly.flags.builders import FLAGS, HERE, Flags, ids
from tests.fixtures_surface import conforms


@pytest.fixture
def listed(flags: Flags) -> Flags:
    """apple (temporary, tags a b), Berry (permanent, tag a), cherry (deprecated), date (archived)."""
    made: dict[str, dict[str, Any]] = {
        "apple": {"tags": ["a", "b"]},
        "berry": {"tags": ["a"], "temporary": False, "name": "Zz Berry"},
        "cherry": {"clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False}},
        "date": {},
    }
    for key, fields in made.items():
        flags.make(key, **fields)
        flags.surface.clock.pass_ms(1_000)
    flags.told({"kind": "deprecateFlag"}, key="cherry")
    flags.told({"kind": "archiveFlag"}, key="date")
    return flags


def asked(flags: Flags, **params: Any) -> Any:
    response = flags.surface.call("GET", FLAGS, params=params)
    assert response.status_code == 200, response.text
    return conforms(response, "getFeatureFlags")


def keys(flags: Flags, **params: Any) -> list[str]:
    return [each["key"] for each in asked(flags, **params)["items"]]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("", ["apple", "berry", "cherry"]),
        ("query:ERR", ["berry", "cherry"]),
        ("tags:a", ["apple", "berry"]),
        ("tags:a+b", ["apple"]),
        ("archived:true", ["date"]),
        ("archived:false", ["apple", "berry", "cherry"]),
        ("state:live", ["apple", "berry"]),
        ("state:deprecated", ["cherry"]),
        ("state:archived", ["date"]),
        ("type:permanent", ["berry"]),
        ("type:temporary,query:apple", ["apple"]),
        ("sdkAvailability:server", ["cherry"]),
        ("sdkAvailability:mobile", ["apple", "berry"]),
        ("sdkAvailability:client", []),
        ("sdkAvailability:anyClient", ["apple", "berry"]),
        ("maintainerId:nobody", []),
        ("hasExperiment:false,filterEnv:production", ["apple", "berry", "cherry"]),
        ('creationDate:{"before":1},type:permanent', []),
        ('creationDate:{"after":1,"before":99999999999999},type:permanent', ["berry"]),
    ],
)
def test_a_filter_narrows_the_list(listed: Flags, filter: str, found: list[str]) -> None:
    assert sorted(keys(listed, filter=filter)) == found


def test_flags_with_an_experiment_are_found_where_it_is(listed: Flags) -> None:
    listed.run_experiment("apple")
    assert keys(listed, filter="hasExperiment:true") == ["apple"]
    assert keys(listed, filter=f"hasExperiment:true,filterEnv:{HERE}") == ["apple"]
    assert keys(listed, filter="hasExperiment:true,filterEnv:test") == []


def test_the_older_parameters_still_count(listed: Flags) -> None:
    assert sorted(keys(listed, tag="a")) == ["apple", "berry"]
    assert keys(listed, archived="true") == ["date"]


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "colour:red"},
        {"filter": "archived"},
        {"filter": "state:dead"},
        {"filter": "type:both"},
        {"filter": "hasExperiment:maybe"},
        {"filter": "filterEnv:nowhere"},
        {"filter": "sdkAvailability:all"},
        {"filter": "creationDate:soon"},
        {"filter": 'creationDate:{"before":1'},
        {"sort": "colour"},
        {"sort": "targetingModifiedDate"},
        {"sort": "name,targetingModifiedDate", "env": HERE},
        {"env": "nowhere"},
        {"limit": "x"},
    ],
)
def test_what_nobody_can_look_for_is_refused(listed: Flags, params: dict[str, str]) -> None:
    refused = listed.surface.call("GET", FLAGS, params=params)
    assert refused.status_code == 400
    conforms(refused, "getFeatureFlags")


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("key", "apple"),
        ("-key", "cherry"),
        ("-name", "berry"),
        ("type,key", "berry"),
        ("-tags", "apple"),
        ("maintainerId,-key", "cherry"),
        ("creationDate,key", "apple"),
    ],
)
def test_the_list_is_sorted(listed: Flags, sort: str, first: str) -> None:
    assert keys(listed, sort=sort)[0] == first


def test_the_flag_whose_targeting_changed_last_comes_first(listed: Flags) -> None:
    listed.surface.clock.now = 1_800_000_000_000
    listed.told({"kind": "turnFlagOn"}, key="berry")
    assert keys(listed, sort="-targetingModifiedDate", env=HERE)[0] == "berry"


@pytest.mark.parametrize("filter", ["", "type:temporary"])
def test_pages_are_linked(listed: Flags, filter: str) -> None:
    whole = keys(listed, filter=filter, sort="key")
    page = asked(listed, filter=filter, sort="key", limit=1, offset=1)
    assert [each["key"] for each in page["items"]] == whole[1:2]
    assert page["totalCount"] == len(whole)
    assert {"self", "first", "prev"} <= page["_links"].keys()
    assert ("next" in page["_links"]) is (len(whole) > 2)


def test_environments_are_shown_where_they_are_asked_for(listed: Flags) -> None:
    assert "environments" not in asked(listed)["items"][0]
    shown = asked(listed, env=f"{HERE},test")["items"][0]["environments"]
    assert shown.keys() == {HERE, "test"}
    assert "rules" not in shown[HERE]
    assert shown[HERE]["_summary"]["prerequisites"] == 0
    whole = asked(listed, env=HERE, summary="0")["items"][0]["environments"]
    assert whole.keys() == {HERE}
    assert whole[HERE]["rules"] == []


def test_a_summary_counts_where_a_variation_is_served(flags: Flags) -> None:
    on, off = ids(flags.make())
    flags.told(
        {"kind": "addTargets", "variationId": on, "values": ["a", "b"]},
        {"kind": "addTargets", "variationId": on, "values": ["d"], "contextKind": "device"},
        {"kind": "addRule", "variationId": on, "clauses": []},
        {
            "kind": "addRule",
            "rolloutWeights": {on: 1_000, off: 99_000},
            "clauses": [{"op": "in", "attribute": "x", "values": []}],
        },
    )
    summary = asked(flags, env=HERE)["items"][0]["environments"][HERE]["_summary"]["variations"]
    assert summary["0"] == {
        "rules": 2,
        "nullRules": 1,
        "targets": 2,
        "contextTargets": 1,
        "isFallthrough": True,
    }
    assert summary["1"] == {"rules": 1, "nullRules": 0, "targets": 0, "contextTargets": 0, "isOff": True}


def test_commas_inside_braces_do_not_part_a_filter() -> None:
    text = 'creationDate:{"before":1,"after":0}, state:live'
    assert list(pairs(text)) == [("creationDate", '{"before":1,"after":0}'), ("state", "live")]
    with pytest.raises(Invalid):
        list(pairs("nothing"))
