"""Requests about money as intents."""

import re
from collections.abc import Generator
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.installations import invoice_of
from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.billing import documents, reading
from equipoise.dialects.vercel.findings import Findings
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Violation, check
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import NumberInvoice
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE, checks
from equipoise.domain.invoice.commands import Create, RequestRefund
from equipoise.domain.invoice.state import Invoice, Refund, external_link
from equipoise.domain.statement import STATEMENT
from equipoise.domain.statement.commands import Create as CreateStatement
from equipoise.domain.statement.commands import Restate
from equipoise.domain.statement.state import BALANCES, USAGE, Statement, key_of
from equipoise.translation.decode import convert
from equipoise.translation.given import given

Stating = Generator[Step, Outcome[Any], Statement]
Submitting = Generator[Step, Outcome[Any], documents.Submitted]

_NAME = re.compile("[a-z_]+")
WORDS = {  # ours → theirs
    "dated": "invoiceDate",
    "external_id": "externalId",
    "lines": "items",
    "plan": "billingPlanId",
    "resource": "resourceId",
}


def submit_usage(body: Any, installation: Installation) -> Intent[Statement]:
    """The last that is said of a day counts; an older one that comes late changes nothing."""

    def intent(world: World) -> Stating:
        said = convert(body, documents.BillingData)
        check(*_of_usage(world, installation, said))
        return (yield from _state(world, installation, USAGE, said.timestamp, body, reading.day(said.eod)))

    return intent


def submit_balances(body: Any, installation: Installation) -> Intent[Statement]:
    def intent(world: World) -> Stating:
        said = convert(body, documents.Balances)
        named = reading.known(world, installation, said.balances, "balances")
        check(*reading.times(timestamp=said.timestamp), *named)
        return (yield from _state(world, installation, BALANCES, said.timestamp, body))

    return intent


def submit_invoice(body: Any, installation: Installation) -> Intent[documents.Submitted]:
    """With `test.validate` nothing is kept, and what is wrong is no refusal."""

    def intent(world: World) -> Submitting:
        said = convert(body, documents.SubmitInvoice)
        born = reading.invoice(world, installation, said)
        test = True if born.test else UNSET
        findings = (*_of_lines(world, installation, said), *_in_words(checks.of_invoice(born)))
        if said.test is not UNSET and said.test.validate is True:
            tested = (*findings, *_in_the_way(world, installation, born))
            found = [str(each) for each in tested if isinstance(each, Violation)]
            return documents.Submitted(test=test, validationErrors=found)
        numbered = yield INSTALLATION, installation, NumberInvoice()
        check(*findings)
        yield INVOICE, None, Create(replace(born, number=reading.number(numbered.state)))
        return documents.Submitted(ids.invoice_id(born.id), test)

    return intent


def act(invoice: str, body: Any, installation: Installation) -> Intent[Invoice]:
    def intent(world: World) -> Generator[Step, Outcome[Any], Invoice]:
        now = owned(world, installation, invoice)
        said = convert(body, documents.Act)
        asked = yield INVOICE, now, RequestRefund(Refund(said.reason, said.total))
        after: Invoice = asked.state
        return after

    return intent


def owned(world: World, installation: Installation, invoice: str) -> Invoice:
    """The installation's invoice of this id. raises Missing"""
    return invoice_of(world, installation, ids.read(ids.INVOICE, invoice, "invoice"), invoice)


def _in_the_way(world: World, installation: Installation, born: Invoice) -> Findings:
    """What would be refused although it is well said."""
    yield installation.finalized_at is None or Violation("", "the installation is finalized")
    known = world.linked(INVOICE, *external_link(installation.key, born.external_id))
    taken = bool(born.external_id) and known is not None
    yield not taken or Violation("externalId", "is that of another invoice", born.external_id)


def _in_words(findings: Findings) -> Findings:
    """Each part of a place as the wire calls it: lines[0].plan is items[0].billingPlanId."""
    for each in findings:
        if isinstance(each, Violation):
            where = _NAME.sub(lambda part: WORDS.get(part[0], part[0]), each.where)
            yield replace(each, where=where)


def _state(
    world: World, installation: Installation, kind: str, timestamp: str, body: Any, day: str = ""
) -> Stating:
    place, said_at = installation.territory, reading.milliseconds(timestamp)
    now = world.peek(STATEMENT, place, key_of(installation.key, kind, day))
    if now is not None:
        stated = yield STATEMENT, now, Restate(said_at, body)
    else:
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
        stated = yield STATEMENT, None, CreateStatement(born)
    statement: Statement = stated.state
    return statement


def _of_usage(world: World, installation: Installation, said: documents.BillingData) -> Findings:
    interim = said.billing if isinstance(said.billing, documents.Interim) else documents.Interim(said.billing)
    discounts = given(interim.discounts, [])
    yield from reading.times(timestamp=said.timestamp, eod=said.eod)
    yield from reading.times(**{"period.start": said.period.start, "period.end": said.period.end})
    for where, lines in (("billing", interim.items), ("discounts", discounts)):
        yield from reading.spans(lines, where)
        yield from reading.amounts(lines, where)
        yield from reading.known(world, installation, lines, where)
    yield from reading.known(world, installation, said.usage, "usage")


def _of_lines(world: World, installation: Installation, said: documents.SubmitInvoice) -> Findings:
    discounts = given(said.discounts, [])
    yield from reading.known(world, installation, said.items, "items")
    yield from reading.known(world, installation, discounts, "discounts")
