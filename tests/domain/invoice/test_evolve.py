"""Events of an invoice are believed: none fails, whatever the state."""

import pytest

from equipoise.domain.change import fold
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.events import Moved, RefundRequested
from equipoise.domain.invoice.state import Refund, Status
from tests.domain.builders import LATER, an_invoice


@pytest.mark.parametrize("to", Status)
def test_a_move_that_no_life_allows_is_believed(to: Status) -> None:
    now = fold(INVOICE, an_invoice(status=Status.REFUNDED), (Moved(to, 7),), LATER)
    assert now is not None
    assert (now.status, now.changed_at, now.revision) == (to, 7, 1)


def test_a_refund_of_a_draft_is_believed() -> None:
    refund = Refund("", "not a number")
    now = fold(INVOICE, an_invoice(status=Status.DRAFT), (RefundRequested(refund, 7),), LATER)
    assert now is not None
    assert (now.status, now.refund, now.changed_at) == (Status.REFUND_REQUESTED, refund, 7)
