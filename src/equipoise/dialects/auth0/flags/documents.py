"""Shapes of feature flags and variations. Field names are the wire's."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from equipoise.dialects.auth0.documents import Description, Name

Status = Literal["draft", "active", "archived"]
Kind = Literal["string", "boolean", "number", "array", "object"]

PARAMETERS_MAX, PARAMETER_DESCRIPTION_LENGTH_MAX, VALUE_BYTES_MAX = 10, 255, 1_024


class Parameter(Struct, frozen=True, forbid_unknown_fields=True):
    """`value` is the default, of the type that is said."""

    type: Kind
    value: Any
    description: (
        Annotated[str, Meta(extra_json_schema={"maxLength": PARAMETER_DESCRIPTION_LENGTH_MAX})] | UnsetType
    ) = UNSET


class Override(Struct, frozen=True, forbid_unknown_fields=True):
    value: Any


Parameters = Annotated[
    dict[str, Parameter], Meta(extra_json_schema={"minProperties": 1, "maxProperties": PARAMETERS_MAX})
]
Overrides = dict[str, Override]


class CreateFeatureFlag(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    parameters: Parameters
    description: Description | UnsetType = UNSET


class UpdateFeatureFlag(Struct, frozen=True, forbid_unknown_fields=True):
    """With a status, all or nothing."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    parameters: Parameters | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class UpdateStatus(Struct, frozen=True, forbid_unknown_fields=True):
    status: Status


class CreateVariation(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    overrides: Overrides
    description: Description | UnsetType = UNSET


class UpdateVariation(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    overrides: Overrides | UnsetType = UNSET


class FeatureFlag(Struct, frozen=True):
    id: str
    name: str
    type: str
    status: Status
    created_at: str
    updated_at: str
    description: str | UnsetType = UNSET
    parameters: dict[str, Parameter] | UnsetType = UNSET


class FeatureFlags(Struct, frozen=True):
    feature_flags: list[FeatureFlag]
    next: str | UnsetType = UNSET


class Variation(Struct, frozen=True):
    """`overrides` is what it has other than the flag's defaults; {} for the baseline."""

    id: str
    feature_flag_id: str
    name: str
    overrides: Overrides
    created_at: str
    updated_at: str
    description: str | UnsetType = UNSET


class Variations(Struct, frozen=True):
    variations: list[Variation]
