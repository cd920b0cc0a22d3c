"""The OpenAPI document of a dialect, from its routes and its documents."""

from http import HTTPStatus
from typing import Any

import msgspec

from equipoise.translation.dialect import Dialect
from equipoise.translation.routes import Route

REFUSALS_EVERYWHERE = (400, 401, 403, 404, 405, 409, 412, 413, 422, 429)
_REF = "#/components/schemas/{name}"


def document(dialect: Dialect) -> bytes:
    """OpenAPI 3.1, as JSON."""
    types = _types(dialect)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    known = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in dialect.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known, dialect)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": dialect.title, "version": "1"},
            "security": [{"token": []}],
            "paths": paths,
            "components": {"schemas": components, "securitySchemes": {"token": dialect.security}},
        }
    )


def _types(dialect: Dialect) -> list[Any]:
    said = [route.body for route in dialect.routes if route.body is not None]
    told = [kind for route in dialect.routes for kind in route.answers.values() if kind is not None]
    return list({repr(kind): kind for kind in (*said, *told, dialect.refusal)}.values())


def _operation(route: Route, known: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    path = [segment[1:-1] for segment in route.segments if segment.startswith("{")]
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "description": route.about,
        "parameters": [
            *({"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in path),
            *(
                {"name": p.name, "in": "query", "description": p.about, "schema": {"type": p.kind}}
                for p in route.query
            ),
        ],
        "responses": {
            **{str(status): _response(status, kind, known) for status, kind in route.answers.items()},
            **{str(s): _response(s, dialect.refusal, known) for s in REFUSALS_EVERYWHERE},
        },
    }
    if route.public:
        operation["security"] = []
    if route.body is not None:
        content = {media: {"schema": known[repr(route.body)]} for media in route.media}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _response(status: int, kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is not None:
        response["content"] = {"application/json": {"schema": known[repr(kind)]}}
    return response
