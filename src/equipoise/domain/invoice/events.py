"""What happened to an invoice. `at` in milliseconds since 1970."""

from equipoise.domain.change import Event
from equipoise.domain.invoice.state import Invoice, Refund, Status


class Created(Event, frozen=True):
    invoice: Invoice


class Moved(Event, frozen=True):
    to: Status
    at: int


class RefundRequested(Event, frozen=True):
    refund: Refund
    at: int
