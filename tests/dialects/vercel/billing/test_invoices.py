"""Invoices: submitted, tested, paid, given back; nothing is collected."""

from decimal import Decimal
from typing import Any

import pytest

from equipoise.domain.invoice import INVOICE
from tests.dialects.vercel.billing.bills import BILLING as BILLING_DATA
from tests.dialects.vercel.billing.bills import (
    FINALIZE,
    INVOICES,
    SPAN,
    WHEN,
    a_discount,
    a_line,
    an_invoice,
    bill,
    move,
    of_a_day,
    submitted,
)
from tests.dialects.vercel.provider import Provider, theirs

WHOLE = an_invoice(
    externalId="ours-1",
    memo="For January",
    items=[
        a_line(resourceId="shop", details="All of them", start=SPAN["start"], end=WHEN),
        a_line(name="Decisions", price="0.0000001", quantity=1.5, total="0.2"),
    ],
    discounts=[a_discount(resourceId="shop", details="Once", start=WHEN, end=SPAN["end"])],
)
REFUND = {"action": "refund", "reason": "Not needed", "total": "1.80"}


# submitted


def test_an_invoice_is_answered_as_it_was_said_with_its_total(provider: Provider) -> None:
    path = submitted(provider, **WHOLE)
    shown = provider.get(path)
    assert {**shown, **WHOLE} == shown
    assert (shown["state"], shown["total"], shown["invoiceId"]) == (
        "pending",
        "1.70",
        path.rpartition("/")[2],
    )
    assert shown["invoiceNumber"] == "icfg_shop-0001"


@pytest.mark.parametrize(
    ("lines", "discounts", "total"),
    [
        ([], [], "0"),
        (["0.1", "0.2"], [], "0.3"),
        (["0.1", "0.2"], ["0.3"], "0.0"),
        (["9999999999.99", "0.0000001"], [], "9999999999.9900001"),
        (["1000000"], ["0.000001"], "999999.999999"),
    ],
)
def test_a_total_is_exact(provider: Provider, lines: list[str], discounts: list[str], total: str) -> None:
    items = [a_line(total=each) for each in lines]
    path = submitted(provider, items=items, discounts=[a_discount(amount=each) for each in discounts])
    assert Decimal(provider.get(path)["total"]) == Decimal(total)


@pytest.mark.parametrize("field", ["invoiceDate", "period", "items"])
def test_date_period_and_items_must_be_said(provider: Provider, field: str) -> None:
    assert field in provider.refused("POST", INVOICES, an_invoice(**{field: ...}))["message"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"more": 1}, "more"),
        ({"memo": None}, "memo"),
        ({"final": "yes"}, "final"),
        ({"externalId": 1}, "externalId"),
        ({"period": {"start": WHEN}}, "period.end"),
        ({"period": SPAN | {"more": 1}}, "period.more"),
        ({"period": {"start": SPAN["end"], "end": SPAN["start"]}}, "period"),
        ({"period": {"start": "January", "end": "February"}}, "period.start"),
        ({"invoiceDate": "2024-01-15"}, "invoiceDate"),
        ({"invoiceDate": "2023-12-31T23:59:59Z"}, "invoiceDate"),
        ({"invoiceDate": "2024-02-01T00:00:00.001Z"}, "invoiceDate"),
        ({"items": [a_line(), a_line(price=...)]}, "items[1].price"),
        ({"items": [a_line(more=1)]}, "items[0].more"),
        ({"items": [a_line(price=0.6)]}, "items[0].price"),
        ({"items": [a_line(price="-1")]}, "items[0].price"),
        ({"items": [a_line(total="1,80")]}, "items[0].total"),
        ({"items": [a_line(total="1.")]}, "items[0].total"),
        ({"items": [a_line(total="1" * 41)]}, "items[0].total"),
        ({"items": [a_line(quantity="3")]}, "items[0].quantity"),
        ({"items": [a_line(start="then")]}, "items[0].start"),
        ({"items": [a_line(resourceId="none")]}, "items[0].resourceId"),
        ({"discounts": [a_discount(amount=...)]}, "discounts[0].amount"),
        ({"discounts": [a_discount(more=1)]}, "discounts[0].more"),
        ({"discounts": [a_discount(resourceId="none")]}, "discounts[0].resourceId"),
        ({"discounts": [a_discount(amount="1.81")]}, "discounts"),
        ({"test": {"more": 1}}, "test.more"),
        ({"test": {"result": "pending"}}, "test.result"),
        ({"test": {"validate": 1}}, "test.validate"),
        ({"test": None}, "test"),
    ],
    ids=str,
)
def test_an_invoice_that_is_not_well_said_is_refused(provider: Provider, wrong: Any, where: str) -> None:
    assert where in provider.refused("POST", INVOICES, an_invoice(**wrong))["message"]


@pytest.mark.parametrize("date", [SPAN["start"], SPAN["end"], "2024-02-01T01:00:00+01:00"])
def test_an_invoice_may_be_of_the_first_or_last_moment_of_its_period(provider: Provider, date: str) -> None:
    assert provider.get(submitted(provider, invoiceDate=date))["invoiceDate"] == date


def test_an_invoice_has_a_thousand_lines_at_most(provider: Provider) -> None:
    submitted(provider, items=[a_line()] * 999, discounts=[a_discount()])
    provider.refused("POST", INVOICES, an_invoice(items=[a_line()] * 1_000, discounts=[a_discount()]))


def test_an_external_id_is_of_one_invoice_of_the_installation(provider: Provider) -> None:
    submitted(provider, externalId="ours-1")
    provider.refused("POST", INVOICES, an_invoice(externalId="ours-1"), 409)
    provider.told("POST", theirs(INVOICES), an_invoice(externalId="ours-1"), token="neighbour")
    submitted(provider)
    submitted(provider)


def test_invoices_of_one_moment_have_numbers_of_their_own(provider: Provider) -> None:
    for _ in range(3):
        provider.surface.call("POST", INVOICES, json=an_invoice(), token="provider")
    provider.surface.call("POST", theirs(INVOICES), json=an_invoice(), token="neighbour")
    numbers = sorted(each["number"] for each in bill(provider)["invoices"])
    assert numbers == ["icfg_shop-0001", "icfg_shop-0002", "icfg_shop-0003"]
    assert "icfg_other-0001" in {each.number for each in provider.all(INVOICE)}


def test_a_refusal_names_an_invoice_by_its_number(provider: Provider) -> None:
    submitted(provider)
    path = submitted(provider)
    assert "invoice icfg_shop-0002" in provider.refused("POST", f"{path}/actions", REFUND, 409)["message"]


def test_what_is_refused_or_only_validated_uses_up_no_number(provider: Provider) -> None:
    provider.unchanged("POST", INVOICES, an_invoice(test={"validate": True}))
    provider.refused("POST", INVOICES, an_invoice(items=[a_line(resourceId="none")]))
    assert provider.get(submitted(provider))["invoiceNumber"] == "icfg_shop-0001"


# tests


@pytest.mark.parametrize("result", ["paid", "notpaid", "overdue"])
def test_a_test_comes_to_its_result_at_once(provider: Provider, result: str) -> None:
    said = provider.told("POST", INVOICES, an_invoice(test={"result": result}))
    assert said["test"] is True
    shown = provider.get(f"{INVOICES}/{said['invoiceId']}")
    assert (shown["state"], shown["test"]) == (result, True)
    assert ("paidAt" in shown) is (result == "paid")


def test_an_invoice_that_is_no_test_says_so(provider: Provider) -> None:
    assert not provider.told("POST", INVOICES, an_invoice()).get("test")
    assert not provider.get(submitted(provider)).get("test")


def test_a_sound_invoice_is_validated_and_not_kept(provider: Provider) -> None:
    for test in ({"validate": True}, {"validate": True, "result": "paid"}):
        said = provider.unchanged("POST", INVOICES, WHOLE | {"test": test})
        assert (said.get("validationErrors", []), said.get("invoiceId")) == ([], None)


def test_what_is_wrong_with_one_is_told_and_is_no_refusal(provider: Provider) -> None:
    wrong = an_invoice(
        invoiceDate=SPAN["end"].replace("2024", "2025"),
        items=[a_line(resourceId="none")],
        discounts=[a_discount(amount="2")],
        test={"validate": True},
    )
    found = " ".join(provider.unchanged("POST", INVOICES, wrong)["validationErrors"])
    assert all(each in found for each in ("invoiceDate", "items[0].resourceId", "discounts"))


# finalized


def test_once_it_is_finalized_nothing_more_is_invoiced(provider: Provider) -> None:
    before = submitted(provider)
    provider.told("POST", FINALIZE, status=204)
    for test in (..., {"result": "paid"}, {}):
        provider.refused("POST", INVOICES, an_invoice(test=test), 409)
    assert provider.get(before)["state"] == "pending"
    provider.unchanged("POST", FINALIZE, status=204)
    provider.told("POST", theirs(INVOICES), an_invoice(), token="neighbour")
    provider.told("POST", BILLING_DATA, of_a_day(), 201)


# read


@pytest.mark.parametrize("id", ["none", f"inv_{'0' * 24}", "inv_", "inv_x", "0" * 24])
def test_an_invoice_that_is_not_there_is_missing(provider: Provider, id: str) -> None:
    provider.refused("GET", f"{INVOICES}/{id}", status=404)
    provider.refused("POST", f"{INVOICES}/{id}/actions", REFUND, 404)


def test_an_invoice_of_another_installation_is_missing(provider: Provider) -> None:
    path = theirs(submitted(provider, test={"result": "paid"}))
    provider.refused("GET", path, status=404, token="neighbour")
    provider.refused("POST", f"{path}/actions", REFUND, 404, token="neighbour")


# paid, and given back


def test_a_refund_is_asked_for_and_given(provider: Provider) -> None:
    path = submitted(provider)
    move(provider, path, "scheduled", "invoiced", "paid")
    paid = provider.get(path)
    provider.told("POST", f"{path}/actions", REFUND, 204)
    asked = provider.get(path)
    assert (asked["state"], asked["refundReason"], asked["refundTotal"]) == (
        "refund_requested",
        "Not needed",
        "1.80",
    )
    assert (asked["paidAt"], "refundedAt" in asked) == (paid["paidAt"], False)
    move(provider, path, "refunded")
    given = provider.get(path)
    assert (given["state"], given["paidAt"]) == ("refunded", paid["paidAt"])
    assert given["refundedAt"] > given["paidAt"]
    provider.refused("POST", f"{path}/actions", REFUND, 409)


def test_a_refund_that_is_denied_can_be_asked_for_again(provider: Provider) -> None:
    path = submitted(provider, test={"result": "paid"})
    provider.told("POST", f"{path}/actions", REFUND, 204)
    provider.refused("POST", f"{path}/actions", REFUND, 409)
    move(provider, path, "paid")
    provider.told("POST", f"{path}/actions", REFUND | {"total": "1"}, 204)
    assert provider.get(path)["refundTotal"] == "1"


@pytest.mark.parametrize(
    "way", [(), ("scheduled",), ("invoiced",), ("invoiced", "notpaid"), ("invoiced", "overdue")]
)
def test_only_what_is_paid_can_be_given_back(provider: Provider, way: tuple[str, ...]) -> None:
    path = submitted(provider)
    move(provider, path, *way)
    provider.refused("POST", f"{path}/actions", REFUND, 409)


@pytest.mark.parametrize("total", ["1.80", "1.8", "0", "0.01", "1.800"])
def test_a_part_of_it_may_be_asked_for(provider: Provider, total: str) -> None:
    path = submitted(provider, test={"result": "paid"})
    provider.told("POST", f"{path}/actions", REFUND | {"total": total}, 204)
    assert provider.get(path)["refundTotal"] == total


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "1.81"},
        {"total": "-1"},
        {"total": 1},
        {"total": ""},
        {"total": None},
        {"reason": None},
        {"reason": 1},
        {"action": "pay"},
        {"action": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_refund_that_is_not_well_said_is_refused(provider: Provider, wrong: dict[str, Any]) -> None:
    (field,) = wrong
    path = submitted(provider, test={"result": "paid"})
    assert field in provider.refused("POST", f"{path}/actions", REFUND | wrong)["message"]


@pytest.mark.parametrize("field", REFUND)
def test_a_refund_says_what_why_and_how_much(provider: Provider, field: str) -> None:
    path = submitted(provider, test={"result": "paid"})
    body = {name: value for name, value in REFUND.items() if name != field}
    assert field in provider.refused("POST", f"{path}/actions", body)["message"]


def test_an_invoice_is_kept_where_its_installation_is(provider: Provider) -> None:
    submitted(provider)
    kept = provider.only(INVOICE)
    assert (kept.installation, kept.project, kept.environment) == ("icfg_shop", "default", "production")


def test_what_would_stand_in_the_way_is_told_by_a_test(provider: Provider) -> None:
    submitted(provider, externalId="taken")
    asked = an_invoice(externalId="taken", test={"validate": True})
    (taken,) = provider.unchanged("POST", INVOICES, asked)["validationErrors"]
    assert "externalId: is that of another invoice" in taken
    provider.told("POST", FINALIZE, status=204)
    found = provider.unchanged("POST", INVOICES, asked)["validationErrors"]
    assert any("finalized" in each for each in found)
