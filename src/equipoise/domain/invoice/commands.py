"""What may be asked of an invoice."""

from equipoise.domain.change import Command
from equipoise.domain.invoice.state import Invoice, Refund, Status


class Create(Command, frozen=True):
    """`invoice` whole, revision 0."""

    invoice: Invoice


class Move(Command, frozen=True):
    """To a status that its life allows next."""

    to: Status


class RequestRefund(Command, frozen=True):
    """Asks that so much of what was paid be given back."""

    refund: Refund
