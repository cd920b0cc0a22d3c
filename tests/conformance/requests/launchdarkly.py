"""LaunchDarkly's requests: a project with a flag, a metric, an experiment, and what may be deleted."""

from typing import Any

import httpx
import launchdarkly_api

from tests.conformance.scenes import NEW, Ask, Golden, Scene
from tests.fixtures_surface import CONTRACT
from tests.fixtures_surface import SEMANTIC as _SEMANTIC
from tests.fixtures_surface import conforms as _conforms

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

UNKNOWN_FIELDS = "ignored"
AT_HOME = False
PUBLIC = {"getRoot", "getIps"}
OF_ADMINS = {"getToken"}  # the token of the scene is one of the instance
OF_NOW = frozenset({"version", "lastModified"})  # of a flag in an environment (LIMITS.md)
API = "/api/v2"
SEMANTIC = _SEMANTIC["Content-Type"]
RENAMED = "Renamed by a request"
RENAME = [{"op": "replace", "path": "/name", "value": RENAMED}]
HALF = [*RENAME, {"op": "replace", "path": "/there/is/no/such/place", "value": 1}]
SAY_NAME = {"kind": "updateName", "value": RENAMED}
LEVITATE = {"kind": "levitate"}


def conforms(response: httpx.Response, operation: str) -> Any:
    """The contract shows one layer in answers to writes alone; a read of one is the same document."""
    if operation != "getLayer":
        return _conforms(response, operation)
    said = response.json()
    if response.is_success:
        launchdarkly_api.LayerRep.from_dict(said)
    else:
        assert {"code", "message"} <= said.keys(), said
    return said


def error_schema() -> dict[str, Any]:
    return CONTRACT.error_schema


def scene(ask: Ask, name: str) -> Scene:
    live, lab = f"{name}-live", f"{name}-lab"
    environments = [{"key": key, "name": f"Of {key}", "color": "417505"} for key in (live, lab)]
    ask("POST", f"{API}/projects", {"key": name, "name": f"The {name} shop", "environments": environments})
    ask("PUT", f"{API}/projects/{name}/context-kinds/company", {"name": "Company"})
    flags = {key: _flag(ask, name, f"{name}-{key}", (live, lab)) for key in ("checkout", "banner", "spare")}
    for key in ("purchase", "spare-metric"):
        ask("POST", f"{API}/metrics/{name}", _metric(f"{name}-{key}"))
    holdouts = {}
    for environment, flag in ((live, flags["checkout"]), (lab, flags["banner"])):
        place = f"{API}/projects/{name}/environments/{environment}"
        ask("POST", f"{place}/experiments", _experiment(name, f"{environment}-trial", flag, environment))
        holdouts[environment] = ask("POST", f"{place}/holdouts", _holdout(f"{environment}-q4"))["_id"]
    ask("POST", f"{API}/projects/{name}/layers", _layer(f"{name}-exclusive"))
    for environment in (live, lab):
        reserved = {"environmentKey": environment, "instructions": [_reservation(f"{environment}-trial", 10)]}
        ask("PATCH", f"{API}/projects/{name}/layers/{name}-exclusive", reserved)
    token = ask("POST", f"{API}/tokens", {"name": f"A token of {name}", "role": "reader"})["_id"]
    return Scene(name, live, lab, _requests(name, live, token, flags, holdouts[live]))


def _requests(name: str, live: str, token: str, flags: dict[str, Any], holdout: str) -> dict[str, Golden]:
    project, environment = {"projectKey": name}, {"projectKey": name, "environmentKey": live}
    flag = {**project, "featureFlagKey": f"{name}-checkout"}
    metric = {**project, "metricKey": f"{name}-purchase"}
    trial = {**environment, "experimentKey": f"{live}-trial"}
    kinds, settings = "getContextKindsByProjectKey", {"randomizationUnits": [_unit("user"), _unit("company")]}
    return {
        "getTokens": Golden(),
        "postToken": Golden(body={"name": "Of a request", "role": "reader"}),
        "getToken": Golden({"id": token}),
        "patchToken": Golden({"id": token}, body=RENAME, half_bad=HALF),
        "deleteToken": Golden({"id": token}),
        "resetToken": Golden({"id": token}),
        "getCallerIdentity": Golden(),
        "getVersions": Golden(),
        "getRoot": Golden(),
        "getIps": Golden(),
        "getProjects": Golden(query={"expand": "environments"}),
        "postProject": Golden(body={"key": f"{name}-{NEW}", "name": "Of a request", "tags": ["a"]}),
        "getProject": Golden(project),
        "patchProject": Golden(project, body=RENAME, half_bad=HALF),
        "deleteProject": Golden(project),
        "getEnvironmentsByProject": Golden(project),
        "postEnvironment": Golden(project, body={"key": NEW, "name": "Of a request", "color": "00ff00"}),
        "getEnvironment": Golden(environment),
        "patchEnvironment": Golden(environment, body=RENAME, half_bad=HALF),
        "deleteEnvironment": Golden(environment),
        "resetEnvironmentSDKKey": Golden(environment),
        "resetEnvironmentMobileKey": Golden(environment),
        "getContextKindsByProjectKey": Golden(project),
        "putContextKind": Golden({**project, "key": "vehicle"}, body={"name": "Vehicle"}, shown_by=kinds),
        "getExperimentationSettings": Golden(project),
        "putExperimentationSettings": Golden(project, body=settings),
        "getFeatureFlags": Golden(project),
        "postFeatureFlag": Golden(project, body={"key": NEW, "name": "Of a request"}),
        "getFeatureFlag": Golden(flag),
        "patchFeatureFlag": Golden(
            flag,
            body={"environmentKey": live, "instructions": [SAY_NAME, {"kind": "turnFlagOff"}]},
            media=SEMANTIC,
            half_bad={"environmentKey": live, "instructions": [SAY_NAME, LEVITATE]},
        ),
        "deleteFeatureFlag": Golden({**project, "featureFlagKey": f"{name}-spare"}),
        "getMetrics": Golden(project, {"expand": "experiments,experimentCount"}),
        "postMetric": Golden(project, body=_metric(NEW)),
        "getMetric": Golden(metric, {"expand": "experiments,experimentCount"}),
        "patchMetric": Golden(metric, body=RENAME, half_bad=HALF),
        "deleteMetric": Golden({**project, "metricKey": f"{name}-spare-metric"}),
        "getExperiments": Golden(environment),
        "createExperiment": Golden(environment, body=_experiment(name, NEW, flags["checkout"], live)),
        "getExperiment": Golden(trial),
        "patchExperiment": Golden(
            trial,
            body={"instructions": [SAY_NAME]},
            media=SEMANTIC,
            half_bad={"instructions": [SAY_NAME, LEVITATE]},
        ),
        "createIteration": Golden(trial, body=_experiment(name, "", flags["checkout"], live)["iteration"]),
        "getExperimentsAnyEnv": Golden(project),
        "getLayers": Golden(project),
        "createLayer": Golden(project, body=_layer(NEW)),
        "updateLayer": Golden(
            {**project, "layerKey": f"{name}-exclusive"},
            body={"environmentKey": live, "instructions": [_reservation(f"{live}-trial", 20)]},
            media=SEMANTIC,
            half_bad={"environmentKey": live, "instructions": [_reservation(f"{live}-trial", 20), LEVITATE]},
        ),
        "getLayer": Golden({**project, "layerKey": f"{name}-exclusive"}),
        "getAllHoldouts": Golden(environment),
        "postHoldout": Golden(environment, body=_holdout(NEW)),
        "getHoldout": Golden({**environment, "holdoutKey": f"{live}-q4"}),
        "getHoldoutById": Golden({**environment, "holdoutId": holdout}),
        "patchHoldout": Golden(
            {**environment, "holdoutKey": f"{live}-q4"},
            body={"instructions": [SAY_NAME, {"kind": "endHoldout"}]},
            media=SEMANTIC,
            half_bad={"instructions": [SAY_NAME, LEVITATE]},
        ),
    }


def _flag(ask: Ask, project: str, key: str, environments: tuple[str, ...]) -> Any:
    """A flag that is on everywhere."""
    flag = ask("POST", f"{API}/flags/{project}", {"key": key, "name": f"The flag {key}"})
    for each in environments:
        patch = {"environmentKey": each, "instructions": [{"kind": "turnFlagOn"}]}
        flag = ask("PATCH", f"{API}/flags/{project}/{key}", patch, SEMANTIC)
    return flag


def _metric(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": f"The metric {key}",
        "kind": "custom",
        "eventKey": "bought",
        "isNumeric": False,
    }


def _experiment(project: str, key: str, flag: Any, environment: str) -> dict[str, Any]:
    metric, (on, off) = f"{project}-purchase", (each["_id"] for each in flag["variations"])
    iteration = {
        "hypothesis": "A shorter checkout sells more",
        "metrics": [{"key": metric}],
        "primarySingleMetricKey": metric,
        "randomizationUnit": "user",
        "treatments": [
            _treatment("control", off, flag["key"], baseline=True),
            _treatment("shorter", on, flag["key"], baseline=False),
        ],
        "flags": {flag["key"]: _hosted(flag["environments"][environment]["version"])},
    }
    return {"key": key, "name": f"The experiment {key}", "iteration": iteration}


def _treatment(name: str, variation: str, flag: str, baseline: bool) -> dict[str, Any]:
    parameters = [{"flagKey": flag, "variationId": variation}]
    return {"name": name, "baseline": baseline, "allocationPercent": "50", "parameters": parameters}


def _layer(key: str) -> dict[str, Any]:
    return {"key": key, "name": f"The layer {key}", "description": "One experiment for each unit"}


def _reservation(experiment: str, percent: int) -> dict[str, Any]:
    kind = "updateExperimentReservation"
    return {"kind": kind, "experimentKey": experiment, "reservationPercent": percent}


def _holdout(key: str) -> dict[str, Any]:
    return {"key": key, "name": f"The holdout {key}", "holdoutamount": "5", "randomizationunit": "user"}


def _hosted(version: int) -> dict[str, Any]:
    return {"ruleId": "fallthrough", "flagConfigVersion": version}


def _unit(kind: str) -> dict[str, Any]:
    return {"randomizationUnit": kind, "default": kind == "user"}
