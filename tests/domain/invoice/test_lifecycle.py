"""The life of an invoice, as it is published: which status may follow which."""

import pytest

from equipoise.domain import labels
from equipoise.domain.errors import Refused
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.commands import Move, RequestRefund
from equipoise.domain.invoice.events import Moved
from equipoise.domain.invoice.state import Refund, Status
from tests.domain.builders import BORN_AT, LATER, after, an_invoice, events_of

NEXT = {
    "draft": {"pending"},
    "pending": {"scheduled", "invoiced"},
    "scheduled": {"invoiced"},
    "invoiced": {"paid", "notpaid", "overdue"},
    "notpaid": {"paid", "overdue"},
    "overdue": {"paid", "notpaid"},
    "paid": set(),
    "refund_requested": {"refunded", "paid"},
    "refunded": set(),
}
REFUND = Refund("broken", "10.00")


@pytest.mark.parametrize("to", Status)
@pytest.mark.parametrize("status", Status)
def test_an_invoice_moves_where_its_life_allows_it(status: Status, to: Status) -> None:
    now = an_invoice(status=status)
    if to is status:
        assert events_of(INVOICE, now, Move(to)) == ()
    elif to in NEXT[status]:
        assert events_of(INVOICE, now, Move(to)) == (Moved(to, LATER),)
        moved = after(INVOICE, now, Move(to))
        assert (moved.status, moved.changed_at) == (to, LATER)
    else:
        with pytest.raises(Refused, match=f"cannot make it {to}: invoice INV-1 is {status}$"):
            events_of(INVOICE, now, Move(to))


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.PAID])
def test_a_refund_is_asked_for_once_it_is_paid(status: Status) -> None:
    with pytest.raises(Refused, match=f"invoice INV-1 is {status}; only what is paid"):
        events_of(INVOICE, an_invoice(status=status), RequestRefund(REFUND))


def test_a_payment_has_its_time() -> None:
    paid = after(INVOICE, an_invoice(status=Status.OVERDUE), Move(Status.PAID))
    assert (paid.paid_at, paid.refunded_at) == (LATER, None)


def test_a_refund_that_is_granted_has_its_time_beside_that_of_the_payment() -> None:
    paid = an_invoice(status=Status.PAID, paid_at=BORN_AT)
    now = after(INVOICE, paid, RequestRefund(REFUND), Move(Status.REFUNDED))
    assert (now.status, now.refund) == (Status.REFUNDED, REFUND)
    assert (now.paid_at, now.refunded_at) == (BORN_AT, LATER)


def test_a_refund_that_is_declined_is_no_more_and_may_be_asked_for_again() -> None:
    paid = an_invoice(status=Status.PAID, paid_at=BORN_AT)
    now = after(INVOICE, paid, RequestRefund(REFUND), Move(Status.PAID))
    assert (now.status, now.refund, now.paid_at, now.refunded_at) == (Status.PAID, None, BORN_AT, None)
    assert events_of(INVOICE, now, RequestRefund(REFUND))


@pytest.mark.parametrize("status", Status)
def test_an_invoice_of_any_status_can_be_deleted(status: Status) -> None:
    assert events_of(INVOICE, an_invoice(status=status), labels.Delete()) == (labels.Deleted(),)
