"""Shapes of the catalog."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class Item(Struct, frozen=True):
    """An experiment or a flag.

    id        under which it goes elsewhere: ours, or its provider's
    slug      our key, or the provider's word for it
    category  absent where its provider does not say
    source    "equipoise" for what is run here, else the key of the installation that published it
    resource  the provider's id of the resource it was published for
    status    of an experiment that is run here
    origin    a link to where it is run
    uninstalled    whether its provider, or the resource it was published for, was uninstalled
    createdAt, updatedAt    milliseconds since 1970; of others, as their providers say
    """

    id: str
    slug: str
    name: str
    description: str
    archived: bool
    uninstalled: bool
    source: str
    project: str
    environment: str
    origin: str
    category: Literal["experiment", "flag"] | UnsetType = UNSET
    resource: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    createdAt: int | float | UnsetType = UNSET
    updatedAt: int | float | UnsetType = UNSET


class Items(Struct, frozen=True):
    """A page. `next`: what to ask the following one with; absent where this is the last."""

    items: list[Item]
    next: str | UnsetType = UNSET
