"""What an invoice may be, what may be asked of one, and what it answers."""

from math import inf, nan
from typing import Any

import pytest

from equipoise.domain.errors import Exceeded, Invalid
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.commands import Create, RequestRefund
from equipoise.domain.invoice.events import RefundRequested
from equipoise.domain.invoice.state import Invoice, Refund, Span, Status
from equipoise.domain.limits import (
    AMOUNT_LENGTH_MAX,
    DESCRIPTION_LENGTH_MAX,
    INVOICE_LINES_MAX,
    KEY_LENGTH_MAX,
    NAME_LENGTH_MAX,
)
from tests.domain.builders import LATER, NOVEMBER, a_discount, a_line, after, an_invoice, events_of

NO_SPAN = Span("2023-11-15", "later")


def faults(invoice: Invoice) -> list[str]:
    """Where its birth finds something; none when it is born."""
    try:
        after(INVOICE, None, Create(invoice))
    except Invalid as refusal:
        return [violation.where for violation in refusal.violations]
    return []


def refund_of(paid: Invoice, total: str, reason: str = "broken") -> tuple[Any, ...]:
    return events_of(INVOICE, paid, RequestRefund(Refund(reason, total)))


def paid(*totals: str) -> Invoice:
    return an_invoice(status=Status.PAID, lines=tuple(a_line(total) for total in totals))


def test_an_invoice_is_born_whole() -> None:
    born = after(INVOICE, None, Create(an_invoice(discounts=(a_discount(),))))
    assert born == an_invoice(discounts=(a_discount(),), revision=1, touched_at=LATER)
    assert born.status is Status.PENDING


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = an_invoice(
        id="x",
        installation="a/b",
        project="",
        environment="",
        external_id="x" * (KEY_LENGTH_MAX + 1),
        memo="x" * (DESCRIPTION_LENGTH_MAX + 1),
        dated="today",
        period=Span(),
        lines=(a_line(), a_line("x")),
        discounts=(a_discount("x"),),
    )
    assert faults(wrong) == [
        *("id", "installation", "project", "environment", "external_id", "memo", "dated"),
        *("period.start", "period.end", "lines[1].total", "discounts[0].amount"),
    ]


def test_every_fault_of_a_line_and_of_a_discount_is_named() -> None:
    words = {"plan": "\0", "resource": "\0", "name": "\0", "details": "\0", "span": NO_SPAN}
    line = a_line("x", **words, price="x", quantity=nan, units="\0")
    wrong = an_invoice(lines=(line,), discounts=(a_discount("x", **words),))
    named = ("plan", "resource", "name", "details", "start", "end")
    money = ("price", "quantity", "units", "total")
    lines = [f"lines[0].{name}" for name in (*named, *money)]
    assert faults(wrong) == lines + [f"discounts[0].{name}" for name in (*named, "amount")]


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("plan", KEY_LENGTH_MAX),
        ("resource", KEY_LENGTH_MAX),
        ("units", NAME_LENGTH_MAX),
        ("name", DESCRIPTION_LENGTH_MAX),
        ("details", DESCRIPTION_LENGTH_MAX),
    ],
)
def test_a_text_of_a_line_has_so_many_characters_and_no_more(field: str, most: int) -> None:
    for length, found in ((0, 0), (most, 0), (most + 1, 1)):
        assert len(faults(an_invoice(lines=(a_line(**{field: "x" * length}),)))) == found


@pytest.mark.parametrize("amount", ["0", "00.10", "0.1", "12345678901234567890.5", "9" * AMOUNT_LENGTH_MAX])
def test_a_decimal_is_an_amount_and_stays_as_it_was_said(amount: str) -> None:
    born = after(INVOICE, None, Create(an_invoice(lines=(a_line(amount, price=amount),))))
    assert (born.lines[0].price, born.lines[0].total) == (amount, amount)


@pytest.mark.parametrize(
    "amount",
    [
        "",
        "-1",
        "+1",
        "1.",
        ".5",
        "1e3",
        "1,5",
        " 1",
        "1\n",
        "1_0",
        "٣",
        "NaN",
        "Infinity",
        "9" * (AMOUNT_LENGTH_MAX + 1),
    ],
)
def test_nothing_else_is_an_amount(amount: str) -> None:
    wrong = an_invoice(lines=(a_line(amount, price=amount),), discounts=(a_discount(amount),))
    assert faults(wrong) == ["lines[0].price", "lines[0].total", "discounts[0].amount"]
    with pytest.raises(Invalid, match="total: must be a decimal"):
        refund_of(paid("10"), amount)


@pytest.mark.parametrize(
    ("quantity", "found"),
    [(0, 0), (-1, 0), (0.5, 0), (2**53, 0), (nan, 1), (inf, 1), (-inf, 1), (10**400, 1)],
)
def test_a_quantity_is_any_number(quantity: float, found: int) -> None:
    assert len(faults(an_invoice(lines=(a_line(quantity=quantity),)))) == found


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "2023-11-15",
            "2023-11-15T00:00:00",
            "2023-11-31T00:00:00Z",
            "2023-W46-3T00:00:00Z",
        ),
        *(
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "1899-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
        ),
        *("2023-11-15\x0000:00:00Z", "2023-11-15\n00:00:00Z", "2023-11-15T00:00:00Z\n", "20231115T000000Z"),
        *("2023-11-15T24:00:01Z", "2023-11-15T00:00:60Z", "2023-11-15T00:00:00+24:00", "now", "\ud800"),
    ],
)
def test_a_time_without_its_offset_is_none(text: str) -> None:
    assert faults(an_invoice(dated=text)) == ["dated"]
    assert faults(an_invoice(period=Span(text, NOVEMBER.end))) == ["period.start"]
    assert faults(an_invoice(period=Span(NOVEMBER.start, text))) == ["period.end"]


@pytest.mark.parametrize(
    ("dated", "sound"),
    [
        ("2023-11-01T00:00:00Z", True),
        ("2023-12-01T00:00:00.000+00:00", True),
        ("2023-12-01T02:00:00+02:00", True),
        ("2023-10-31T20:00:00-04:00", True),
        ("2023-10-31T23:59:59.999Z", False),
        ("2023-11-01T00:00:00+00:01", False),
        ("2023-12-01T00:00:00-00:01", False),
    ],
)
def test_an_invoice_is_of_a_day_in_its_period(dated: str, sound: bool) -> None:
    assert faults(an_invoice(dated=dated)) == ([] if sound else ["dated"])


def test_a_period_does_not_end_before_it_begins() -> None:
    instant = an_invoice().dated
    assert faults(an_invoice(period=Span(instant, instant))) == []
    assert "period.end" in faults(an_invoice(period=Span(NOVEMBER.end, NOVEMBER.start)))


def test_a_line_has_the_times_of_its_invoice_or_its_own() -> None:
    assert faults(an_invoice(lines=(a_line(span=Span(NOVEMBER.start)),))) == []
    assert faults(an_invoice(lines=(a_line(span=NO_SPAN),))) == ["lines[0].start", "lines[0].end"]


def test_a_line_does_not_end_before_it_begins() -> None:
    backwards = Span(NOVEMBER.end, NOVEMBER.start)
    assert faults(an_invoice(lines=(a_line(span=backwards),))) == ["lines[0].end"]
    assert faults(an_invoice(discounts=(a_discount("0", span=backwards),))) == ["discounts[0].end"]


def test_a_total_is_exact_whatever_its_length() -> None:
    for amount in ("1" * AMOUNT_LENGTH_MAX, "0." + "1" * (AMOUNT_LENGTH_MAX - 2)):
        assert f"{an_invoice(lines=(a_line(amount),)).total:f}" == amount


def test_discounts_come_to_no_more_than_the_items() -> None:
    items = (a_line("0.1"),) * 3
    assert faults(an_invoice(lines=items, discounts=(a_discount("0.3"),))) == []
    assert faults(an_invoice(lines=items, discounts=(a_discount("0.30000000000000000000001"),))) == [
        "discounts"
    ]
    assert faults(an_invoice(lines=(), discounts=(a_discount("0.00"),))) == []


def test_what_does_not_add_up_is_not_asked_of_what_is_no_amount() -> None:
    assert faults(an_invoice(lines=(a_line("x"),), discounts=(a_discount("99"),))) == ["lines[0].total"]
    assert faults(an_invoice(discounts=(a_discount("99"), a_discount("x")))) == ["discounts[1].amount"]


def test_there_are_so_many_lines_and_no_more_discounts_among_them() -> None:
    full = an_invoice(lines=(a_line(),) * (INVOICE_LINES_MAX - 1), discounts=(a_discount(),))
    assert faults(full) == []
    with pytest.raises(Exceeded, match="INVOICE_LINES_MAX"):
        faults(an_invoice(lines=full.lines, discounts=(a_discount(),) * 2))


def test_a_refund_is_asked_for_with_its_reason() -> None:
    refund = Refund("broken", "4.50")
    assert refund_of(paid("10"), "4.50") == (RefundRequested(refund, LATER),)
    now = after(INVOICE, paid("10"), RequestRefund(refund))
    assert (now.status, now.refund, now.changed_at) == (Status.REFUND_REQUESTED, refund, LATER)


def test_every_fault_of_a_refund_is_named_before_it_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        refund_of(an_invoice(), "-1", "x" * (DESCRIPTION_LENGTH_MAX + 1))
    assert [violation.where for violation in refusal.value.violations] == ["reason", "total"]


@pytest.mark.parametrize("total", ["0", "1", "1.0", "1." + "0" * 38])
def test_a_refund_comes_to_the_total_at_most(total: str) -> None:
    tenths = paid(*["0.1"] * 10)
    assert refund_of(tenths, total)
    with pytest.raises(Invalid, match=r"total: must be at most 1\.0 "):
        refund_of(tenths, "1." + "0" * 37 + "1")


def test_a_total_is_told_in_plain_digits() -> None:
    with pytest.raises(Invalid, match=r"at most 0\.0000000001 "):
        refund_of(paid("0.0000000001"), "1")


def test_a_refund_is_of_what_was_paid_and_not_of_what_was_discounted() -> None:
    discounted = an_invoice(status=Status.PAID, discounts=(a_discount("1.00"),))
    assert refund_of(discounted, "9")
    with pytest.raises(Invalid, match="must be at most"):
        refund_of(discounted, "9.01")
