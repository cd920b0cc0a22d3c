"""Context kinds and experimentation settings over LaunchDarkly's surface."""

from typing import Any

import pytest

from equipoise.application.ports import space_of
from tests.fixtures_surface import Surface, conforms

KINDS = "/api/v2/projects/default/context-kinds"
SETTINGS = "/api/v2/projects/default/experimentation-settings"


def kinds(surface: Surface) -> dict[str, Any]:
    found = conforms(surface.call("GET", KINDS), "getContextKindsByProjectKey")
    return {each["key"]: each for each in found["items"]}


def put(surface: Surface, key: str, **said: Any) -> Any:
    return conforms(surface.call("PUT", f"{KINDS}/{key}", json=said, token="writer"), "putContextKind")


def units(*said: Any) -> dict[str, Any]:
    return {"randomizationUnits": list(said)}


def test_a_project_knows_users_and_devices(surface: Surface) -> None:
    found = kinds(surface)
    assert found.keys() == {"user", "device"}
    assert {each["createdFrom"] for each in found.values()} == {"default"}


def test_a_kind_that_is_not_there_is_made(surface: Surface) -> None:
    surface.clock.pass_ms(5)
    assert put(surface, "organisation", name="Organisation", description="A customer")["status"] == "success"
    made = kinds(surface)["organisation"]
    assert (made["name"], made["description"], made["version"]) == ("Organisation", "A customer", 1)
    assert (made["creationDate"], made["createdFrom"]) == (surface.clock(), "manual")


def test_only_what_is_said_changes(surface: Surface) -> None:
    put(surface, "organisation", name="Organisation", description="A customer", archived=True)
    surface.clock.pass_ms(5)
    put(surface, "organisation", name="Company")
    after = kinds(surface)["organisation"]
    assert (after["name"], after["description"], after["archived"]) == ("Company", "A customer", True)
    assert (after["version"], after["lastModified"]) == (2, surface.clock())


def test_what_changes_nothing_is_no_new_version(surface: Surface) -> None:
    before = surface.rows(space_of("default"))
    put(surface, "user", name="User")
    assert surface.rows(space_of("default")) == before


def test_hidden_in_targeting_is_archived_by_another_name(surface: Surface) -> None:
    put(surface, "guest", name="Guest", hideInTargeting=True)
    assert kinds(surface)["guest"]["archived"] is True
    put(surface, "guest", name="Guest", archived=False)
    assert kinds(surface)["guest"]["hideInTargeting"] is False


def test_a_version_that_was_left_behind_is_a_conflict(surface: Surface) -> None:
    put(surface, "guest", name="Guest", version=1)
    put(surface, "guest", name="Visitor", version=1)
    refused = surface.call("PUT", f"{KINDS}/guest", json={"name": "Stranger", "version": 1})
    assert conforms(refused, "putContextKind")["code"] == "optimistic_locking_error"
    assert kinds(surface)["guest"]["name"] == "Visitor"


@pytest.mark.parametrize(
    ("key", "said", "named"),
    [
        ("guest", {}, {"name"}),
        ("guest", {"name": "", "description": "x" * 5_000}, {"name", "description"}),
        ("a%2Fb", {"name": "Slashed"}, {"key"}),
    ],
)
def test_every_violation_of_a_kind_is_named(
    surface: Surface, key: str, said: dict[str, object], named: set[str]
) -> None:
    assert {each["where"] for each in put(surface, key, **said)["errors"]} == named


def test_a_unit_of_randomisation_is_not_archived(surface: Surface) -> None:
    assert put(surface, "user", name="User", archived=True)["code"] == "invalid_request"


def test_the_settings_name_the_units_and_the_default(surface: Surface) -> None:
    found = conforms(surface.call("GET", SETTINGS), "getExperimentationSettings")
    assert found["_projectKey"] == "default"
    assert found["randomizationUnits"] == [
        {"randomizationUnit": "user", "default": True, "_hidden": False, "_displayName": "User"},
        {"randomizationUnit": "device", "default": False, "_hidden": False, "_displayName": "Device"},
    ]


def test_putting_the_settings_replaces_all_units(surface: Surface) -> None:
    said = units({"randomizationUnit": "device", "default": True, "standardRandomizationUnit": "user"})
    put_ = surface.call("PUT", SETTINGS, json=said, token="writer")
    after = conforms(put_, "putExperimentationSettings")
    assert [each["randomizationUnit"] for each in after["randomizationUnits"]] == ["device"]
    assert after == conforms(surface.call("GET", SETTINGS), "getExperimentationSettings")


@pytest.mark.parametrize(
    "said",
    [
        units({"randomizationUnit": "nobody"}),
        units({"randomizationUnit": "user"}, {"randomizationUnit": "user"}),
        units(
            {"randomizationUnit": "user", "default": True}, {"randomizationUnit": "device", "default": True}
        ),
    ],
)
def test_unsound_settings_change_nothing(surface: Surface, said: dict[str, object]) -> None:
    before = surface.call("GET", SETTINGS).json()
    refused = conforms(surface.call("PUT", SETTINGS, json=said), "putExperimentationSettings")
    assert {each["where"] for each in refused["errors"]} == {"randomizationUnits"}
    assert surface.call("GET", SETTINGS).json() == before


def test_readers_change_neither(surface: Surface) -> None:
    kind = surface.call("PUT", f"{KINDS}/guest", json={"name": "Guest"}, token="reader")
    settings = surface.call("PUT", SETTINGS, json=units(), token="reader")
    assert conforms(kind, "putContextKind")["code"] == "forbidden"
    assert conforms(settings, "putExperimentationSettings")["code"] == "forbidden"


def test_a_project_that_is_not_there_has_neither(surface: Surface) -> None:
    elsewhere = "/api/v2/projects/elsewhere"
    kind = surface.call("GET", f"{elsewhere}/context-kinds")
    settings = surface.call("PUT", f"{elsewhere}/experimentation-settings", json=units())
    assert conforms(kind, "getContextKindsByProjectKey")["code"] == "not_found"
    assert conforms(settings, "putExperimentationSettings")["code"] == "not_found"
