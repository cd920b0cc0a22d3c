"""What happened to a resource."""

from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.domain.change import Event
from equipoise.domain.clauses import Json
from equipoise.domain.resource.state import Resource, Secret


class Created(Event, frozen=True):
    resource: Resource


class Configured(Event, frozen=True):
    """What is UNSET stayed as it was."""

    product: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    ownership: str | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    billing_plan: Json | UnsetType = UNSET
    notification: Json | UnsetType = UNSET
    extras: dict[str, Any] | UnsetType = UNSET


class SecretsSet(Event, frozen=True):
    secrets: tuple[Secret, ...]
