"""Shapes of segments. Field names are the wire's."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from equipoise.dialects.auth0.documents import Description, Name

Status = Literal["active", "archived"]

VALUE_LENGTH_MAX, ATTRIBUTES_MAX = 1_024, 10
_VALUES = {"type": "array", "minItems": 1, "items": {"type": "string", "maxLength": VALUE_LENGTH_MAX}}


def _one(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: schema},
        "required": [name],
        "additionalProperties": False,
    }


_EXPRESSION = {
    "oneOf": [
        {**_VALUES, "description": "equals any of"},
        *(_one(name, _VALUES) for name in ("contains", "starts_with", "ends_with")),
        _one("exists", {"type": "boolean"}),
    ]
}
Expression = Annotated[Any, Meta(extra_json_schema=_EXPRESSION)]
Conditions = Annotated[
    dict[str, Expression], Meta(extra_json_schema={"minProperties": 1, "maxProperties": ATTRIBUTES_MAX})
]


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """Attribute → expression. `match`: every one must fit; `not_match`: none may."""

    match: Conditions | UnsetType = UNSET
    not_match: Conditions | UnsetType = UNSET


Rules = Annotated[list[Rule], Meta(extra_json_schema={"minItems": 1})]


class CreateSegment(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    rules: Rules
    description: Description | UnsetType = UNSET


class UpdateSegment(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    rules: Rules | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class Segment(Struct, frozen=True):
    id: str
    name: str
    type: str
    status: Status
    rules: list[Rule]
    created_at: str
    updated_at: str
    description: str | UnsetType = UNSET


class Segments(Struct, frozen=True):
    segments: list[Segment]
    next: str | UnsetType = UNSET
