"""Invoices as documents."""

from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.billing import documents
from equipoise.domain.invoice.state import Discount, Invoice, Line
from equipoise.translation.times import iso


def invoice(now: Invoice) -> documents.Invoice:
    refund = now.refund
    return documents.Invoice(
        invoiceId=ids.invoice_id(now.id),
        state=now.status.value,
        invoiceNumber=now.number,
        invoiceDate=now.dated,
        period=documents.Period(now.period.start, now.period.end),
        items=[_line(each) for each in now.lines],
        total=f"{now.total:f}",
        created=iso(now.created_at),
        updated=iso(now.changed_at),
        externalId=now.external_id or UNSET,
        memo=now.memo or UNSET,
        discounts=[_discount(each) for each in now.discounts] or UNSET,
        test=now.test or UNSET,
        refundReason=UNSET if refund is None else refund.reason,
        refundTotal=UNSET if refund is None else refund.total,
        paidAt=_at(now.paid_at),
        refundedAt=_at(now.refunded_at),
    )


def _line(said: Line) -> documents.Line:
    return documents.Line(
        said.plan, said.name, said.price, said.quantity, said.units, said.total, **_about(said)
    )


def _discount(said: Discount) -> documents.Discount:
    return documents.Discount(said.plan, said.name, said.amount, **_about(said))


def _about(said: Line | Discount) -> dict[str, Any]:
    return {
        "resourceId": said.resource or UNSET,
        "start": said.span.start or UNSET,
        "end": said.span.end or UNSET,
        "details": said.details or UNSET,
    }


def _at(at: int | None) -> str | UnsetType:
    return UNSET if at is None else iso(at)
