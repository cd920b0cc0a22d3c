"""The OpenAPI document of a dialect, from its routes and its documents."""

from http import HTTPStatus
from typing import Any

import msgspec

from equipoise.domain.limits import IDEMPOTENCY_KEY_LENGTH_MAX
from equipoise.security.permissions import Act
from equipoise.translation.dialect import Dialect
from equipoise.translation.routes import Route

REFUSALS_EVERYWHERE = (400, 401, 403, 404, 405, 409, 412, 413, 422, 429)
_KINDS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": 0},
}
_REF = "#/components/schemas/{name}"
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "ETags, or *: the write is made only on what has one of these, and is 412 otherwise.",
    "schema": {"type": "string"},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags: the answer is 304 while it has one of these.",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same request under the same key is made once, and answered again for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_LENGTH_MAX, "pattern": "\\S"},
}
_DRY_RUN = {
    "name": "dryRun",
    "in": "query",
    "description": "Whether only to answer what would be.",
    "schema": {"type": "boolean"},
}
_AS_OF = {
    "name": "asOf",
    "in": "query",
    "description": "A number of the change log, or an ISO 8601 time: what is named was so then.",
    "schema": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "format": "date-time"}]},
}


def document(dialect: Dialect) -> bytes:
    """OpenAPI 3.1, as JSON."""
    types = _types(dialect)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    known = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in dialect.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known, dialect)
    return _in_short(
        {
            "openapi": "3.1.0",
            "info": {"title": dialect.title, "version": "1"},
            "security": [{"token": []}],
            "paths": paths,
            "components": {"schemas": components, "securitySchemes": {"token": dialect.security}},
        }
    )


def _in_short(whole: dict[str, Any]) -> bytes:
    """As JSON. Of names that two rooms use, msgspec spells the module out; the room says enough."""
    text = msgspec.json.encode(whole)
    names = whole["components"]["schemas"].keys()
    for name in names:
        parts = name.split(".")
        short = "".join((parts[-3].title(), parts[-1])) if len(parts) > 2 else name
        if short not in names:
            text = text.replace(f'{name}"'.encode(), f'{short}"'.encode())
    return text


def _types(dialect: Dialect) -> list[Any]:
    said = [route.body for route in dialect.routes if route.body is not None]
    told = [kind for route in dialect.routes for kind in route.answers.values() if kind is not None]
    return list({repr(kind): kind for kind in (*said, *told, dialect.refusal)}.values())


def _operation(route: Route, known: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    answers = dict(route.answers) | ({304: None} if route.method == "GET" else {})
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "description": route.about,
        "parameters": _parameters(route),
        "responses": {
            **{str(status): _response(status, kind, known) for status, kind in answers.items()},
            **{str(s): _response(s, dialect.refusal, known) for s in (*REFUSALS_EVERYWHERE, *route.refusals)},
        },
    }
    if route.public:
        operation["security"] = []
    if route.body is not None:
        content = {media: {"schema": known[repr(route.body)]} for media in route.media}
        operation["requestBody"] = {"required": not route.bodiless, "content": content}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    """Those of the path, its own in the query, and what every dialect takes."""
    path = [segment[1:-1] for segment in route.segments if segment.startswith("{")]
    own: list[dict[str, Any]] = [
        {"name": p.name, "in": "query", "description": p.about, "schema": _KINDS[p.kind]} for p in route.query
    ]
    said = {each["name"] for each in own}
    return [
        *(_in_path(name, route.begins.get(name, "")) for name in path),
        *own,
        *(each for each in _everywhere(route, bool(path)) if each["name"] not in said),
    ]


def _in_path(name: str, begins: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{begins}"} if begins else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _everywhere(route: Route, addressed: bool) -> tuple[dict[str, Any], ...]:
    if route.act is Act.READ:
        return (_AS_OF, _IF_NONE_MATCH) if addressed else (_IF_NONE_MATCH,)
    if route.method == "POST":
        return (_DRY_RUN, _IDEMPOTENCY_KEY)
    return (_DRY_RUN, _IF_MATCH, _IDEMPOTENCY_KEY)


def _response(status: int, kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if kind is not None:
        response["content"] = {"application/json": {"schema": known[repr(kind)]}}
    return response
