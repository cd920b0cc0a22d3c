"""Tokens over LaunchDarkly's surface."""

from typing import Any

import pytest

from tests.fixtures_surface import Surface, conforms

TOKENS = "/api/v2/tokens"


def make(surface: Surface, token: str = "admin", **said: Any) -> Any:
    made = surface.call("POST", TOKENS, json=said, token=token)
    assert made.status_code == 201, made.text
    return conforms(made, "postToken")


def test_a_new_token_is_shown_whole_once(surface: Surface) -> None:
    made = make(surface, name="ci", role="writer")
    shown = conforms(surface.call("GET", f"{TOKENS}/{made['_id']}"), "getToken")
    assert made["token"].startswith("api-")
    assert shown == {**made, "token": made["token"][-4:]}


def test_a_new_token_opens_what_its_role_allows(surface: Surface) -> None:
    made = make(surface, role="reader")
    assert surface.call("GET", "/api/v2/projects", token=made["token"]).status_code == 200
    assert surface.call("POST", TOKENS, json={}, token=made["token"]).status_code == 403


def test_a_narrowed_token_hands_out_none(surface: Surface) -> None:
    narrowed = surface.token("admin", acts=("read", "create", "change", "delete"))
    id = conforms(surface.call("GET", TOKENS, token=narrowed), "getTokens")["items"][0]["_id"]
    rename = [{"op": "replace", "path": "/name", "value": "mine"}]
    for method, path, said in (
        ("POST", TOKENS, {"role": "reader"}),
        ("PATCH", f"{TOKENS}/{id}", rename),
        ("POST", f"{TOKENS}/{id}/reset", None),
        ("DELETE", f"{TOKENS}/{id}", None),
    ):
        assert surface.call(method, path, json=said, token=narrowed).status_code == 403


def test_a_replay_shows_no_secret(surface: Surface) -> None:
    headers = {"Idempotency-Key": "once"}
    first = surface.call("POST", TOKENS, json={"name": "ci"}, headers=headers).json()
    again = conforms(surface.call("POST", TOKENS, json={"name": "ci"}, headers=headers), "postToken")
    assert again == {**first, "token": first["token"][-4:]}
    assert surface.call("GET", TOKENS).json()["totalCount"] == 4


def test_the_store_holds_no_secret(surface: Surface) -> None:
    secret = make(surface)["token"]
    assert all(secret not in str(row) for row in surface.rows("0"))


def test_a_token_keeps_what_is_said_of_it(surface: Surface) -> None:
    said: dict[str, Any] = {"name": "ci", "description": "builds", "role": "writer", "serviceToken": True}
    made = make(surface, **said, defaultApiVersion=20220603, expiry=surface.clock() + 1)
    assert {name: made[name] for name in said} == said
    assert (made["defaultApiVersion"], made["expiry"]) == (20220603, surface.clock() + 1)
    assert made["memberId"] == surface.owner


def test_an_expired_token_opens_nothing(surface: Surface) -> None:
    made = make(surface, expiry=surface.clock() + 1_000)
    assert surface.call("GET", "/api/v2/projects", token=made["token"]).status_code == 200
    surface.clock.pass_ms(1_000)
    assert surface.call("GET", "/api/v2/projects", token=made["token"]).status_code == 401


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"role": "owner"}, {"role"}),
        ({"expiry": 1}, {"expiry"}),
        ({"expiry": "tomorrow", "name": 5}, {"expiry", "name"}),
        ({"customRoleIds": ["ops"], "inlineRole": [{"effect": "allow"}]}, {"customRoleIds", "inlineRole"}),
    ],
)
def test_every_violation_is_named_and_no_token_made(
    surface: Surface, said: dict[str, object], named: set[str]
) -> None:
    refused = surface.call("POST", TOKENS, json=said)
    assert {each["where"] for each in conforms(refused, "postToken")["errors"]} == named
    assert surface.call("GET", TOKENS).json()["totalCount"] == 3


def test_a_token_is_confined_as_its_maker_is(surface: Surface) -> None:
    surface.made("/api/v2/projects", {"key": "shop", "name": "Shop"})
    confined = surface.token("admin", "default", "test")
    made = make(surface, token=confined, role="admin")
    listed = surface.call("GET", "/api/v2/projects", token=made["token"]).json()
    assert [each["key"] for each in listed["items"]] == ["default"]
    environment = "/api/v2/projects/default/environments/production"
    assert surface.call("GET", environment, token=made["token"]).status_code == 404


def test_the_confined_know_of_no_wider_token(surface: Surface) -> None:
    wider = [each["_id"] for each in surface.call("GET", TOKENS).json()["items"]]
    confined = surface.token("admin", "default", "test")
    found = conforms(surface.call("GET", f"{TOKENS}?showAll=true", token=confined), "getTokens")
    assert [each["token"] for each in found["items"]] == [confined[-4:]]
    assert found["totalCount"] == 1
    for id in wider:
        one = f"{TOKENS}/{id}"
        patch = [{"op": "replace", "path": "/name", "value": "mine"}]
        asked = [
            ("getToken", surface.call("GET", one, token=confined)),
            ("patchToken", surface.call("PATCH", one, json=patch, token=confined)),
            ("resetToken", surface.call("POST", f"{one}/reset", token=confined)),
            ("deleteToken", surface.call("DELETE", one, token=confined)),
        ]
        assert {conforms(refused, operation)["code"] for operation, refused in asked} == {"not_found"}


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_only_admins_hand_out_tokens(surface: Surface, role: str) -> None:
    one = f"{TOKENS}/{surface.call('GET', TOKENS, token=role).json()['items'][0]['_id']}"
    asked = [
        ("postToken", surface.call("POST", TOKENS, json={}, token=role)),
        ("patchToken", surface.call("PATCH", one, json=[], token=role)),
        ("resetToken", surface.call("POST", f"{one}/reset", token=role)),
        ("deleteToken", surface.call("DELETE", one, token=role)),
    ]
    assert {conforms(refused, operation)["code"] for operation, refused in asked} == {"forbidden"}


def test_a_patch_changes_what_it_names(surface: Surface) -> None:
    made = make(surface, name="ci", expiry=surface.clock() + 9_000)
    patch = [
        {"op": "replace", "path": "/name", "value": "builds"},
        {"op": "replace", "path": "/role", "value": "writer"},
        {"op": "replace", "path": "/description", "value": "for the builds"},
        {"op": "remove", "path": "/expiry"},
    ]
    surface.clock.pass_ms(10)
    after = conforms(surface.call("PATCH", f"{TOKENS}/{made['_id']}", json=patch), "patchToken")
    assert (after["name"], after["role"], after["description"]) == ("builds", "writer", "for the builds")
    assert "expiry" not in after
    assert after["lastModified"] == surface.clock()
    assert after["token"] == made["token"][-4:]


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"op": "replace", "path": "/token", "value": "mine"}, 400),
        ({"op": "replace", "path": "/serviceToken", "value": True}, 400),
        ({"op": "add", "path": "/customRoleIds", "value": ["ops"]}, 400),
        ({"op": "replace", "path": "/role", "value": "owner"}, 400),
        ({"op": "add", "path": "/expiry", "value": 1}, 400),
        ({"op": "remove", "path": "/expiry"}, 422),
        ({"op": "jump", "path": "/name"}, 400),
    ],
)
def test_a_bad_patch_changes_nothing(surface: Surface, operation: dict[str, object], status: int) -> None:
    made = make(surface, name="ci")
    patch = [{"op": "replace", "path": "/name", "value": "half"}, operation]
    refused = surface.call("PATCH", f"{TOKENS}/{made['_id']}", json=patch)
    conforms(refused, "patchToken")
    assert refused.status_code == status
    assert surface.call("GET", f"{TOKENS}/{made['_id']}").json()["name"] == "ci"


def test_a_reset_voids_the_old_secret(surface: Surface) -> None:
    made = make(surface, role="writer")
    reset = conforms(surface.call("POST", f"{TOKENS}/{made['_id']}/reset?expiry=1"), "resetToken")
    assert reset["_id"] == made["_id"]
    assert surface.call("GET", "/api/v2/projects", token=made["token"]).status_code == 401
    assert surface.call("GET", "/api/v2/projects", token=reset["token"]).status_code == 200


def test_a_token_may_reset_and_delete_itself(surface: Surface) -> None:
    made = make(surface, role="admin")
    one = f"{TOKENS}/{made['_id']}"
    renewed = conforms(surface.call("POST", f"{one}/reset", token=made["token"]), "resetToken")["token"]
    conforms(surface.call("DELETE", one, token=renewed), "deleteToken")
    assert conforms(surface.call("GET", one, token=renewed), "getToken")["code"] == "unauthorized"


def test_a_list_is_paged_by_twenty_five(surface: Surface) -> None:
    for number in range(25):
        make(surface, name=f"token {number}")
    first = conforms(surface.call("GET", TOKENS), "getTokens")
    assert (len(first["items"]), first["totalCount"]) == (25, 28)
    second = surface.call("GET", first["_links"]["next"]["href"]).json()
    assert len(second["items"]) == 3


def test_an_id_that_is_none_names_no_token(surface: Surface) -> None:
    assert conforms(surface.call("GET", f"{TOKENS}/a%2Fb"), "getToken")["code"] == "not_found"
