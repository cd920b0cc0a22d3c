"""The life of an invoice, as moves in a table. The vendor publishes the statuses, and no moves."""

from collections.abc import Mapping
from types import MappingProxyType

from equipoise.domain.invoice.state import Status

MOVES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.DRAFT: frozenset({Status.PENDING}),
        Status.PENDING: frozenset({Status.SCHEDULED, Status.INVOICED}),
        Status.SCHEDULED: frozenset({Status.INVOICED}),
        Status.INVOICED: frozenset({Status.PAID, Status.NOT_PAID, Status.OVERDUE}),
        Status.NOT_PAID: frozenset({Status.PAID, Status.OVERDUE}),
        Status.OVERDUE: frozenset({Status.PAID, Status.NOT_PAID}),
        Status.PAID: frozenset(),  # a refund is asked for with its reason
        Status.REFUND_REQUESTED: frozenset({Status.REFUNDED, Status.PAID}),
        Status.REFUNDED: frozenset(),
    }
)
