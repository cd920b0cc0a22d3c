"""Requests about money as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET

from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.access import here
from equipoise.dialects.vercel.billing import documents, reading
from equipoise.dialects.vercel.findings import Findings
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Missing, Refused, Violation, check
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE, checks
from equipoise.domain.invoice.commands import Create, RequestRefund
from equipoise.domain.invoice.state import Invoice, Refund
from equipoise.domain.statement import STATEMENT
from equipoise.domain.statement.commands import Create as CreateStatement
from equipoise.domain.statement.commands import Restate
from equipoise.domain.statement.state import BALANCES, USAGE, Statement, key_of
from equipoise.translation.decode import convert

Gone = Generator[Step, Outcome[Any], None]
Submitting = Generator[Step, Outcome[Any], documents.Submitted]


def submit_usage(installation: Installation, body: Any) -> Intent[None]:
    """The last that is said of a day counts; an older one that comes late changes nothing."""

    def intent(world: World) -> Gone:
        here(world, installation)
        said = convert(body, documents.BillingData)
        check(*_of_usage(world, installation, said))
        yield from _state(world, installation, USAGE, said.timestamp, body, reading.day(said.eod))

    return intent


def submit_balances(installation: Installation, body: Any) -> Intent[None]:
    def intent(world: World) -> Gone:
        here(world, installation)
        said = convert(body, documents.Balances)
        named = reading.known(world, installation, said.balances, "balances")
        check(*reading.times(timestamp=said.timestamp), *named)
        yield from _state(world, installation, BALANCES, said.timestamp, body)

    return intent


def submit_invoice(installation: Installation, body: Any) -> Intent[documents.Submitted]:
    """With `test.validate` nothing is kept, and what is wrong is no refusal."""

    def intent(world: World) -> Submitting:
        now = here(world, installation)
        said = convert(body, documents.SubmitInvoice)
        born = reading.invoice(world, installation, said)
        test = True if born.test else UNSET
        findings = (*_of_lines(world, installation, said), *checks.of_invoice(born))
        if said.test is not UNSET and said.test.validate is True:
            found = [str(each) for each in findings if isinstance(each, Violation)]
            return documents.Submitted(test=test, validationErrors=found)
        if now.finalized_at is not None:
            raise Refused("invoice", now.said, "is finalized")
        check(*findings)
        yield INVOICE, None, Create(born)
        return documents.Submitted(ids.invoice_id(born.id), test)

    return intent


def act(installation: Installation, invoice: str, body: Any) -> Intent[Invoice]:
    def intent(world: World) -> Generator[Step, Outcome[Any], Invoice]:
        here(world, installation)
        now = owned(world, installation, invoice)
        said = convert(body, documents.Act)
        yield INVOICE, now, RequestRefund(Refund(said.reason, said.total))
        return world.get(INVOICE, now.id)

    return intent


def owned(world: World, installation: Installation, invoice: str) -> Invoice:
    """The installation's invoice of this id. raises Missing"""
    found = world.find(INVOICE, ids.read(ids.INVOICE, invoice, "invoice"))
    if found is None or found.installation != installation.key:
        raise Missing("invoice", invoice)
    return found


def _state(
    world: World, installation: Installation, kind: str, timestamp: str, body: Any, day: str = ""
) -> Gone:
    place, said_at = installation.territory, reading.milliseconds(timestamp)
    now = world.peek(STATEMENT, place, key_of(installation.key, kind, day))
    if now is not None:
        yield STATEMENT, now, Restate(said_at, body)
        return
    born = Statement(
        id=world.moment.id("statement", installation.key, kind, day),
        installation=installation.key,
        project=place.project,
        environment=place.environment,
        kind=kind,
        created_at=world.moment.at,
        said_at=said_at,
        document=body,
        day=day,
    )
    yield STATEMENT, None, CreateStatement(born)


def _of_usage(world: World, installation: Installation, said: documents.BillingData) -> Findings:
    interim = said.billing if isinstance(said.billing, documents.Interim) else documents.Interim(said.billing)
    discounts = [] if interim.discounts is UNSET else interim.discounts
    yield from reading.times(timestamp=said.timestamp, eod=said.eod)
    yield from reading.times(**{"period.start": said.period.start, "period.end": said.period.end})
    for where, lines in (("billing", interim.items), ("discounts", discounts)):
        yield from reading.spans(lines, where)
        yield from reading.known(world, installation, lines, where)
    yield from reading.known(world, installation, said.usage, "usage")


def _of_lines(world: World, installation: Installation, said: documents.SubmitInvoice) -> Findings:
    discounts = [] if said.discounts is UNSET else said.discounts
    yield from reading.known(world, installation, said.items, "items")
    yield from reading.known(world, installation, discounts, "discounts")
