"""A small shop made over HTTP: a flag, a metric, an experiment that is ready to start."""

from typing import Any

import httpx

BASE = "/api/v2"
EXPERIMENTS = f"{BASE}/projects/default/environments/production/experiments"
SEMANTIC = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}


def ok(response: httpx.Response) -> Any:
    assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
    return response.json() if response.content else None


def make_flag(client: httpx.Client, key: str = "checkout", on: bool = True) -> Any:
    flag = ok(client.post(f"{BASE}/flags/default", json={"key": key, "name": key}))
    if not on:
        return flag
    patch = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]}
    return ok(client.patch(f"{BASE}/flags/default/{key}", json=patch, headers=SEMANTIC))


def make_metric(client: httpx.Client, key: str = "purchase") -> Any:
    metric = {"key": key, "name": key, "kind": "custom", "eventKey": key, "isNumeric": False}
    return ok(client.post(f"{BASE}/metrics/default", json=metric))


def experiment_body(flag: Any, key: str = "new-checkout", metric: str = "purchase") -> dict[str, Any]:
    on, off = (variation["_id"] for variation in flag["variations"])
    version = flag["environments"]["production"]["version"]
    return {
        "key": key,
        "name": f"Experiment {key}",
        "iteration": {
            "hypothesis": "A shorter checkout sells more",
            "metrics": [{"key": metric}],
            "primarySingleMetricKey": metric,
            "randomizationUnit": "user",
            "treatments": [
                arm("control", off, flag["key"], baseline=True),
                arm("shorter", on, flag["key"], baseline=False),
            ],
            "flags": {flag["key"]: {"ruleId": "fallthrough", "flagConfigVersion": version}},
        },
    }


def arm(name: str, variation: str, flag: str, baseline: bool, percent: str = "50") -> dict[str, Any]:
    return {
        "name": name,
        "baseline": baseline,
        "allocationPercent": percent,
        "parameters": [{"flagKey": flag, "variationId": variation}],
    }


def make_experiment(client: httpx.Client, key: str = "new-checkout", flag: str = "checkout") -> Any:
    """An experiment with its own flag, on and not started; the metric is made if need be."""
    if client.get(f"{BASE}/metrics/default/purchase").status_code == 404:
        make_metric(client)
    return ok(client.post(EXPERIMENTS, json=experiment_body(make_flag(client, flag), key)))


def patch(client: httpx.Client, key: str, *instructions: dict[str, Any], **headers: str) -> httpx.Response:
    return client.patch(f"{EXPERIMENTS}/{key}", json={"instructions": list(instructions)}, headers=headers)
