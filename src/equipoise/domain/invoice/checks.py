"""What must hold of an invoice: findings for `check`. A limit met raises Exceeded."""

import re
from collections.abc import Iterator
from datetime import datetime
from math import isfinite

from equipoise.domain.errors import Violation
from equipoise.domain.identity import is_id, key_rule, text_rule
from equipoise.domain.invoice.state import Discount, Invoice, Line, Refund, Span
from equipoise.domain.limits import KEY_LENGTH_MAX, NAME_LENGTH_MAX, within

Findings = Iterator[bool | Violation]

AMOUNT_LENGTH_MAX = 40
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def of_invoice(born: Invoice) -> Findings:
    within("INVOICE_LINES_MAX", len(born.lines) + len(born.discounts))
    yield is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id)
    yield key_rule("installation", born.installation)
    yield key_rule("project", born.project)
    yield key_rule("environment", born.environment)
    yield text_rule("externalId", born.external_id, KEY_LENGTH_MAX)
    yield text_rule("memo", born.memo)
    dated = _time(born.dated)
    yield dated is not None or Violation("invoiceDate", _TIME_RULE, born.dated)
    yield from of_span("period", born.period)
    start, end = _time(born.period.start), _time(born.period.end)
    if dated is not None and start is not None and end is not None:
        yield start <= dated <= end or Violation("invoiceDate", "must be within the period", born.dated)
    sums = True
    for position, line in enumerate(born.lines):
        for finding in _of_line(f"items[{position}]", line):
            sums = sums and finding is True
            yield finding
    for position, discount in enumerate(born.discounts):
        for finding in _of_discount(f"discounts[{position}]", discount):
            sums = sums and finding is True
            yield finding
    yield not sums or born.total >= 0 or Violation("discounts", "come to more than the items")


def of_refund(refund: Refund) -> Findings:
    yield text_rule("reason", refund.reason)
    yield amount_rule("total", refund.total)


def of_span(where: str, span: Span) -> Findings:
    """Both times, in order."""
    for name, text in (("start", span.start), ("end", span.end)):
        yield _time(text) is not None or Violation(f"{where}.{name}", _TIME_RULE, text)
    start, end = _time(span.start), _time(span.end)
    if start is not None and end is not None:
        yield start <= end or Violation(f"{where}.end", "must not be before the start", span.end)


def time_rule(where: str, text: str) -> bool | Violation:
    """A time with its offset, as ISO 8601 has it."""
    return _time(text) is not None or Violation(where, _TIME_RULE, text)


def amount_rule(where: str, text: str) -> bool | Violation:
    whole = bool(_AMOUNT.fullmatch(text)) and len(text) <= AMOUNT_LENGTH_MAX
    return whole or Violation(where, f"must be a decimal of at most {AMOUNT_LENGTH_MAX} characters", text)


def number_rule(where: str, number: int | float) -> bool | Violation:
    return isfinite(number) or Violation(where, "must be a number")


_TIME_RULE = "must be an ISO 8601 time with its offset, such as Z"


def _of_line(where: str, line: Line) -> Findings:
    yield from _of_words(where, line)
    yield amount_rule(f"{where}.price", line.price)
    yield number_rule(f"{where}.quantity", line.quantity)
    yield text_rule(f"{where}.units", line.units, NAME_LENGTH_MAX)
    yield amount_rule(f"{where}.total", line.total)


def _of_discount(where: str, discount: Discount) -> Findings:
    yield from _of_words(where, discount)
    yield amount_rule(f"{where}.amount", discount.amount)


def _of_words(where: str, said: Line | Discount) -> Findings:
    yield text_rule(f"{where}.billingPlanId", said.plan, KEY_LENGTH_MAX)
    yield text_rule(f"{where}.resourceId", said.resource, KEY_LENGTH_MAX)
    yield text_rule(f"{where}.name", said.name)
    yield text_rule(f"{where}.details", said.details)
    for name, text in (("start", said.span.start), ("end", said.span.end)):
        yield not text or time_rule(f"{where}.{name}", text)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
