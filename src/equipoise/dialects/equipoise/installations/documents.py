"""Shapes of installations as our own interface has them."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

State = Literal["pending", "scheduled", "invoiced", "paid", "notpaid", "overdue", "refunded"]


class Install(Struct, frozen=True):
    """`id`: as the provider knows it, such as icfg_…; `revokeOthers`: whether its older tokens are void."""

    id: str
    revokeOthers: bool = False


class Installation(Struct, frozen=True):
    """`clientId` is what the provider signs on with, beside the client's secret."""

    id: str
    project: str
    environment: str
    status: str
    clientId: str
    createdAt: int


class Installations(Struct, frozen=True):
    items: list[Installation]


class Installed(Installation, frozen=True, kw_only=True):
    """`token` is seen this once; the ones before it stay valid."""

    token: str
    clientSecret: str


class CreateCode(Struct, frozen=True):
    """`member`: id of a member of the project, who comes to the provider with the code."""

    member: str


class Code(Struct, frozen=True):
    code: str
    expiresAt: int


class ConfigStore(Struct, frozen=True):
    """`connectionString` is what applications are set up with, as EDGE_CONFIG; hidden from readers."""

    id: str
    connectionString: str
    digest: str
    updatedAt: int
    items: int


class Refund(Struct, frozen=True):
    """What the provider asks to give back, and why."""

    total: str
    reason: str


class Invoice(Struct, frozen=True):
    """`number` is for people: the first of an installation ends in 0001. `refund`: asked for, or given where
    the state says so."""

    id: str
    number: str
    state: str
    externalId: str
    total: str
    createdAt: int
    refund: Refund | UnsetType = UNSET


class Statement(Struct, frozen=True):
    """What was said last of a day, or of balances, as it was said."""

    kind: Literal["usage", "balances"]
    day: str
    document: dict[str, Any]


class Billing(Struct, frozen=True):
    invoices: list[Invoice]
    statements: list[Statement]


class MoveInvoice(Struct, frozen=True):
    state: State
