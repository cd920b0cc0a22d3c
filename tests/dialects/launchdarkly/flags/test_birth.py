"""Flags are made: with defaults, with all they can have, as a copy."""

from typing import Any
from uuid import UUID

import pytest

from tests.dialects.launchdarkly.flags.builders import FLAGS, HERE, Flags, clause, ids


def test_a_name_and_a_key_make_a_boolean_flag(flags: Flags) -> None:
    made = flags.make()
    assert (made["kind"], made["temporary"], made["archived"]) == ("boolean", True, False)
    assert [each["value"] for each in made["variations"]] == [True, False]
    assert [UUID(id).version for id in ids(made)] == [4, 4]
    assert made["defaults"] == {"onVariation": 0, "offVariation": 1}
    assert made["environments"].keys() == {"production", "test"}
    there = made["environments"][HERE]
    assert (there["on"], there["fallthrough"], there["offVariation"]) == (False, {"variation": 0}, 1)
    assert made["_maintainer"]["email"] == "owner@localhost"


def test_all_that_a_body_says_is_kept(flags: Flags) -> None:
    made = flags.make(
        description="Text",
        variations=[
            {"value": 1, "name": "One", "description": "first"},
            {"value": {"a": []}},
            {"value": "x"},
        ],
        defaults={"onVariation": 2, "offVariation": 0},
        temporary=False,
        tags=["a", "a", "b"],
        clientSideAvailability={"usingMobileKey": False, "usingEnvironmentId": True},
        customProperties={"jira": {"name": "Jira", "value": ["A-1"]}},
        isFlagOn=True,
        purpose="holdout",
    )
    assert made["kind"] == "multivariate"
    assert made["variations"][0] == {"_id": ids(made)[0], "value": 1, "name": "One", "description": "first"}
    assert made["defaults"] == {"onVariation": 2, "offVariation": 0}
    assert made["tags"] == ["a", "b"]
    assert made["clientSideAvailability"] == {"usingMobileKey": False, "usingEnvironmentId": True}
    assert made["includeInSnippet"] is True
    assert made["customProperties"] == {"jira": {"name": "Jira", "value": ["A-1"]}}
    assert made["_purpose"] == "holdout"
    assert all(each["on"] for each in made["environments"].values())


def test_the_older_name_of_availability_still_counts(flags: Flags) -> None:
    made = flags.make(includeInSnippet=True)
    assert made["clientSideAvailability"] == {"usingMobileKey": True, "usingEnvironmentId": True}


def test_the_first_and_the_last_variation_are_the_defaults(flags: Flags) -> None:
    made = flags.make(variations=[{"value": each} for each in "abc"])
    assert made["defaults"] == {"onVariation": 0, "offVariation": 2}


def test_prerequisites_hold_in_every_environment(flags: Flags) -> None:
    on, _ = ids(flags.make("billing"))
    made = flags.make(initialPrerequisites=[{"key": "billing", "variationId": on}])
    wanted = [[{"key": "billing", "variation": 0}]] * 2
    assert [each["prerequisites"] for each in made["environments"].values()] == wanted


def test_a_flag_that_comes_again_closes_no_circle(flags: Flags) -> None:
    """While a flag that needed it was archived, it was deleted."""
    (billing, _), (checkout, _) = ids(flags.make("billing")), ids(flags.make())
    flags.told({"kind": "addPrerequisite", "key": "billing", "variationId": billing})
    flags.told({"kind": "archiveFlag"})
    assert flags.surface.call("DELETE", f"{FLAGS}/billing").status_code == 204
    needs = {"initialPrerequisites": [{"key": "checkout", "variationId": checkout}]}
    refused = flags.surface.call("POST", FLAGS, json={"name": "B", "key": "billing", **needs})
    assert refused.status_code == 400
    assert [each["where"] for each in refused.json()["errors"]] == ["initialPrerequisites[0].key"]


def test_a_service_keeps_no_flag(flags: Flags) -> None:
    token = flags.surface.token("writer", "default", service=True)
    made = flags.surface.call("POST", FLAGS, json={"name": "A", "key": "a"}, token=token).json()
    assert "maintainerId" not in made


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"purpose": "migration"}, "purpose"),
        ({"migrationSettings": {"stageCount": 2}}, "migrationSettings"),
        ({"maintainerTeamKey": "team"}, "maintainerTeamKey"),
        ({"maintainerId": "nobody"}, "maintainerId"),
        ({"variations": [{"value": 1}]}, "variations"),
        ({"variations": [{"value": 1}, {"value": 1}]}, "variations"),
        ({"variations": [{"name": "x"}, {"value": 1}]}, "variations[0].value"),
        ({"defaults": {"onVariation": 2, "offVariation": 0}}, "defaults.onVariation"),
        ({"defaults": {"onVariation": 0}}, "defaults.offVariation"),
        ({"initialPrerequisites": [{"key": "x", "variationId": "y"}]}, "initialPrerequisites[0].key"),
        ({"name": ""}, "name"),
        ({"key": "a key"}, "key"),
        ({"tags": [""]}, "tags"),
    ],
)
def test_a_body_that_cannot_be_served_is_refused_by_place(flags: Flags, fields: Any, where: str) -> None:
    refused = flags.surface.call("POST", FLAGS, json={"name": "A", "key": "a", **fields})
    assert refused.status_code == 400
    assert [each["where"] for each in refused.json()["errors"]] == [where]
    assert flags.surface.call("GET", f"{FLAGS}/a").status_code == 404


def test_a_key_that_is_taken_is_refused(flags: Flags) -> None:
    flags.make()
    assert flags.surface.call("POST", FLAGS, json={"name": "B", "key": "checkout"}).status_code == 409


def test_a_clone_has_the_variations_and_the_targeting_of_its_source(flags: Flags) -> None:
    on, off = ids(flags.make())
    source = flags.told(
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "rolloutWeights": {on: 1_000, off: 99_000}, "clauses": [clause("SE")]},
        {"kind": "addTargets", "variationId": off, "values": ["ada"]},
    )
    made = flags.make("copy", clone="checkout")
    there, copied = source["environments"][HERE], made["environments"][HERE]
    for field in ("on", "rules", "targets", "fallthrough", "offVariation"):
        assert copied[field] == there[field], field
    assert not set(ids(made)) & set(ids(source))


def test_a_clone_has_no_variations_of_its_own_and_a_source_that_is_there(flags: Flags) -> None:
    flags.make()
    body = {"name": "B", "key": "b", "variations": [{"value": 1}, {"value": 2}]}
    assert flags.surface.call("POST", f"{FLAGS}?clone=checkout", json=body).status_code == 400
    assert flags.surface.call("POST", f"{FLAGS}?clone=nothing", json=body).status_code == 404
