"""Shapes of resources."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from equipoise.dialects.vercel.documents import BillingPlan, Free, Notification, Status

Ownership = Literal["owned", "linked", "sandbox"]


class Overrides(Struct, frozen=True):
    """Values in other deployments; for other names than these nothing is kept."""

    development: str | UnsetType = UNSET
    preview: str | UnsetType = UNSET
    production: str | UnsetType = UNSET


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    value: str
    prefix: str | UnsetType = UNSET
    environmentOverrides: Overrides | UnsetType = UNSET


class Secrets(Struct, frozen=True, forbid_unknown_fields=True):
    """All secrets; where `partial`, those named, and the others stay."""

    secrets: list[Secret]
    partial: bool = False


class ImportResource(Struct, frozen=True, forbid_unknown_fields=True):
    productId: str
    name: str
    status: Status
    ownership: Ownership | UnsetType = UNSET
    metadata: Free | UnsetType = UNSET
    billingPlan: BillingPlan | UnsetType = UNSET
    notification: Notification | UnsetType = UNSET
    extras: Free | UnsetType = UNSET
    secrets: list[Secret] | UnsetType = UNSET


class UpdateResource(Struct, frozen=True, forbid_unknown_fields=True):
    """`notification`: "" and null clear it."""

    ownership: Ownership | UnsetType = UNSET
    name: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    metadata: Free | UnsetType = UNSET
    billingPlan: BillingPlan | UnsetType = UNSET
    notification: Notification | str | UnsetType | None = UNSET
    extras: Free | UnsetType = UNSET
    secrets: list[Secret] | Secrets | UnsetType = UNSET


class Experimentation(Struct, frozen=True):
    edgeConfigSyncingEnabled: bool
    edgeConfigId: str
    edgeConfigTokenId: str
    globalConfigId: str
    globalConfigSyncingEnabled: bool


class ProtocolSettings(Struct, frozen=True):
    experimentation: Experimentation


class Shown(Struct, frozen=True):
    """What one resource and a list of them say alike. Values of secrets are never said."""

    internalId: str
    name: str
    productId: str
    status: Status
    protocolSettings: ProtocolSettings
    notification: Free | UnsetType = UNSET
    billingPlanId: str | UnsetType = UNSET
    metadata: Free | UnsetType = UNSET


class Resource(Shown, frozen=True, kw_only=True):
    id: str


class Listed(Shown, frozen=True, kw_only=True):
    partnerId: str


class Resources(Struct, frozen=True):
    resources: list[Listed]
