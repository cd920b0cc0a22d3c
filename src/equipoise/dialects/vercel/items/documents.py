"""Shapes of experimentation items."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from equipoise.dialects.vercel.documents import Number
from equipoise.domain.limits import (
    CATALOG_ITEMS_AT_ONCE_MAX,
    CATALOG_ORIGIN_LENGTH_MAX,
    CATALOG_TEXT_LENGTH_MAX,
)

Category = Literal["experiment", "flag"]
Text = Annotated[str, Meta(max_length=CATALOG_TEXT_LENGTH_MAX)]
Origin = Annotated[str, Meta(max_length=CATALOG_ORIGIN_LENGTH_MAX)]


class UpdateItem(Struct, frozen=True, forbid_unknown_fields=True):
    """`slug` and `origin` are always said; what else is not said stays."""

    slug: Text
    origin: Origin
    name: Text | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    isArchived: bool | UnsetType = UNSET
    createdAt: Number | UnsetType = UNSET
    updatedAt: Number | UnsetType = UNSET


class CreateItem(UpdateItem, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Text


class CreateItems(Struct, frozen=True, forbid_unknown_fields=True):
    items: Annotated[list[CreateItem], Meta(max_length=CATALOG_ITEMS_AT_ONCE_MAX)]


class Item(Struct, frozen=True):
    """Not in the published contract, which has no way to read what was published."""

    id: str
    slug: str
    origin: str
    isArchived: bool
    name: str | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    description: str | UnsetType = UNSET
    createdAt: Number | UnsetType = UNSET
    updatedAt: Number | UnsetType = UNSET
