"""Auth0's requests: feature flags with variations, segments, experiments of each strategy, one on a ramp."""

from functools import partial
from typing import Any

import httpx
import jsonschema_rs
import msgspec

from equipoise.dialects.auth0.access.documents import AccessToken
from equipoise.dialects.auth0.documents import Error
from equipoise.domain.identity import Place
from tests.conformance.requests import launchdarkly
from tests.conformance.scenes import NEW, Ask, Golden, Scene
from tests.contracts.auth0 import CONTRACT

__all__ = [
    "AT_HOME",
    "OF_ADMINS",
    "OF_NOW",
    "PUBLIC",
    "UNKNOWN_FIELDS",
    "conforms",
    "error_schema",
    "scene",
]

UNKNOWN_FIELDS = "refused"
AT_HOME = True
PUBLIC = {"create_token"}
OF_ADMINS: set[str] = set()
OF_NOW: frozenset[str] = frozenset()
API = "/api/v2/experimentation"
GONE = (204, 404)  # what is not there is as good as deleted
NOWHERE = "var_1111111111111111111111"
RENAMED = "Renamed by a request"
RULES = [{"match": {"country": ["DE", "AT"]}, "not_match": {"browser": {"contains": ["bot"]}}}]


def error_schema() -> dict[str, Any]:
    return CONTRACT.error_schema


def conforms(response: httpx.Response, operation: str) -> Any:
    """The document of an answer (None where it has none), held to the contract, where this clone has one."""
    if operation == "create_token":
        kind: Any = AccessToken if response.is_success else Error
        jsonschema_rs.validate(msgspec.json.schema(kind), response.json())
        return response.json()
    asked = response.request
    path = asked.url.raw_path.split(b"?")[0].decode()
    CONTRACT.check(asked.method, path, response.status_code, response.content)
    return response.json() if response.content else None


def scene(ask: Ask, name: str) -> Scene:
    """Projects and tokens are made through another surface, the rest at home in the environment."""
    live, lab = f"{name}-live", f"{name}-lab"
    environments = [{"key": key, "name": f"Of {key}", "color": "417505"} for key in (live, lab)]
    project = {"key": name, "name": f"The {name} tenant", "environments": environments}
    ask("POST", f"{launchdarkly.API}/projects", project)
    token = ask("POST", f"{launchdarkly.API}/tokens", {"name": f"A client of {name}", "role": "writer"})
    here = partial(ask, home=Place(name, live))
    made = {key: _flag(here, f"{name} {key}") for key in ("checkout", "banner", "ramped")}
    spare = here("POST", f"{API}/feature-flags", _flag_body(f"{name} spare"))["id"]
    unused = {"name": "Unused", "overrides": {"steps": {"value": 9}}}
    extra = here("POST", f"{API}/feature-flags/{made['checkout'][0]}/variations", unused)["id"]
    segments = [
        here("POST", f"{API}/segments", {"name": f"{name} {key}", "rules": RULES})["id"] for key in "ab"
    ]
    trial = here("POST", f"{API}/experiments", _experiment(f"{live} trial", *made["checkout"]))["id"]
    placed = _by_segment(f"{live} placed", *made["banner"], segments[0])
    here("POST", f"{API}/experiments", placed)
    ramped = here("POST", f"{API}/experiments", _ramped(f"{live} ramped", *made["ramped"]))["id"]
    here("PATCH", f"{API}/experiments/{ramped}", {"status": "active"})
    there = partial(ask, home=Place(name, lab))
    there("POST", f"{API}/experiments", _experiment(f"{lab} trial", *made["checkout"]))
    requests = _requests(trial, ramped, made["checkout"], (spare, extra), segments, token)
    return Scene(name, live, lab, requests)


def _requests(
    trial: str,
    ramped: str,
    checkout: tuple[str, str, str],
    spare: tuple[str, str],
    segments: list[str],
    token: Any,
) -> dict[str, Golden]:
    flag, control, treatment = checkout
    client = {"client_id": token["_id"], "client_secret": token["token"]}
    fields = {"name": RENAMED, "description": "What a request says"}
    stray = [{"variation_id": NOWHERE, "is_control": True, "weight": 100}]
    variation = {"name": f"Of {NEW}", "overrides": {"steps": {"value": 2}}}
    return {
        "get_experiments": Golden(query={"take": "50"}),
        "create_experiment": Golden(body=_experiment(f"Of {NEW}", flag, control, treatment)),
        "get_experiment": Golden({"id": trial}, local=True),
        "update_experiment": Golden(
            {"id": trial},
            body={**fields, "allocations": _weighted(control, treatment, 30)},
            half_bad={**fields, "allocations": stray},
            local=True,
        ),
        "delete_experiment": Golden({"id": trial}, local=True, missing=GONE),
        "update_experiment_status": Golden({"id": trial}, body={"status": "active"}, local=True),
        "validate_experiment": Golden({"id": trial}, local=True),
        "advance_experiment_ramp": Golden({"id": ramped}, body={"target_level": 25}, local=True),
        "get_feature_flags": Golden(query={"status": "active"}),
        "create_feature_flag": Golden(body=_flag_body(f"Of {NEW}")),
        "get_feature_flag": Golden({"id": flag}),
        "update_feature_flag": Golden(
            {"id": flag}, body=fields, half_bad={**fields, "parameters": {"steps": {"type": "levity"}}}
        ),
        "delete_feature_flag": Golden({"id": spare[0]}, missing=GONE),
        "update_feature_flag_status": Golden({"id": spare[0]}, body={"status": "archived"}),
        "get_variations": Golden({"id": flag}),
        "create_variation": Golden({"id": flag}, body=variation),
        "get_variation": Golden({"id": flag, "vid": treatment}),
        "update_variation": Golden(
            {"id": flag, "vid": treatment},
            body={**fields, "overrides": {"steps": {"value": 2}, "title": {"value": "Pay"}}},
            half_bad={**fields, "overrides": {"wings": {"value": 2}}},
        ),
        "delete_variation": Golden({"id": flag, "vid": spare[1]}, missing=GONE),
        "get_segments": Golden(),
        "create_segment": Golden(body={"name": f"Of {NEW}", "rules": RULES}),
        "get_segment": Golden({"id": segments[0]}, local=True),
        "update_segment": Golden(
            {"id": segments[0]},
            body={**fields, "rules": [{"match": {"platform": {"exists": True}}}]},
            half_bad={**fields, "rules": [{}]},
            local=True,
        ),
        "delete_segment": Golden({"id": segments[1]}, local=True, missing=GONE),
        "create_token": Golden(body={"grant_type": "client_credentials", **client}),
    }


def _flag(ask: Any, name: str) -> tuple[str, str, str]:
    """Ids of an active flag, its control and its treatment."""
    flag = ask("POST", f"{API}/feature-flags", _flag_body(name))["id"]
    said = ({"name": "Control", "overrides": {}}, {"name": "Fewer", "overrides": {"steps": {"value": 1}}})
    control, treatment = (ask("POST", f"{API}/feature-flags/{flag}/variations", each)["id"] for each in said)
    ask("PATCH", f"{API}/feature-flags/{flag}", {"status": "active"})
    return flag, control, treatment


def _flag_body(name: str) -> dict[str, Any]:
    steps = {"type": "number", "value": 4, "description": "How many there are"}
    return {"name": name, "parameters": {"steps": steps, "title": {"type": "string", "value": "Buy"}}}


def _weighted(control: str, treatment: str, weight: int) -> list[dict[str, Any]]:
    return [
        {"variation_id": control, "is_control": True, "weight": 100 - weight},
        {"variation_id": treatment, "is_control": False, "weight": weight},
    ]


def _experiment(name: str, flag: str, control: str, treatment: str) -> dict[str, Any]:
    return {
        "name": name,
        "feature_flag_id": flag,
        "authentication_flow": "authentication",
        "allocations": _weighted(control, treatment, 50),
    }


def _by_segment(name: str, flag: str, control: str, treatment: str, segment: str) -> dict[str, Any]:
    fallback = {"variation_id": control, "is_control": True, "is_fallback": True}
    inside = {"variation_id": treatment, "is_control": False, "segment_id": segment, "priority": 1}
    return {
        "name": name,
        "feature_flag_id": flag,
        "authentication_flow": "password_reset",
        "allocation_strategy": "segment",
        "allocations": [fallback, inside],
    }


def _ramped(name: str, flag: str, control: str, treatment: str) -> dict[str, Any]:
    return {
        "name": name,
        "feature_flag_id": flag,
        "authentication_flow": "mfa_challenge",
        "allocations": [
            {"variation_id": control, "is_control": True},
            {"variation_id": treatment, "is_control": False},
        ],
        "levels": [10, 25, 50, 100],
    }
