"""What must hold of an invoice: findings for `check`. A limit met raises Exceeded."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from equipoise.domain.errors import Violation
from equipoise.domain.free import number_rule
from equipoise.domain.identity import is_id, key_rule, text_rule
from equipoise.domain.invoice.state import Discount, Invoice, Line, Refund, Span
from equipoise.domain.limits import (
    AMOUNT_LENGTH_MAX,
    KEY_LENGTH_MAX,
    NAME_LENGTH_MAX,
    within,
)

Findings = Iterator[bool | Violation]

YEAR_MIN, YEAR_MAX = 1900, 9998
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TIME_RULE = f"must be a time as RFC 3339 has it, with its offset, of the years {YEAR_MIN} to {YEAR_MAX}"
_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def of_invoice(born: Invoice) -> Findings:
    within("INVOICE_LINES_MAX", len(born.lines) + len(born.discounts))
    yield is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id)
    yield key_rule("installation", born.installation)
    yield key_rule("project", born.project)
    yield key_rule("environment", born.environment)
    yield text_rule("external_id", born.external_id, KEY_LENGTH_MAX)
    yield text_rule("memo", born.memo)
    yield text_rule("number", born.number, 2 * KEY_LENGTH_MAX)
    dated = _time(born.dated)
    yield time_rule("dated", born.dated)
    yield from of_span("period", born.period)
    start, end = _time(born.period.start), _time(born.period.end)
    if dated is not None and start is not None and end is not None:
        yield start <= dated <= end or Violation("dated", "must be within the period", born.dated)
    sums = True
    for position, line in enumerate(born.lines):
        for finding in _of_line(f"lines[{position}]", line):
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
    yield time_rule(f"{where}.start", span.start)
    yield time_rule(f"{where}.end", span.end)
    yield from _in_order(where, span.start, span.end)


def _in_order(where: str, start: str, end: str) -> Findings:
    """Of times that are some."""
    began, ended = _time(start), _time(end)
    if began is not None and ended is not None:
        yield began <= ended or Violation(f"{where}.end", "must not be before the start", end)


def time_rule(where: str, text: str) -> bool | Violation:
    """A time as RFC 3339 has it, of YEAR_MIN to YEAR_MAX."""
    return _time(text) is not None or Violation(where, _TIME_RULE, text)


def amount_rule(where: str, text: str) -> bool | Violation:
    whole = bool(_AMOUNT.fullmatch(text)) and len(text) <= AMOUNT_LENGTH_MAX
    return whole or Violation(where, f"must be a decimal of at most {AMOUNT_LENGTH_MAX} characters", text)


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
    yield text_rule(f"{where}.plan", said.plan, KEY_LENGTH_MAX)
    yield text_rule(f"{where}.resource", said.resource, KEY_LENGTH_MAX)
    yield text_rule(f"{where}.name", said.name)
    yield text_rule(f"{where}.details", said.details)
    start, end = said.span.start, said.span.end
    for name, text in (("start", start), ("end", end)):
        yield not text or time_rule(f"{where}.{name}", text)
    yield from _in_order(where, start, end)


def _time(text: str) -> datetime | None:
    """In UTC; None for what is no time as RFC 3339 has it, or none that every calendar holds."""
    try:
        found = datetime.fromisoformat(text).astimezone(UTC) if _TIME.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and YEAR_MIN <= found.year <= YEAR_MAX else None
