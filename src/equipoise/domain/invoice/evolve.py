"""What each event makes of an invoice. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.invoice.events import Created, Moved, RefundRequested
from equipoise.domain.invoice.state import Invoice, Status


def _move(now: Invoice, event: Moved) -> Invoice:
    moved = replace(now, status=event.to, changed_at=event.at)
    if event.to is Status.REFUNDED:
        return replace(moved, refunded_at=event.at)
    if event.to is Status.PAID and now.status is Status.REFUND_REQUESTED:
        return replace(moved, refund=None)  # what was asked is declined
    return replace(moved, paid_at=event.at) if event.to is Status.PAID else moved


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: event.invoice,
    Moved: _move,
    RefundRequested: lambda now, event: replace(
        now, status=Status.REFUND_REQUESTED, refund=event.refund, changed_at=event.at
    ),
}
