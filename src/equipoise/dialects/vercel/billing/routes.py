"""Routes of what providers say of money."""

from equipoise.application.answers import Answer
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel import ids
from equipoise.dialects.vercel.access import ROOT, reached
from equipoise.dialects.vercel.billing import documents, intents, render
from equipoise.domain.invoice import INVOICE
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

INVOICES = f"{ROOT}/billing/invoices"


def submit_billing_data(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.submit_usage(installation, call.json())
    return call.change(intent, lambda *_: Answer(201), installation.territory, about=installation.id)


def submit_balances(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.submit_balances(installation, call.json())
    return call.change(intent, lambda *_: Answer(201), installation.territory, about=installation.id)


def submit_invoice(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.submit_invoice(installation, call.json())
    return call.change(
        intent, lambda _, document: said(document), installation.territory, about=installation.id
    )


def get_invoice(call: Call) -> Answer:
    installation = reached(call)

    def answer(world: World) -> Answer:
        now = intents.owned(world, installation, call.path["invoiceId"])
        return said(render.invoice(now), now.revision)

    return call.read(answer, installation.territory, installation.id)


def act_on_invoice(call: Call) -> Answer:
    installation, id = reached(call), call.path["invoiceId"]
    return call.change(
        intents.act(installation, id, call.json()),
        lambda *_: Answer(204),
        installation.territory,
        Target(INVOICE, id=ids.read(ids.INVOICE, id, "invoice")),
        about=installation.id,
    )


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
