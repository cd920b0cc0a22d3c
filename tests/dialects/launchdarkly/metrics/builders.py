"""Metrics over the wire, in few words."""

from typing import Any

import httpx

from tests.fixtures_surface import Surface, conforms

METRICS = "/api/v2/metrics/default"


class Metrics:
    """The metrics of project default, as a client has them. Every answer is held to the contract."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface

    def post(self, key: str = "bought", **fields: Any) -> httpx.Response:
        body = {"key": key, "kind": "custom", "eventKey": key, **fields}
        response = self.surface.call(
            "POST", METRICS, json={name: value for name, value in body.items() if value is not ...}
        )
        conforms(response, "postMetric")
        return response

    def make(self, key: str = "bought", **fields: Any) -> Any:
        response = self.post(key, **fields)
        assert response.status_code == 201, response.text
        return response.json()

    def get(self, key: str = "bought", **params: str) -> Any:
        response = self.surface.call("GET", f"{METRICS}/{key}", params=params)
        assert response.status_code == 200, response.text
        return conforms(response, "getMetric")

    def patch(self, body: Any, key: str = "bought") -> httpx.Response:
        response = self.surface.call("PATCH", f"{METRICS}/{key}", json=body)
        conforms(response, "patchMetric")
        return response

    def edited(self, *operations: dict[str, Any], key: str = "bought") -> Any:
        response = self.patch(list(operations), key)
        assert response.status_code == 200, response.text
        return response.json()


def replaced(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def added(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}
