"""Routes of what providers say of money."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.access import ROOT, changed, shown
from equipoise.dialects.vercel.billing import documents, intents, render
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE
from equipoise.domain.statement.state import Statement
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

INVOICES = f"{ROOT}/billing/invoices"


def submit_billing_data(call: Call) -> Answer:
    return changed(call, intents.submit_usage, _created)


def submit_balances(call: Call) -> Answer:
    return changed(call, intents.submit_balances, _created)


def submit_invoice(call: Call) -> Answer:
    return changed(call, intents.submit_invoice, lambda _, document: said(document))


def get_invoice(call: Call) -> Answer:
    def answer(world: World, installation: Installation) -> Answer:
        now = intents.owned(world, installation, call.path["invoiceId"])
        return said(render.invoice(now), now.revision)

    return shown(call, answer)


def act_on_invoice(call: Call) -> Answer:
    id = call.path["invoiceId"]

    def target(_: Installation) -> Target:
        return Target(INVOICE, id=ids.read(ids.INVOICE, id, "invoice"))

    intent = partial(intents.act, id)
    return changed(call, intent, lambda _, now: Answer(204, revision=now.revision), target)


def _created(_: World, now: Statement) -> Answer:
    return Answer(201, revision=now.revision)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        f"{ROOT}/billing",
        Act.CREATE,
        submit_billing_data,
        "submitBillingData",
        {201: None},
        body=documents.BillingData,
        about="Usage and interim billing of a day: the last that is said of it is kept.",
    ),
    Route(
        "POST",
        f"{ROOT}/billing/balance",
        Act.CREATE,
        submit_balances,
        "submitPrepaymentBalances",
        {201: None},
        body=documents.Balances,
        about="Balances of prepayments: the last that are said are kept.",
    ),
    Route(
        "POST",
        INVOICES,
        Act.CREATE,
        submit_invoice,
        "submitInvoice",
        {200: documents.Submitted},
        body=documents.SubmitInvoice,
        about="Submits an invoice; in a test, nothing or what becomes of it.",
    ),
    Route(
        "GET",
        f"{INVOICES}/{{invoiceId}}",
        Act.READ,
        get_invoice,
        "getInvoice",
        {200: documents.Invoice},
        brief=True,
        about="One invoice.",
    ),
    Route(
        "POST",
        f"{INVOICES}/{{invoiceId}}/actions",
        Act.CREATE,
        act_on_invoice,
        "updateInvoice",
        {204: None},
        body=documents.Act,
        brief=True,
        about="Asks for a refund of what was paid.",
    ),
)
