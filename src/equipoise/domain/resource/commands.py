"""What may be asked of a resource."""

from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.domain.change import Command
from equipoise.domain.clauses import Json
from equipoise.domain.resource.state import Resource, Secret


class Create(Command, frozen=True):
    """`resource` whole, revision 0."""

    resource: Resource


class Configure(Command, frozen=True):
    """What is UNSET stays as it is; a plan or a notification that is None is taken away."""

    product: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    status: str | UnsetType = UNSET
    ownership: str | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    billing_plan: Json | UnsetType = UNSET
    notification: Json | UnsetType = UNSET
    extras: dict[str, Any] | UnsetType = UNSET


class SetSecrets(Command, frozen=True):
    """All secrets. One that is as it was keeps its sealed text, so that nothing changes."""

    secrets: tuple[Secret, ...]
