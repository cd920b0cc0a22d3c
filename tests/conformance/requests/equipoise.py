"""Requests of our own interface. It makes nothing yet: the scene is made through another's."""

from typing import Any

import httpx
import jsonschema_rs
import msgspec

from equipoise.analysis.results import Results
from equipoise.dialects.equipoise.documents import Error
from tests.conformance.requests import launchdarkly
from tests.conformance.scenes import Ask, Golden, Scene

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
PUBLIC: set[str] = set()
OF_ADMINS: set[str] = set()
OF_NOW: frozenset[str] = frozenset()


def error_schema() -> dict[str, Any]:
    return msgspec.json.schema(Error)


def conforms(response: httpx.Response, operation: str) -> Any:
    """The document, held to the schema that we publish."""
    kind: Any = Results if response.is_success else Error
    jsonschema_rs.validate(msgspec.json.schema(kind), response.json())
    return msgspec.json.decode(response.content, type=kind)


def scene(ask: Ask, name: str) -> Scene:
    """The scene of the surface that can make one; the trial of its environment runs."""
    made = launchdarkly.scene(ask, name)
    place = f"{launchdarkly.API}/projects/{name}/environments/{made.environment}/experiments"
    start = {"kind": "startIteration", "changeJustification": "to see what it shows"}
    trial = f"{made.environment}-trial"
    ask("PATCH", f"{place}/{trial}", {"instructions": [start]}, launchdarkly.SEMANTIC)
    query = {"project": name, "environment": made.environment}
    return Scene(name, made.environment, made.sibling, {"getResults": Golden({"key": trial}, query)})
