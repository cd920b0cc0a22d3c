"""What the commands to an invoice lead to."""

from decimal import Decimal

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Invalid, Refused, Violation, check
from equipoise.domain.invoice import checks
from equipoise.domain.invoice.commands import Create, Move, RequestRefund
from equipoise.domain.invoice.events import Created, Moved, RefundRequested
from equipoise.domain.invoice.lifecycle import MOVES
from equipoise.domain.invoice.state import Invoice, Status

Events = tuple[Event, ...]


def create(_: None, command: Create, _moment: Moment) -> Events:
    check(*checks.of_invoice(command.invoice))
    return (Created(command.invoice),)


def move(now: Invoice, command: Move, moment: Moment) -> Events:
    if command.to is now.status:
        return ()
    if command.to not in MOVES[now.status]:
        raise Refused(f"make it {command.to}", now.said, f"is {now.status}")
    return (Moved(command.to, moment.at),)


def request_refund(now: Invoice, command: RequestRefund, moment: Moment) -> Events:
    check(*checks.of_refund(command.refund))
    if now.status is not Status.PAID:
        raise Refused("refund it", now.said, f"is {now.status}; only what is paid can be given back")
    if Decimal(command.refund.total) > now.total:
        raise Invalid(Violation("total", f"must be at most {now.total:f}", command.refund.total))
    return (RefundRequested(command.refund, moment.at),)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    Create: create,
    Move: move,
    RequestRefund: request_refund,
}
