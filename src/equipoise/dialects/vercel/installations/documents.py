"""Shapes of installations."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from equipoise.dialects.vercel.documents import BillingPlan, Free, Notification, Status


class UpdateInstallation(Struct, frozen=True, forbid_unknown_fields=True):
    status: Status | UnsetType = UNSET
    externalId: str | UnsetType = UNSET
    billingPlan: BillingPlan | UnsetType = UNSET
    notification: Notification | str | UnsetType | None = UNSET


class Installation(Struct, frozen=True):
    """Not in the published contract, and asked for by providers all the same."""

    id: str
    status: Status
    externalId: str | UnsetType = UNSET
    billingPlan: Free | UnsetType = UNSET
    notification: Free | UnsetType = UNSET


class Contact(Struct, frozen=True):
    email: str
    name: str | UnsetType = UNSET


class Account(Struct, frozen=True):
    url: str
    contact: Contact | None
    name: str | UnsetType = UNSET


class Member(Struct, frozen=True):
    id: str
    role: Literal["ADMIN", "USER"]
    globalUserId: str | UnsetType = UNSET
    userEmail: str | UnsetType = UNSET


class InstallationUpdated(
    Struct, frozen=True, forbid_unknown_fields=True, tag="installation.updated", tag_field="type"
):
    billingPlanId: str | UnsetType = UNSET


class ResourceUpdated(
    Struct, frozen=True, forbid_unknown_fields=True, tag="resource.updated", tag_field="type"
):
    resourceId: str
    productId: str | UnsetType = UNSET


class CreateEvent(Struct, frozen=True, forbid_unknown_fields=True):
    event: InstallationUpdated | ResourceUpdated


class Rotate(Struct, frozen=True):
    client_secret: str
    client_id: str | UnsetType = UNSET


class Revoke(Struct, frozen=True):
    token: str
    client_secret: str
    client_id: str | UnsetType = UNSET


class Credential(Struct, frozen=True):
    """It does not expire: `expires_in` is as many seconds as a client can tell apart."""

    access_token: str
    token_type: Literal["oauth2-token"]
    scope: str
    expires_in: int


class Revoked(Struct, frozen=True):
    revoked: bool
    already_revoked: bool
