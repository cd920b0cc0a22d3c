"""The caller's identity, the root, versions and addresses over LaunchDarkly's surface."""

import pytest

from tests.fixtures_surface import Surface, conforms


def test_a_caller_is_told_who_and_where_it_is(surface: Surface) -> None:
    secret = surface.token("writer", "default", "test", name="ci", service=True)
    environment = surface.call("GET", "/api/v2/projects/default/environments/test").json()
    said = conforms(surface.call("GET", "/api/v2/caller-identity", token=secret), "getCallerIdentity")
    assert (said["tokenName"], said["memberId"], said["serviceToken"]) == ("ci", surface.owner, True)
    assert (said["projectName"], said["environmentId"]) == ("Default", environment["_id"])


def test_a_caller_that_is_at_home_nowhere_is_told_no_place(surface: Surface) -> None:
    secret = surface.token("reader")
    said = conforms(surface.call("GET", "/api/v2/caller-identity", token=secret), "getCallerIdentity")
    assert not said.keys() & {"projectId", "environmentId"}


@pytest.mark.parametrize(
    ("header", "current", "beta"),
    [("", 20240415, False), ("20220603", 20220603, False), ("beta", 20240415, True), ("1", 20240415, False)],
)
def test_any_version_is_served(surface: Surface, header: str, current: int, beta: bool) -> None:
    headers = {"LD-API-Version": header} if header else {}
    said = conforms(surface.call("GET", "/api/v2/versions", headers=headers), "getVersions")
    assert (said["currentVersion"], said["beta"]) == (current, beta)
    assert said["currentVersion"] in said["validVersions"]


def test_a_token_may_have_a_version_of_its_own(surface: Surface) -> None:
    secret = surface.token("reader", api_version=20191212)
    assert surface.call("GET", "/api/v2/versions", token=secret).json()["currentVersion"] == 20191212


def test_root_and_addresses_need_no_token(surface: Surface) -> None:
    root = conforms(surface.call("GET", "/api/v2", token=None), "getRoot")
    assert {"self", "projects", "tokens"} <= root["links"].keys()
    assert conforms(surface.call("GET", "/api/v2/public-ip-list", token=None), "getIps") == {
        "addresses": [],
        "outboundAddresses": [],
    }


@pytest.mark.parametrize("path", ["caller-identity", "versions", "tokens", "projects"])
@pytest.mark.parametrize("token", [None, "api-wrong"])
def test_everything_else_does(surface: Surface, path: str, token: str | None) -> None:
    refused = surface.call("GET", f"/api/v2/{path}", token=token)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
