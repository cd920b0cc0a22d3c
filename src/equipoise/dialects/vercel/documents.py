"""Shapes that several resources share. Open objects are checked here, and kept as they were said."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Status = Literal["ready", "pending", "onboarding", "suspended", "resumed", "uninstalled", "error"]
Number = int | float


class Limit(Struct, frozen=True):
    """Where whoever asked too often stands; `reset` in seconds, `resetMs` in milliseconds since 1970."""

    remaining: int
    reset: int
    resetMs: int
    total: int


class Said(Struct, frozen=True):
    code: str
    message: str
    missingToken: bool | UnsetType = UNSET
    invalidToken: bool | UnsetType = UNSET
    limit: Limit | UnsetType = UNSET


class Error(Struct, frozen=True):
    """A refusal: a word for programs, and every cause in a sentence."""

    error: Said


class Detail(Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    value: str | UnsetType = UNSET


class BillingPlan(Struct, frozen=True):
    """A plan; more may be said of it."""

    id: str
    type: Literal["prepayment", "subscription"]
    name: str
    description: str | UnsetType = UNSET
    paymentMethodRequired: bool | UnsetType = UNSET
    cost: str | UnsetType = UNSET
    details: list[Detail] | UnsetType = UNSET
    highlightedDetails: list[Detail] | UnsetType = UNSET
    effectiveDate: str | UnsetType = UNSET


class Notification(Struct, frozen=True):
    """What a user of the resource is shown; more may be said."""

    level: Literal["info", "warn", "error"]
    title: str
    message: str | UnsetType = UNSET
    href: str | UnsetType = UNSET


class Name(Struct, frozen=True):
    name: str


Free = dict[str, Any]
