"""OpenFeature's protocol has doors alone, so there are no requests: what is asked of every dialect is how it
refuses, and what it is found under."""

from typing import Any

import httpx
import msgspec

from equipoise.dialects.ofrep.documents import Failure
from tests.conformance.requests import launchdarkly
from tests.conformance.scenes import Ask, Scene
from tests.contracts.ofrep import CONTRACT

UNKNOWN_FIELDS = "ignored"
AT_HOME = False
PUBLIC: set[str] = set()
OF_ADMINS: set[str] = set()
OF_NOW: frozenset[str] = frozenset()


def error_schema() -> dict[str, Any]:
    return CONTRACT.schema("bulkEvaluationFailure") or msgspec.json.schema(Failure)


def conforms(response: httpx.Response, operation: str) -> Any:
    raise NotImplementedError("no token opens anything here")


def scene(ask: Ask, name: str) -> Scene:
    made = launchdarkly.scene(ask, name)
    return Scene(name, made.environment, made.sibling, {})
