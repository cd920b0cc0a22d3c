"""Environments over LaunchDarkly's surface."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.ports import Query, space_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create as CreateFlag
from equipoise.domain.flag.state import Fixed, Target
from equipoise.domain.identity import Place
from equipoise.domain.segment import SEGMENT
from equipoise.security.tokens import digest
from tests.dialects.launchdarkly.planted import planted, planted_and_running, planted_by_segment
from tests.domain.builders import OFF, ON, a_flag, a_rollout, a_rule, a_targeting
from tests.fixtures_surface import Surface, conforms

ALL = "/api/v2/projects/default/environments"
PRODUCTION = ALL + "/production"
STAGING = {"key": "staging", "name": "Staging", "color": "0055aa"}


def test_an_environment_is_made_as_said(surface: Surface) -> None:
    said: dict[str, Any] = {
        **STAGING,
        "defaultTtl": 10,
        "secureMode": True,
        "defaultTrackEvents": True,
        "confirmChanges": True,
        "requireComments": True,
        "tags": ["eu"],
        "critical": True,
    }
    made = surface.call("POST", ALL, json=said)
    document = conforms(made, "postEnvironment")
    assert made.status_code == 201
    assert {name: document[name] for name in said} == said
    shown = conforms(surface.call("GET", f"{ALL}/staging"), "getEnvironment")
    assert shown == document


def test_a_list_answers_what_it_is_asked(surface: Surface) -> None:
    surface.made(ALL, {**STAGING, "tags": ["eu"]})
    for query, keys in (
        ("sort=name", ["production", "staging", "test"]),
        ("filter=query:stag", ["staging"]),
        ("filter=tags:eu", ["staging"]),
        ("sort=name&limit=1&offset=2", ["test"]),
    ):
        found = conforms(surface.call("GET", f"{ALL}?{query}"), "getEnvironmentsByProject")
        assert [each["key"] for each in found["items"]] == keys


def test_a_key_that_is_taken_is_a_conflict(surface: Surface) -> None:
    refused = surface.call("POST", ALL, json={**STAGING, "key": "test"})
    assert conforms(refused, "postEnvironment")["code"] == "conflict"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"color": "blue"}, {"color"}),
        ({"defaultTtl": 61, "key": "a/b"}, {"defaultTtl", "key"}),
        ({"defaultTtl": "5", "tags": 1}, {"defaultTtl", "tags"}),
        ({"name": None}, {"name"}),
    ],
)
def test_every_violation_is_named(surface: Surface, said: dict[str, object], named: set[str]) -> None:
    refused = surface.call("POST", ALL, json={**STAGING, **said})
    assert {each["where"] for each in conforms(refused, "postEnvironment")["errors"]} == named


def test_an_environment_made_from_another_serves_what_that_serves(surface: Surface) -> None:
    there = a_targeting(
        off_variation=ON,
        fallthrough=a_rollout(),
        rules=(a_rule(serve=Fixed(OFF)),),
        targets=(Target(ON, ("ada",)),),
        track_events=True,
    )
    surface.plant((FLAG, None, CreateFlag(a_flag(targeting={"production": there}))))
    surface.made(ALL, {**STAGING, "source": {"key": "production"}})
    with surface.store.read() as reader:
        flag = reader.named(FLAG, Place("default"), "checkout")
    assert flag is not None
    copied = flag.targeting["staging"]
    assert replace(copied, changed_at=0) == replace(there, changed_at=0)


def test_there_is_nothing_to_copy_from_an_environment_that_is_not_there(surface: Surface) -> None:
    refused = surface.call("POST", ALL, json={**STAGING, "source": {"key": "nowhere"}})
    assert conforms(refused, "postEnvironment")["code"] == "not_found"
    assert surface.call("GET", f"{ALL}/staging").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Live"),
        ("color", "FFFFFF"),
        ("tags", ["a", "b"]),
        ("defaultTtl", 60),
        ("secureMode", True),
        ("defaultTrackEvents", True),
        ("requireComments", True),
        ("confirmChanges", True),
        ("critical", True),
    ],
)
def test_each_field_can_be_patched(surface: Surface, field: str, value: object) -> None:
    patched = surface.call("PATCH", PRODUCTION, json=[{"op": "replace", "path": f"/{field}", "value": value}])
    assert conforms(patched, "patchEnvironment")[field] == value


@pytest.mark.parametrize("field", ["key", "_id", "apiKey", "mobileKey", "approvalSettings"])
def test_what_is_fixed_cannot_be_patched(surface: Surface, field: str) -> None:
    patch = [
        {"op": "replace", "path": "/name", "value": "Half"},
        {"op": "add", "path": f"/{field}", "value": "new"},
    ]
    document = conforms(surface.call("PATCH", PRODUCTION, json=patch), "patchEnvironment")
    assert document["errors"] == [{"where": field, "rule": "cannot be changed"}]
    assert surface.call("GET", PRODUCTION).json()["name"] == "Production"


def test_a_patch_that_cannot_be_applied_tells_no_key(surface: Surface) -> None:
    secret = surface.call("GET", PRODUCTION).json()["apiKey"]
    refused = surface.call("PATCH", PRODUCTION, json=[{"op": "replace", "path": "/no/where", "value": 1}])
    assert refused.status_code == 422
    assert secret not in refused.text


@pytest.mark.parametrize(
    ("path", "field", "other"), [("apiKey", "apiKey", "mobileKey"), ("mobileKey", "mobileKey", "apiKey")]
)
def test_a_reset_renews_one_key_and_no_other(surface: Surface, path: str, field: str, other: str) -> None:
    before = surface.call("GET", PRODUCTION).json()
    operation = {"apiKey": "resetEnvironmentSDKKey", "mobileKey": "resetEnvironmentMobileKey"}[path]
    after = conforms(surface.call("POST", f"{PRODUCTION}/{path}?expiry=1800000000000"), operation)
    assert after[field] != before[field]
    assert after[other] == before[other]
    assert after == conforms(surface.call("GET", PRODUCTION), "getEnvironment")


def test_an_sdk_key_can_be_found_by_its_digest_alone(surface: Surface) -> None:
    shown = surface.call("GET", PRODUCTION).json()
    with surface.store.read() as reader:
        stored = reader.named(ENVIRONMENT, Place("default"), "production")
    assert stored is not None
    assert stored.sdk_key.digest == digest(shown["apiKey"])
    assert shown["apiKey"] not in stored.sdk_key.sealed


def test_readers_see_how_keys_end_and_writers_see_keys(surface: Surface) -> None:
    clear = surface.call("GET", PRODUCTION, token="writer").json()
    hidden = conforms(surface.call("GET", PRODUCTION, token="reader"), "getEnvironment")
    assert hidden["apiKey"] == "sdk-*****" + clear["apiKey"][-4:]
    assert hidden["mobileKey"] == "mob-*****" + clear["mobileKey"][-4:]
    listed = surface.call("GET", ALL, token="reader").text
    expanded = surface.call("GET", "/api/v2/projects/default?expand=environments", token="reader").text
    assert clear["apiKey"] not in listed + expanded


def test_whoever_is_narrowed_sees_keys_if_it_may_change_things(surface: Surface) -> None:
    clear = surface.call("GET", PRODUCTION).json()["apiKey"]
    changing = surface.token("writer", "default", acts=("read", "change"))
    making = surface.token("admin", "default", acts=("read", "create"))
    assert surface.call("GET", PRODUCTION, token=changing).json()["apiKey"] == clear
    assert surface.call("GET", PRODUCTION, token=making).json()["apiKey"] == "sdk-*****" + clear[-4:]


def test_what_is_kept_for_a_replay_holds_no_key(surface: Surface) -> None:
    headers = {"Idempotency-Key": "once"}
    first = surface.call("POST", f"{PRODUCTION}/apiKey", headers=headers).json()
    again = conforms(surface.call("POST", f"{PRODUCTION}/apiKey", headers=headers), "resetEnvironmentSDKKey")
    assert again["apiKey"] == "sdk-*****" + first["apiKey"][-4:]
    assert surface.call("GET", PRODUCTION).json()["apiKey"] == first["apiKey"]


def test_an_environment_goes_with_what_is_in_it_and_leaves_the_rest(surface: Surface) -> None:
    inside, beside = (
        surface.token("writer", "default", "production"),
        surface.token("writer", "default", "test"),
    )
    planted(surface)
    planted_by_segment(surface)
    conforms(surface.call("DELETE", PRODUCTION), "deleteEnvironment")
    assert surface.call("GET", PRODUCTION).status_code == 404
    assert surface.call("GET", ALL, token=inside).status_code == 401
    assert surface.call("GET", ALL, token=beside).status_code == 200
    with surface.store.read() as reader:
        flag = reader.named(FLAG, Place("default"), "checkout")
        assert flag is not None
        assert "production" not in flag.targeting
        assert reader.select(EXPERIMENT, Query(Place("default"), everywhere=True)).total == 0
        left = reader.select(SEGMENT, Query(Place("default"), everywhere=True)).items
        assert [each.environment for each in left] == ["test"]


def test_an_environment_stays_while_an_experiment_runs_in_it(surface: Surface) -> None:
    planted_and_running(surface)
    before = surface.rows(space_of("default"))
    assert surface.call("DELETE", PRODUCTION).status_code == 409
    assert surface.rows(space_of("default")) == before
    assert surface.call("DELETE", f"{ALL}/test").status_code == 204


def test_a_token_of_one_environment_knows_no_other(surface: Surface) -> None:
    confined = surface.token("admin", "default", "test")
    assert surface.call("GET", PRODUCTION, token=confined).status_code == 404
    found = conforms(surface.call("GET", ALL, token=confined), "getEnvironmentsByProject")
    assert ([each["key"] for each in found["items"]], found["totalCount"]) == (["test"], 1)
    assert surface.call("POST", ALL, json=STAGING, token=confined).status_code == 403
    assert surface.call("POST", f"{PRODUCTION}/apiKey", token=confined).status_code == 404
    assert surface.call("POST", f"{ALL}/test/apiKey", token=confined).status_code == 200


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_only_admins_shape_environments(surface: Surface, role: str) -> None:
    patch = [{"op": "replace", "path": "/name", "value": "Mine"}]
    asked = [
        ("postEnvironment", surface.call("POST", ALL, json=STAGING, token=role)),
        ("patchEnvironment", surface.call("PATCH", PRODUCTION, json=patch, token=role)),
        ("deleteEnvironment", surface.call("DELETE", PRODUCTION, token=role)),
        ("resetEnvironmentSDKKey", surface.call("POST", f"{PRODUCTION}/apiKey", token=role)),
        ("resetEnvironmentMobileKey", surface.call("POST", f"{PRODUCTION}/mobileKey", token=role)),
    ]
    assert {conforms(refused, operation)["code"] for operation, refused in asked} == {"forbidden"}
