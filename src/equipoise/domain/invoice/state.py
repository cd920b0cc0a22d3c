"""An invoice of a provider to one of its customers. Amounts are decimal texts, and stay as they were said."""

from decimal import Context, Decimal
from enum import StrEnum

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.identity import Id, Place

_EXACT = Context(prec=200)  # more digits than all lines of an invoice can need


class Status(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    SCHEDULED = "scheduled"
    INVOICED = "invoiced"
    PAID = "paid"
    NOT_PAID = "notpaid"
    OVERDUE = "overdue"
    REFUND_REQUESTED = "refund_requested"
    REFUNDED = "refunded"


class Span(Struct, frozen=True):
    """Two times, ISO 8601 as they were said; "" for that of the invoice."""

    start: str = ""
    end: str = ""


class Line(Struct, frozen=True):
    """So much for something. `resource`: the provider's id of what it is about; "" for the installation."""

    plan: str
    name: str
    price: str
    quantity: int | float
    units: str
    total: str
    resource: str = ""
    details: str = ""
    span: Span = Span()


class Discount(Struct, frozen=True):
    plan: str
    name: str
    amount: str
    resource: str = ""
    details: str = ""
    span: Span = Span()


class Refund(Struct, frozen=True):
    reason: str
    total: str


class Invoice(Struct, frozen=True):
    """An invoice of an installation.

    installation  its key
    external_id   the provider's own id of it, unique in the installation; "" for none
    dated         its date, ISO 8601 as it was said
    test          whether no money is meant
    final         whether the provider means it to be the last
    changed_at    when its status last changed; paid_at, refunded_at    None where it was not
    """

    id: Id
    installation: str
    project: str
    environment: str
    created_at: int
    changed_at: int
    number: str
    dated: str
    period: Span
    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...] = ()
    status: Status = Status.PENDING
    external_id: str = ""
    memo: str = ""
    test: bool = False
    final: bool = False
    refund: Refund | None = None
    paid_at: int | None = None
    refunded_at: int | None = None
    revision: int = 0
    touched_at: int = 0

    @property
    def key(self) -> str:
        return self.id

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"invoice {self.number}"

    @property
    def total(self) -> Decimal:
        """What the lines come to, less the discounts: exact, since their sum is what is asked for."""
        asked = (Decimal(line.total) for line in self.lines)
        less = (Decimal(discount.amount) for discount in self.discounts)
        return _EXACT.subtract(_sum(*asked), _sum(*less))


def _sum(*amounts: Decimal) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def external_link(installation: str, external_id: str) -> tuple[str, str]:
    """What leads to an installation's invoice by the provider's own id of it."""
    return "external-id", f"{installation}/{external_id}"


def facets(invoice: Invoice) -> Facets:
    """It claims its external id, so that no other of the installation has it, and links to it."""
    named = invoice.external_id
    return Facets(
        name=invoice.number,
        status=invoice.status,
        created_at=invoice.created_at,
        links=(
            ("installation", invoice.installation),
            *((external_link(invoice.installation, named),) if named else ()),
        ),
        claims=(f"invoice:{invoice.installation}:{named}",) if named else (),
    )
