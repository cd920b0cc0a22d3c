"""What the tests of money say over and over."""

from typing import Any

from tests.dialects.vercel.provider import OURS, ROOT, Provider, said

BILLING, BALANCE, INVOICES = f"{ROOT}/billing", f"{ROOT}/billing/balance", f"{ROOT}/billing/invoices"
FINALIZE = f"{ROOT}/billing/finalize"
SPAN = {"start": "2024-01-01T00:00:00.000Z", "end": "2024-02-01T00:00:00.000Z"}
WHEN = "2024-01-15T12:00:00.000Z"


def a_line(**fields: Any) -> dict[str, Any]:
    whole = {
        "billingPlanId": "pro",
        "name": "Seats",
        "price": "0.60",
        "quantity": 3,
        "units": "seats",
        "total": "1.80",
    }
    return said(whole | fields)


def a_discount(**fields: Any) -> dict[str, Any]:
    return said({"billingPlanId": "pro", "name": "Welcome", "amount": "0.30"} | fields)


def an_invoice(**fields: Any) -> dict[str, Any]:
    return said({"invoiceDate": WHEN, "period": SPAN, "items": [a_line()]} | fields)


def a_usage(**fields: Any) -> dict[str, Any]:
    return said(
        {"name": "Decisions", "type": "total", "units": "1", "dayValue": 3, "periodValue": 4.5} | fields
    )


def of_a_day(**fields: Any) -> dict[str, Any]:
    whole = {
        "timestamp": WHEN,
        "eod": "2024-01-16T00:00:00.000Z",
        "period": SPAN,
        "billing": [a_line()],
        "usage": [],
    }
    return said(whole | fields)


def balances(**fields: Any) -> dict[str, Any]:
    return said({"timestamp": WHEN, "balances": [{"currencyValueInCents": 1_250}]} | fields)


def submitted(provider: Provider, **fields: Any) -> str:
    """The path of an invoice."""
    return f"{INVOICES}/{provider.told('POST', INVOICES, an_invoice(**fields))['invoiceId']}"


def move(provider: Provider, invoice: str, *states: str) -> None:
    """As whoever pays would, who knows it by the id that the bill shows."""
    shown = next(each["id"] for each in bill(provider)["invoices"] if invoice.endswith(each["id"]))
    for state in states:
        provider.speak("PATCH", f"{OURS}/invoices/{shown}", {"state": state})


def bill(provider: Provider) -> Any:
    """What the instance is shown of money."""
    return provider.speak("GET", f"{OURS}/billing")
