"""Requests with something unknown in every object that is a document."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from equipoise.translation.openapi import document
from tests.conformance.scenes import DIALECTS

UNKNOWN = {"nobodyKnowsThis": {"at": ["all"]}}


def strewn(dialect: str, operation: str, body: Any, media: str) -> Any:
    """The body, with an unknown field wherever the schema of the operation has an object with fields."""
    whole = _document(dialect)
    operations = (each for methods in whole["paths"].values() for each in methods.values())
    found = next(each for each in operations if each["operationId"] == operation)
    return _strewn(body, found["requestBody"]["content"][media]["schema"], whole)


def _strewn(value: Any, schema: Any, whole: Any) -> Any:
    schema = _chosen(value, schema, whole)
    if isinstance(value, list) and "items" in schema:
        return [_strewn(each, schema["items"], whole) for each in value]
    if not isinstance(value, dict):
        return value
    if "properties" in schema:
        known = schema["properties"]
        return {name: _strewn(each, known.get(name, {}), whole) for name, each in value.items()} | UNKNOWN
    if isinstance(schema.get("additionalProperties"), dict):
        return {name: _strewn(each, schema["additionalProperties"], whole) for name, each in value.items()}
    return value


def _chosen(value: Any, schema: Any, whole: Any) -> Any:
    """The schema without references, and of several the one that the value has."""
    while "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for each in schema.get("anyOf", ()):
        if jsonschema_rs.is_valid({**each, "components": whole["components"]}, value):
            return _chosen(value, each, whole)
    return schema


@cache
def _document(dialect: str) -> Any:
    return json.loads(document(DIALECTS[dialect]))
