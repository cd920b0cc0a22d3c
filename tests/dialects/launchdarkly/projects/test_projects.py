"""Projects over LaunchDarkly's surface."""

import re

import pytest

from equipoise.application.ports import Query, space_of
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.nouns import NOUNS
from equipoise.domain.project import PROJECT
from tests.dialects.launchdarkly.planted import planted, planted_and_running, planted_by_segment
from tests.fixtures_surface import Surface, conforms

PROJECTS = "/api/v2/projects"
SHOP = {"key": "shop", "name": "Shop"}


def test_a_project_is_born_with_test_and_production(surface: Surface) -> None:
    made = surface.call("POST", PROJECTS, json=SHOP)
    document = conforms(made, "postProject")
    assert made.status_code == 201
    assert [each["key"] for each in document["environments"]] == ["test", "production"]


def test_its_environments_have_keys_of_their_own(surface: Surface) -> None:
    environments = surface.made(PROJECTS, SHOP)["environments"]
    assert all(re.fullmatch(r"[0-9a-f]{24}", each["_id"]) for each in environments)
    keys = [each[name] for each in environments for name in ("apiKey", "mobileKey")]
    assert [key[:4] for key in keys] == ["sdk-", "mob-", "sdk-", "mob-"]
    assert len(set(keys)) == 4


def test_the_environments_it_names_are_made_instead(surface: Surface) -> None:
    said = {"key": "eu", "name": "Europe", "color": "0055AA", "defaultTtl": 5, "critical": True}
    (made,) = surface.made(PROJECTS, {**SHOP, "environments": [said]})["environments"]
    assert {name: made[name] for name in said} == said


def test_its_maker_is_its_first_member(surface: Surface) -> None:
    surface.made(PROJECTS, SHOP)
    with surface.store.read() as reader:
        shop = reader.named(PROJECT, INSTANCE, "shop")
    assert shop is not None
    assert [(each.id, each.email) for each in shop.members] == [(surface.owner, "owner@localhost")]


@pytest.mark.parametrize(
    ("said", "mobile", "browser"),
    [
        ({}, True, False),
        ({"includeInSnippetByDefault": True}, True, True),
        (
            {"defaultClientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": True}},
            False,
            True,
        ),
    ],
)
def test_new_flags_are_for_the_sdks_it_names(
    surface: Surface, said: dict[str, object], mobile: bool, browser: bool
) -> None:
    made = surface.made(PROJECTS, {**SHOP, **said})
    assert made["defaultClientSideAvailability"] == {"usingMobileKey": mobile, "usingEnvironmentId": browser}
    assert made["includeInSnippetByDefault"] is browser


def test_a_key_that_is_taken_is_a_conflict(surface: Surface) -> None:
    refused = surface.call("POST", PROJECTS, json={"key": "default", "name": "Another"})
    assert conforms(refused, "postProject")["code"] == "conflict"
    assert refused.status_code == 409


def test_every_violation_is_named_at_once_and_nothing_is_made(surface: Surface) -> None:
    environment = {"key": "a b", "name": "A", "color": "blue", "defaultTtl": 99}
    said = {"key": "no spaces", "name": " ", "environments": [environment]}
    refused = surface.call("POST", PROJECTS, json=said)
    found = {each["where"] for each in conforms(refused, "postProject")["errors"]}
    assert refused.status_code == 400
    assert found == {"key", "name"} | {
        f"environments[0].{each}" for each in ("key", "color", "defaultTtl", "project")
    }
    assert surface.call("GET", PROJECTS).json()["totalCount"] == 1


@pytest.mark.parametrize(
    "said",
    [
        {"name": "without a key"},
        {**SHOP, "tags": "one"},
        {**SHOP, "environments": []},
        {**SHOP, "environments": [{"key": "a", "name": "A"}]},
        {**SHOP, "environments": [{"key": "a", "name": "A", "color": "000000"}] * 2},
        {**SHOP, "environments": [{"key": "a", "name": "A", "color": "000000", "source": {"key": "test"}}]},
        {**SHOP, "namingConvention": {"case": "camelCase"}},
    ],
)
def test_what_is_not_well_said_makes_no_project(surface: Surface, said: dict[str, object]) -> None:
    refused = surface.call("POST", PROJECTS, json=said)
    assert conforms(refused, "postProject")["code"] == "invalid_request"
    assert surface.call("GET", f"{PROJECTS}/shop").status_code == 404


def test_environments_are_shown_where_they_are_expanded(surface: Surface) -> None:
    plain = conforms(surface.call("GET", f"{PROJECTS}/default"), "getProject")
    expanded = conforms(surface.call("GET", f"{PROJECTS}/default?expand=environments"), "getProject")
    assert "environments" not in plain
    assert expanded["environments"]["totalCount"] == 2
    listed = conforms(surface.call("GET", f"{PROJECTS}?expand=environments"), "getProjects")
    assert len(listed["items"][0]["environments"]["items"]) == 2


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["default", "shop", "till"]),
        ("sort=-name", ["till", "shop", "default"]),
        ("sort=-createdOn", ["till", "shop", "default"]),
        ("filter=query:SHO", ["shop"]),
        ("filter=tags:eu%2Bretail", ["shop"]),
        ("filter=tags:eu", ["shop", "till"]),
        ("filter=keys:till%7Cshop", ["shop", "till"]),
        ("filter=keys:till|shop,tags:retail", ["shop"]),
        ("limit=1&offset=1", ["shop"]),
        ("offset=9", []),
    ],
)
def test_a_list_answers_what_it_is_asked(surface: Surface, query: str, keys: list[str]) -> None:
    for key, tags in (("shop", ["eu", "retail"]), ("till", ["eu"])):
        surface.clock.pass_ms(1_000)
        surface.made(PROJECTS, {"key": key, "name": key.title(), "tags": tags})
    found = conforms(surface.call("GET", f"{PROJECTS}?{query}"), "getProjects")
    assert [each["key"] for each in found["items"]] == keys


def test_a_list_links_the_pages_there_are(surface: Surface) -> None:
    for key in ("one", "two", "three"):
        surface.made(PROJECTS, {"key": key, "name": key})
    links = surface.call("GET", f"{PROJECTS}?limit=2").json()["_links"]
    assert links.keys() == {"self", "next", "last"}
    second = surface.call("GET", links["next"]["href"]).json()
    assert second["totalCount"] == 4
    assert second["_links"].keys() == {"self", "first", "prev"}


@pytest.mark.parametrize("query", ["sort=color", "filter=shape:round", "filter=query", "limit=-1", "limit=x"])
def test_a_list_refuses_what_it_does_not_know(surface: Surface, query: str) -> None:
    assert conforms(surface.call("GET", f"{PROJECTS}?{query}"), "getProjects")["code"] == "invalid_request"


def test_a_patch_changes_what_it_names(surface: Surface) -> None:
    patch = [
        {"op": "replace", "path": "/name", "value": "Renamed"},
        {"op": "add", "path": "/tags/-", "value": "new"},
        {"op": "replace", "path": "/defaultClientSideAvailability/usingEnvironmentId", "value": True},
    ]
    document = conforms(surface.call("PATCH", f"{PROJECTS}/default", json=patch), "patchProject")
    assert (document["name"], document["tags"]) == ("Renamed", ["new"])
    assert document["includeInSnippetByDefault"] is True
    assert len(document["environments"]) == 2


def test_the_comment_of_a_patch_is_kept_in_the_log(surface: Surface) -> None:
    patch = {"patch": [{"op": "replace", "path": "/name", "value": "Renamed"}], "comment": "a new name"}
    surface.call("PATCH", f"{PROJECTS}/default", json=patch)
    assert surface.rows(space_of("default"))[-1].comment == "a new name"


def test_a_patch_that_changes_nothing_writes_nothing(surface: Surface) -> None:
    before = surface.rows(space_of("default"))
    patch = [{"op": "replace", "path": "/name", "value": "Default"}]
    assert surface.call("PATCH", f"{PROJECTS}/default", json=patch).status_code == 200
    assert surface.rows(space_of("default")) == before


@pytest.mark.parametrize(
    ("patch", "status", "named"),
    [
        ([{"op": "replace", "path": "/key", "value": "other"}], 400, {"key"}),
        (
            [
                {"op": "remove", "path": "/_id"},
                {"op": "add", "path": "/environments", "value": []},
                {"op": "replace", "path": "/name", "value": "Half"},
            ],
            400,
            {"_id", "environments"},
        ),
        ([{"op": "replace", "path": "/name", "value": 7}], 400, {"name"}),
        (
            [{"op": "replace", "path": "/name", "value": ""}, {"op": "add", "path": "/tags/0", "value": ""}],
            400,
            {"name", "tags"},
        ),
        ([{"op": "replace", "path": "/nowhere/at", "value": 1}], 422, set()),
        ([{"op": "test", "path": "/name", "value": "Wrong"}], 422, set()),
        ({"instructions": [{"kind": "updateName", "value": "x"}]}, 400, {"instructions"}),
    ],
)
def test_a_bad_patch_changes_nothing(surface: Surface, patch: object, status: int, named: set[str]) -> None:
    refused = surface.call("PATCH", f"{PROJECTS}/default", json=patch)
    document = conforms(refused, "patchProject")
    assert refused.status_code == status
    assert {each["where"] for each in document.get("errors", ())} == named
    assert surface.call("GET", f"{PROJECTS}/default").json()["name"] == "Default"


def test_a_project_goes_with_all_that_is_in_it(surface: Surface) -> None:
    inside = surface.token("writer", "default", "test")
    planted(surface)
    planted_by_segment(surface)
    gone = surface.call("DELETE", f"{PROJECTS}/default")
    conforms(gone, "deleteProject")
    assert surface.call("GET", f"{PROJECTS}/default").status_code == 404
    assert surface.call("GET", PROJECTS, token=inside).status_code == 401
    with surface.store.read() as reader:
        for noun in ("environment", "flag", "metric", "segment", "experiment"):
            assert reader.select(NOUNS[noun], Query(Place("default"), everywhere=True)).total == 0


def test_a_project_stays_while_an_experiment_runs_in_it(surface: Surface) -> None:
    planted_and_running(surface)
    refused = surface.call("DELETE", f"{PROJECTS}/default")
    assert refused.status_code == 409
    assert surface.call("GET", f"{PROJECTS}/default").status_code == 200


def test_a_token_of_another_project_does_not_know_of_it(surface: Surface) -> None:
    surface.made(PROJECTS, SHOP)
    stranger = surface.token("admin", "shop")
    assert (
        conforms(surface.call("GET", f"{PROJECTS}/default", token=stranger), "getProject")["code"]
        == "not_found"
    )
    assert [each["key"] for each in surface.call("GET", PROJECTS, token=stranger).json()["items"]] == ["shop"]
    assert surface.call("GET", f"{PROJECTS}?filter=keys:default", token=stranger).json()["totalCount"] == 0
    assert surface.call("DELETE", f"{PROJECTS}/default", token=stranger).status_code == 404


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_only_admins_shape_projects(surface: Surface, role: str) -> None:
    patch = [{"op": "replace", "path": "/name", "value": "Mine"}]
    asked = [
        ("postProject", surface.call("POST", PROJECTS, json=SHOP, token=role)),
        ("patchProject", surface.call("PATCH", f"{PROJECTS}/default", json=patch, token=role)),
        ("deleteProject", surface.call("DELETE", f"{PROJECTS}/default", token=role)),
    ]
    assert {conforms(refused, operation)["code"] for operation, refused in asked} == {"forbidden"}


def test_an_admin_of_one_project_makes_no_other(surface: Surface) -> None:
    confined = surface.token("admin", "default")
    assert surface.call("POST", PROJECTS, json=SHOP, token=confined).status_code == 403


def test_what_is_kept_for_a_replay_holds_no_key(surface: Surface) -> None:
    headers = {"Idempotency-Key": "once"}
    first = surface.call("POST", PROJECTS, json=SHOP, headers=headers)
    again = surface.call("POST", PROJECTS, json=SHOP, headers=headers)
    shown = [each["apiKey"] for each in conforms(again, "postProject")["environments"]]
    assert again.status_code == 201
    assert all(key.startswith("sdk-*****") for key in shown)
    assert [key[-4:] for key in shown] == [each["apiKey"][-4:] for each in first.json()["environments"]]


def test_a_dry_run_makes_nothing(surface: Surface) -> None:
    dry = surface.call("POST", f"{PROJECTS}?dryRun=true", json=SHOP)
    assert conforms(dry, "postProject")["key"] == "shop"
    assert surface.call("GET", f"{PROJECTS}/shop").status_code == 404


def test_a_stale_if_match_changes_nothing(surface: Surface) -> None:
    tag = surface.call("GET", f"{PROJECTS}/default").headers["ETag"]
    patch = [{"op": "replace", "path": "/name", "value": "First"}]
    assert (
        surface.call("PATCH", f"{PROJECTS}/default", json=patch, headers={"If-Match": tag}).status_code == 200
    )
    patch[0]["value"] = "Second"
    stale = surface.call("PATCH", f"{PROJECTS}/default", json=patch, headers={"If-Match": tag})
    assert conforms(stale, "patchProject")["code"] == "precondition_failed"
    assert surface.call("GET", f"{PROJECTS}/default").json()["name"] == "First"
