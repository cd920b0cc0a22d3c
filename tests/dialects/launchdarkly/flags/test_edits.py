"""JSON patches and merge patches of a flag."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.launchdarkly.flags.builders import HERE, Flags, clause, ids
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

ENVIRONMENT = f"/environments/{HERE}"


def replaced(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def added(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def edited(flags: Flags, *operations: dict[str, Any], key: str = "checkout") -> Any:
    response = flags.patch({"patch": list(operations), "comment": "edited"}, key)
    assert response.status_code == 200, response.text
    return response.json()


def refused(flags: Flags, *operations: dict[str, Any], key: str = "checkout") -> tuple[int, list[str]]:
    """The status, and where something is wrong; nothing has changed."""
    before = flags.get(key)
    response = flags.patch(list(operations), key)
    assert flags.get(key) == before
    return response.status_code, [each["where"] for each in response.json().get("errors", [])]


# fields of the flag


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/name", "New"),
        ("/description", "Text"),
        ("/tags", ["a", "b"]),
        ("/temporary", False),
        ("/archived", True),
        ("/deprecated", True),
        ("/clientSideAvailability", {"usingMobileKey": False, "usingEnvironmentId": True}),
        ("/includeInSnippet", True),
        ("/customProperties", {"jira": {"name": "Jira", "value": ["A-1"]}}),
        ("/defaults", {"onVariation": 1, "offVariation": 0}),
    ],
)
def test_a_field_is_replaced(flags: Flags, path: str, value: Any) -> None:
    flags.make()
    assert edited(flags, replaced(path, value))[path[1:]] == value


def test_the_older_name_of_availability_is_kept_in_step(flags: Flags) -> None:
    flags.make()
    told = edited(flags, replaced("/includeInSnippet", True))
    assert told["clientSideAvailability"] == {"usingMobileKey": True, "usingEnvironmentId": True}


def test_what_is_taken_away_is_empty(flags: Flags) -> None:
    flags.make(description="Text", tags=["a"])
    told = edited(
        flags,
        {"op": "remove", "path": "/description"},
        {"op": "remove", "path": "/tags/0"},
        {"op": "remove", "path": "/maintainerId"},
    )
    assert (told["description"], told["tags"], "maintainerId" in told) == ("", [], False)


def test_a_merge_patch_changes_what_it_names(flags: Flags) -> None:
    flags.make(tags=["a"])
    merged = flags.patch({"description": "Text", "environments": {HERE: {"on": True}}}).json()
    assert (merged["description"], merged["tags"]) == ("Text", ["a"])
    assert (merged["environments"][HERE]["on"], merged["environments"]["test"]["on"]) == (True, False)
    commented = flags.patch({"comment": "why", "merge": {"description": None}})
    assert commented.json()["description"] == ""


def test_a_maintainer_is_a_member(flags: Flags) -> None:
    flags.make()
    assert refused(flags, replaced("/maintainerId", "nobody")) == (400, ["maintainerId"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/key", "other"),
        ("/kind", "multivariate"),
        ("/_version", 9),
        ("/creationDate", 9),
        ("/experiments/baselineIdx", 1),
        ("/newField", 1),
    ],
)
def test_what_is_not_to_be_changed_is_refused_by_name(flags: Flags, path: str, value: Any) -> None:
    flags.make()
    assert refused(flags, added(path, value)) == (400, [path.split("/")[1]])


@pytest.mark.parametrize("field", ["version", "salt", "sel", "lastModified", "_environmentName", "archived"])
def test_what_is_not_to_be_changed_in_an_environment_is_refused(flags: Flags, field: str) -> None:
    flags.make()
    where = f"environments.{HERE}.{field}"
    assert refused(flags, replaced(f"{ENVIRONMENT}/{field}", "other")) == (400, [where])


def test_every_fault_is_named_at_once(flags: Flags) -> None:
    flags.make()
    wrong = (replaced("/name", " "), replaced(f"{ENVIRONMENT}/offVariation", 7), replaced("/tags", [""]))
    assert refused(flags, *wrong) == (400, ["name", "tags", f"environments.{HERE}.offVariation"])


def test_a_patch_that_cannot_be_applied_is_told_apart(flags: Flags) -> None:
    flags.make()
    assert refused(flags, replaced("/nowhere/at/all", 1)) == (422, [])
    for path in ("/name", "/environments/nowhere/version", "/environments/~2/version"):
        assert refused(flags, {"op": "test", "path": path, "value": "x"}) == (422, [])


@pytest.mark.parametrize("path", ["/version", "/_version", f"{ENVIRONMENT}/version"])
def test_a_version_that_has_passed_is_a_conflict(flags: Flags, path: str) -> None:
    made = flags.make()
    versions = {f"{ENVIRONMENT}/version": made["environments"][HERE]["version"]}
    test = {"op": "test", "path": path, "value": versions.get(path, made["_version"])}
    assert edited(flags, test, replaced("/name", "New"))["name"] == "New"
    flags.told({"kind": "turnFlagOn"})
    assert refused(flags, test, replaced("/name", "Newer")) == (409, [])


# variations


def test_variations_keep_their_ids_by_name_or_by_place(flags: Flags) -> None:
    made = flags.make(variations=[{"value": "a"}, {"value": "b"}, {"value": "c"}])
    told = edited(
        flags,
        replaced("/variations/0/value", "A"),
        replaced("/variations/1", {"value": "B", "name": "Second"}),
        added("/variations/-", {"value": "d"}),
    )
    assert [each["value"] for each in told["variations"]] == ["A", "B", "c", "d"]
    assert ids(told)[:3] == ids(made)
    assert told["variations"][1]["name"] == "Second"


def test_a_variation_is_put_first_and_what_is_served_stays(flags: Flags) -> None:
    made = flags.make()
    told = edited(flags, added("/variations/0", {"value": "new"}))
    assert ids(told)[1:] == ids(made)
    assert told["environments"][HERE]["fallthrough"] == {"variation": 1}
    assert told["defaults"] == {"onVariation": 1, "offVariation": 2}


def test_a_variation_goes_with_all_that_served_it(flags: Flags) -> None:
    flags.make(variations=[{"value": "a"}, {"value": "b"}, {"value": "c"}])
    gone = {"op": "remove", "path": "/variations/2"}
    assert refused(flags, gone)[0] == 400
    told = edited(
        flags,
        gone,
        replaced("/defaults", {"onVariation": 0, "offVariation": 1}),
        replaced(f"{ENVIRONMENT}/offVariation", 1),
        replaced("/environments/test/offVariation", 1),
    )
    assert [each["value"] for each in told["variations"]] == ["a", "b"]
    assert told["environments"]["test"]["offVariation"] == 1


def test_two_variations_do_not_come_to_share_a_value(flags: Flags) -> None:
    flags.make()
    assert refused(flags, replaced("/variations/0/value", False)) == (400, ["variations"])


@pytest.mark.parametrize("index", [-1, 2])
def test_a_default_is_the_index_of_a_variation(flags: Flags, index: int) -> None:
    flags.make()
    assert refused(flags, replaced("/defaults/onVariation", index)) == (400, ["defaults.onVariation"])


# environments


def test_a_flag_is_turned_on_and_tracked(flags: Flags) -> None:
    flags.make()
    told = edited(flags, replaced(f"{ENVIRONMENT}/on", True), replaced(f"{ENVIRONMENT}/trackEvents", True))
    there = told["environments"][HERE]
    assert (there["on"], there["trackEvents"], there["trackEventsFallthrough"]) == (True, True, False)
    assert edited(flags, replaced(f"{ENVIRONMENT}/trackEventsFallthrough", True))


def test_the_fallthrough_is_a_variation_or_a_rollout_and_the_new_one_counts(flags: Flags) -> None:
    flags.make()
    weights = [{"variation": 0, "weight": 40_000}, {"variation": 1, "weight": 60_000, "_untracked": True}]
    rollout = {"variations": weights, "contextKind": "device", "bucketBy": "serial", "seed": 7}
    told = edited(flags, added(f"{ENVIRONMENT}/fallthrough/rollout", rollout))
    assert told["environments"][HERE]["fallthrough"] == {"rollout": rollout}
    merged = flags.patch({"environments": {HERE: {"fallthrough": {"variation": 1}}}}).json()
    assert merged["environments"][HERE]["fallthrough"] == {"variation": 1}


@pytest.mark.parametrize(
    "fallthrough",
    [
        {},
        {"variation": 7},
        {"variation": True},
        {"rollout": {"variations": [{"variation": 0, "weight": 1}]}},
        {"rollout": {"variations": [{"variation": 5, "weight": 100_000}]}},
        {"rollout": {"variations": [{"variation": 0, "weight": 100_000}], "seed": 2**63}},
        {
            "rollout": {
                "variations": [{"variation": 0, "weight": 100_000}],
                "experimentAllocation": {"defaultVariation": 0, "canReshuffle": True},
            }
        },
    ],
)
def test_a_fallthrough_that_serves_nothing_sensible_is_refused(flags: Flags, fallthrough: Any) -> None:
    flags.make()
    status, (where, *_) = refused(flags, replaced(f"{ENVIRONMENT}/fallthrough", fallthrough))
    assert status == 400
    assert where.startswith(f"environments.{HERE}.fallthrough")


def test_rules_come_change_and_go(flags: Flags) -> None:
    flags.make()
    path = f"{ENVIRONMENT}/rules"
    told = edited(flags, added(f"{path}/-", {"variation": 0, "clauses": [clause("SE")]}))
    (first,) = told["environments"][HERE]["rules"]
    assert len(first["_id"]) == 24
    told = edited(
        flags,
        added(f"{path}/0", {"variation": 1, "clauses": [clause("NO")], "description": "north"}),
        replaced(f"{path}/1/trackEvents", True),
        added(f"{path}/1/clauses/0/values/-", "DK"),
    )
    second, changed = told["environments"][HERE]["rules"]
    assert second["_id"] != first["_id"] == changed["_id"]
    assert changed["clauses"][0] == {**first["clauses"][0], "values": ["SE", "DK"]}
    assert changed["trackEvents"] is True
    told = edited(flags, {"op": "remove", "path": f"{path}/1"})
    assert told["environments"][HERE]["rules"] == [second]
    assert edited(flags, {"op": "remove", "path": path})["environments"][HERE]["rules"] == []


def test_a_copied_rule_has_an_id_of_its_own(flags: Flags) -> None:
    flags.make()
    path = f"{ENVIRONMENT}/rules"
    edited(flags, added(f"{path}/-", {"variation": 0, "clauses": [clause("SE")]}))
    told = edited(flags, {"op": "copy", "from": f"{path}/0", "path": f"{path}/-"})
    one, two = told["environments"][HERE]["rules"]
    assert one["_id"] != two["_id"]
    assert one["clauses"][0]["values"] == two["clauses"][0]["values"]


def test_targets_are_added_to_a_variation_or_with_it(flags: Flags) -> None:
    flags.make()
    edited(flags, added(f"{ENVIRONMENT}/targets/-", {"variation": 0, "values": ["ada"]}))
    told = edited(
        flags,
        added(f"{ENVIRONMENT}/targets/0/values/-", "bob"),
        added(f"{ENVIRONMENT}/contextTargets/-", {"variation": 1, "values": ["d"], "contextKind": "device"}),
    )
    there = told["environments"][HERE]
    assert there["targets"] == [{"values": ["ada", "bob"], "variation": 0, "contextKind": "user"}]
    assert there["contextTargets"] == [{"values": ["d"], "variation": 1, "contextKind": "device"}]


def test_a_prerequisite_is_named_by_index(flags: Flags) -> None:
    flags.make()
    flags.make("billing")
    path = f"{ENVIRONMENT}/prerequisites/-"
    told = edited(flags, added(path, {"key": "billing", "variation": 1}))
    assert told["environments"][HERE]["prerequisites"] == [{"key": "billing", "variation": 1}]
    for wrong in ({"key": "billing", "variation": 2}, {"key": "nothing", "variation": 0}):
        assert refused(flags, added(path, wrong))[0] == 400


def test_environments_neither_come_nor_go(flags: Flags) -> None:
    flags.make()
    config = flags.config()
    assert refused(flags, added("/environments/new", config)) == (400, ["environments.new"])
    gone = {"op": "remove", "path": "/environments/test"}
    assert refused(flags, gone) == (400, ["environments.test"])


def test_an_archived_flag_is_restored_and_turned_on_at_once(flags: Flags) -> None:
    flags.make()
    edited(flags, replaced("/archived", True))
    assert refused(flags, replaced(f"{ENVIRONMENT}/on", True))[0] == 400
    told = edited(flags, replaced("/archived", False), replaced(f"{ENVIRONMENT}/on", True))
    assert (told["archived"], told["environments"][HERE]["on"]) == (False, True)


def test_a_flag_is_turned_off_and_archived_at_once(flags: Flags) -> None:
    flags.make(isFlagOn=True)
    told = edited(flags, replaced("/archived", True), replaced(f"{ENVIRONMENT}/on", False))
    assert (told["archived"], told["environments"][HERE]["on"]) == (True, False)


# a dry run


def test_a_dry_run_shows_what_would_be_and_leaves_it(flags: Flags) -> None:
    made = flags.make()
    path = "/api/v2/flags/default/checkout?dryRun=true&ignoreConflicts=true"
    shown = flags.surface.call("PATCH", path, json=[replaced("/name", "New")])
    assert (shown.status_code, shown.json()["name"]) == (200, "New")
    assert flags.get() == made


# laws

INSTRUCTIONS: list[Any] = [
    {"kind": "turnFlagOn"},
    {"kind": "addTargets", "variationId": 0, "values": ["ada", "bob"]},
    {"kind": "addTargets", "variationId": 1, "values": ["d1"], "contextKind": "device"},
    {"kind": "addTargets", "variationId": 1, "values": ["cy"]},
    {"kind": "addRule", "variationId": 1, "clauses": [clause("SE", 1, None)], "ref": "r"},
    {"kind": "addRule", "rolloutWeights": {0: 30_000, 1: 70_000}, "clauses": [], "description": "d"},
    {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {0: 100_000}, "rolloutBucketBy": "x"},
    {"kind": "updateOffVariation", "variationId": 0},
    {"kind": "updateTrackEventsFallthrough", "trackEvents": True},
    {"kind": "addVariation", "value": {"a": [1, True]}, "name": "n"},
    {"kind": "addCustomProperties", "key": "k", "name": "n", "values": ["v"]},
    {"kind": "addTags", "values": ["a"]},
    {"kind": "deprecateFlag"},
]


def told_some(flags: Flags, chosen: list[int]) -> None:
    """Follows some of the instructions; variations stand in them by index."""
    variations = ids(flags.make())
    for index in chosen:
        said = dict(INSTRUCTIONS[index])
        if "variationId" in said:
            said["variationId"] = variations[said["variationId"]]
        if "rolloutWeights" in said:
            said["rolloutWeights"] = {variations[i]: weight for i, weight in said["rolloutWeights"].items()}
        flags.told(said)


@given(st.lists(st.integers(0, len(INSTRUCTIONS) - 1), unique=True, max_size=6), st.booleans())
def test_a_patch_with_the_document_as_it_is_changes_nothing(chosen: list[int], merge: bool) -> None:
    surface = Surface(MemoryStore())
    flags = Flags(surface)
    told_some(flags, chosen)
    shown = flags.get()
    whole = [replaced("/environments", shown["environments"]), replaced("/variations", shown["variations"])]
    response = flags.patch({"merge": shown} if merge else {"patch": whole})
    assert (response.status_code, response.json()) == (200, shown)
    surface.close()


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3), st.sampled_from(["user", "device"])
)
def test_to_add_targets_and_remove_them_changes_nothing(keys: list[str], kind: str) -> None:
    surface = Surface(MemoryStore())
    flags = Flags(surface)
    on, _ = ids(flags.make())
    before = flags.told({"kind": "addTargets", "variationId": on, "values": ["z"], "contextKind": kind})
    said = {"variationId": on, "values": keys, "contextKind": kind}
    told = flags.there({"kind": "addTargets", **said}, {"kind": "removeTargets", **said})
    assert told["targets"] == before["environments"][HERE]["targets"]
    assert told["contextTargets"] == before["environments"][HERE]["contextTargets"]
    surface.close()


@given(st.lists(st.integers(-(2**53), 2**53) | st.sampled_from("aZé🜁") | st.booleans(), max_size=4))
def test_to_add_a_rule_and_remove_it_changes_nothing(values: list[Any]) -> None:
    surface = Surface(MemoryStore())
    flags = Flags(surface)
    on, _ = ids(flags.make())
    said = {"kind": "addRule", "variationId": on, "clauses": [clause(*values)]}
    rule = flags.there(said)["rules"][0]["_id"]
    assert flags.there({"kind": "removeRule", "ruleId": rule})["rules"] == []
    surface.close()
