"""What is said of money, as the domain has it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import UNSET

from equipoise.application.world import World
from equipoise.dialects.vercel.billing import documents
from equipoise.dialects.vercel.findings import Findings
from equipoise.domain.errors import Violation
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice.checks import amount_rule, time_rule
from equipoise.domain.invoice.state import Discount, Invoice, Line, Span, Status
from equipoise.domain.limits import within
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import key_of
from equipoise.translation.given import given


def invoice(world: World, installation: Installation, said: documents.SubmitInvoice) -> Invoice:
    """The invoice that is meant, without its number; a test comes to its end at once."""
    moment, place = world.moment, installation.territory
    test = None if said.test is UNSET else said.test
    status = Status.PENDING if test is None or test.result is UNSET else Status(test.result)
    return Invoice(
        id=moment.id("invoice", installation.key),
        installation=installation.key,
        project=place.project,
        environment=place.environment,
        created_at=moment.at,
        changed_at=moment.at,
        number="",
        dated=said.invoiceDate,
        period=Span(said.period.start, said.period.end),
        lines=tuple(line(each) for each in said.items),
        discounts=tuple(discount(each) for each in given(said.discounts, [])),
        status=status,
        external_id=given(said.externalId, ""),
        memo=given(said.memo, ""),
        test=test is not None,
        final=given(said.final, False),
        paid_at=moment.at if status is Status.PAID else None,
    )


def number(installation: Installation) -> str:
    """Of the invoice that was numbered last."""
    return f"{installation.key}-{installation.invoices:04d}"


def line(said: documents.Line) -> Line:
    return Line(
        plan=said.billingPlanId,
        name=said.name,
        price=said.price,
        quantity=said.quantity,
        units=said.units,
        total=said.total,
        resource=given(said.resourceId, ""),
        details=given(said.details, ""),
        span=_span(said),
    )


def discount(said: documents.Discount) -> Discount:
    return Discount(
        plan=said.billingPlanId,
        name=said.name,
        amount=said.amount,
        resource=given(said.resourceId, ""),
        details=given(said.details, ""),
        span=_span(said),
    )


def known(world: World, installation: Installation, lines: list[Any], where: str) -> Findings:
    """Each resource that is named is one of the installation. raises Exceeded"""
    within("INVOICE_LINES_MAX", len(lines))
    there: dict[str, bool] = {}
    for position, each in enumerate(lines):
        named = each.resourceId
        if named is UNSET:
            continue
        if named not in there:
            key = key_of(installation.key, named)
            there[named] = world.peek(RESOURCE, installation.territory, key) is not None
        rule = "must be a resource of the installation"
        yield there[named] or Violation(f"{where}[{position}].resourceId", rule)


def times(**said: str) -> Findings:
    """Each is a time, under its name."""
    for name, text in said.items():
        yield time_rule(name, text)


def amounts(lines: list[Any], where: str) -> Findings:
    for position, each in enumerate(lines):
        for name in ("price", "total", "amount"):
            if name in each.__struct_fields__:
                yield amount_rule(f"{where}[{position}].{name}", getattr(each, name))


def spans(lines: list[Any], where: str) -> Findings:
    for position, each in enumerate(lines):
        for name, text in (("start", each.start), ("end", each.end)):
            if text is not UNSET:
                yield time_rule(f"{where}[{position}].{name}", text)


def milliseconds(text: str) -> int:
    """Since 1970, of a time that is one."""
    return int(datetime.fromisoformat(text).timestamp() * 1_000)


def day(text: str) -> str:
    """That a time is of, in UTC; midnight ends the day before it."""
    at = datetime.fromisoformat(text).astimezone(UTC)
    return (at - timedelta(milliseconds=1)).date().isoformat()


def _span(said: documents.Line | documents.Discount) -> Span:
    return Span(given(said.start, ""), given(said.end, ""))
