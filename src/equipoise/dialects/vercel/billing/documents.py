"""Shapes of what providers say of money. Amounts are decimal texts, times ISO 8601."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from equipoise.dialects.vercel.documents import Number

Amount = Annotated[str, Meta(pattern="^[0-9]+(\\.[0-9]+)?$", description="a decimal such as 12.50")]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
State = Literal[
    "draft",
    "pending",
    "scheduled",
    "invoiced",
    "paid",
    "notpaid",
    "refund_requested",
    "refunded",
    "overdue",
]


class Period(Struct, frozen=True, forbid_unknown_fields=True):
    start: Time
    end: Time


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    billingPlanId: str
    name: str
    price: Amount
    quantity: Number
    units: str
    total: Amount
    resourceId: str | UnsetType = UNSET
    start: Time | UnsetType = UNSET
    end: Time | UnsetType = UNSET
    details: str | UnsetType = UNSET


class Discount(Struct, frozen=True, forbid_unknown_fields=True):
    billingPlanId: str
    name: str
    amount: Amount
    resourceId: str | UnsetType = UNSET
    start: Time | UnsetType = UNSET
    end: Time | UnsetType = UNSET
    details: str | UnsetType = UNSET


class Interim(Struct, frozen=True):
    items: list[Line]
    discounts: list[Discount] | UnsetType = UNSET


class Usage(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    type: Literal["total", "interval", "rate"]
    units: str
    dayValue: Number
    periodValue: Number
    resourceId: str | UnsetType = UNSET
    planValue: Number | UnsetType = UNSET


class BillingData(Struct, frozen=True, forbid_unknown_fields=True):
    """Of the day that ends at `eod`."""

    timestamp: Time
    eod: Time
    period: Period
    billing: list[Line] | Interim
    usage: list[Usage]


class Balance(Struct, frozen=True, forbid_unknown_fields=True):
    currencyValueInCents: Number
    resourceId: str | UnsetType = UNSET
    credit: str | UnsetType = UNSET
    nameLabel: str | UnsetType = UNSET


class Balances(Struct, frozen=True, forbid_unknown_fields=True):
    timestamp: Time
    balances: list[Balance]


class Test(Struct, frozen=True, forbid_unknown_fields=True):
    """`validate`: only say what is wrong. `result`: what becomes of it, since no money is meant."""

    validate: bool | UnsetType = UNSET
    result: Literal["paid", "notpaid", "overdue"] | UnsetType = UNSET


class SubmitInvoice(Struct, frozen=True, forbid_unknown_fields=True):
    invoiceDate: Time
    period: Period
    items: list[Line]
    externalId: str | UnsetType = UNSET
    memo: str | UnsetType = UNSET
    discounts: list[Discount] | UnsetType = UNSET
    test: Test | UnsetType = UNSET
    final: bool | UnsetType = UNSET


class Submitted(Struct, frozen=True):
    invoiceId: str | UnsetType = UNSET
    test: bool | UnsetType = UNSET
    validationErrors: list[str] | UnsetType = UNSET


class Invoice(Struct, frozen=True):
    invoiceId: str
    state: State
    invoiceNumber: str
    invoiceDate: str
    period: Period
    items: list[Line]
    total: str
    created: str
    updated: str
    externalId: str | UnsetType = UNSET
    memo: str | UnsetType = UNSET
    discounts: list[Discount] | UnsetType = UNSET
    test: bool | UnsetType = UNSET
    refundReason: str | UnsetType = UNSET
    refundTotal: str | UnsetType = UNSET
    paidAt: str | UnsetType = UNSET
    refundedAt: str | UnsetType = UNSET


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    action: Literal["refund"]
    reason: str
    total: Amount
