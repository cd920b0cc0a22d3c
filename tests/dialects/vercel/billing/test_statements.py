"""Usage and balances: what was said last is kept, by the provider's own clock."""

from typing import Any

import pytest

from tests.dialects.vercel.billing.bills import (
    BALANCE,
    BILLING,
    SPAN,
    WHEN,
    a_discount,
    a_line,
    a_usage,
    balances,
    bill,
    of_a_day,
)
from tests.dialects.vercel.provider import OURS, Provider, theirs

BEFORE, AFTER = "2024-01-15T11:59:59.999Z", "2024-01-15T12:00:00.001Z"
FULL = of_a_day(
    billing={
        "items": [a_line(resourceId="shop", details="x", start=SPAN["start"], end=WHEN)],
        "discounts": [a_discount(resourceId="shop")],
    },
    usage=[a_usage(resourceId="shop", planValue=10, type=type) for type in ("total", "interval", "rate")],
)


def say(provider: Provider, document: Any) -> None:
    provider.told("POST", BILLING, document, 201)


def days(provider: Provider) -> dict[str, Any]:
    return {each["day"]: each["document"] for each in bill(provider)["statements"] if each["kind"] == "usage"}


@pytest.mark.parametrize("said", [of_a_day(), FULL, of_a_day(billing={"items": []}), of_a_day(billing=[])])
def test_what_is_said_of_a_day_is_kept_as_it_was_said(provider: Provider, said: dict[str, Any]) -> None:
    say(provider, said)
    assert days(provider) == {"2024-01-15": said}


def test_of_a_day_the_last_counts(provider: Provider) -> None:
    say(provider, of_a_day())
    say(provider, of_a_day(timestamp=AFTER, usage=[a_usage()]))
    assert days(provider)["2024-01-15"]["usage"] == [a_usage()]


def test_what_is_older_and_comes_late_changes_nothing(provider: Provider) -> None:
    """By the instant, not by the letters: an offset is no earlier day."""
    say(provider, of_a_day(usage=[a_usage()]))
    provider.unchanged("POST", BILLING, of_a_day(timestamp=BEFORE), 201)
    provider.unchanged("POST", BILLING, of_a_day(timestamp="2024-01-15T13:59:59+02:00"), 201)
    say(provider, of_a_day(timestamp="2024-01-15T11:00:01-01:00"))
    assert days(provider)["2024-01-15"]["usage"] == []


def test_what_is_said_again_writes_nothing(provider: Provider) -> None:
    say(provider, FULL)
    provider.unchanged("POST", BILLING, FULL, 201)


@pytest.mark.parametrize(
    ("eod", "day"),
    [
        ("2024-01-16T00:00:00Z", "2024-01-15"),
        ("2024-01-15T23:59:59.999Z", "2024-01-15"),
        ("2024-01-15T23:59:59.999999Z", "2024-01-15"),
        ("2024-01-15T00:00:00.001Z", "2024-01-15"),
        ("2024-01-16T01:00:00+01:00", "2024-01-15"),
        ("2024-01-15T23:00:00-01:00", "2024-01-15"),
        ("2024-03-01T00:00:00Z", "2024-02-29"),
    ],
)
def test_a_day_is_named_by_its_end_in_utc(provider: Provider, eod: str, day: str) -> None:
    say(provider, of_a_day(eod=eod))
    assert days(provider).keys() == {day}


def test_each_day_is_kept_for_itself(provider: Provider) -> None:
    say(provider, of_a_day())
    say(provider, of_a_day(eod="2024-01-17T00:00:00Z", timestamp=BEFORE))
    assert days(provider).keys() == {"2024-01-15", "2024-01-16"}


def test_each_installation_has_days_of_its_own(provider: Provider) -> None:
    say(provider, of_a_day())
    provider.told("POST", theirs(BILLING), of_a_day(usage=[a_usage()]), 201, token="neighbour")
    assert days(provider) == {"2024-01-15": of_a_day()}
    assert provider.speak("GET", f"{theirs(OURS)}/billing")["statements"][0]["document"]["usage"] == [
        a_usage()
    ]


@pytest.mark.parametrize("field", of_a_day())
def test_all_of_it_must_be_said(provider: Provider, field: str) -> None:
    assert field in provider.refused("POST", BILLING, of_a_day(**{field: ...}))["message"]
    assert field in provider.refused("POST", BILLING, of_a_day(**{field: None}))["message"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"more": 1}, "more"),
        ({"timestamp": "now"}, "timestamp"),
        ({"timestamp": "2024-01-15T12:00:00"}, "timestamp"),
        ({"timestamp": 1_705_320_000_000}, "timestamp"),
        ({"eod": "2024-01-15"}, "eod"),
        ({"period": SPAN | {"more": 1}}, "period.more"),
        ({"period": {"start": WHEN}}, "period.end"),
        ({"period": SPAN | {"end": "x"}}, "period.end"),
        ({"billing": "x"}, "billing"),
        ({"billing": {}}, "billing.items"),
        ({"billing": [a_line(more=1)]}, "billing[0].more"),
        ({"billing": [a_line(total="x")]}, "billing[0].total"),
        ({"billing": [a_line(start="x")]}, "start"),
        ({"billing": [a_line(resourceId="none")]}, "billing[0].resourceId"),
        ({"billing": {"items": [a_line(name=...)]}}, "billing.items[0].name"),
        ({"billing": {"items": [], "discounts": [a_discount(more=1)]}}, "billing.discounts[0].more"),
        ({"billing": {"items": [], "discounts": [a_discount(amount="-1")]}}, "billing.discounts[0].amount"),
        ({"usage": [a_usage(more=1)]}, "usage[0].more"),
        ({"usage": [a_usage(type="count")]}, "usage[0].type"),
        ({"usage": [a_usage(dayValue="3")]}, "usage[0].dayValue"),
        ({"usage": [a_usage(periodValue=...)]}, "usage[0].periodValue"),
        ({"usage": [a_usage(resourceId="none")]}, "usage[0].resourceId"),
    ],
    ids=str,
)
def test_what_is_not_well_said_is_refused(provider: Provider, wrong: Any, where: str) -> None:
    say(provider, of_a_day())
    assert where in provider.refused("POST", BILLING, of_a_day(**{"timestamp": AFTER} | wrong))["message"]


# balances


def kept(provider: Provider) -> Any:
    (found,) = (each for each in bill(provider)["statements"] if each["kind"] == "balances")
    return found["document"]


def test_balances_are_kept_as_they_were_said(provider: Provider) -> None:
    whole = [
        {"resourceId": "shop", "credit": "12 Tokens", "nameLabel": "Tokens", "currencyValueInCents": -0.5}
    ]
    for said in (
        balances(),
        balances(balances=whole, timestamp=AFTER),
        balances(balances=[], timestamp=AFTER),
    ):
        provider.told("POST", BALANCE, said, 201)
        assert kept(provider) == said


def test_balances_that_are_older_change_nothing(provider: Provider) -> None:
    provider.told("POST", BALANCE, balances(), 201)
    provider.unchanged("POST", BALANCE, balances(timestamp=BEFORE, balances=[]), 201)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"more": 1}, "more"),
        ({"timestamp": ...}, "timestamp"),
        ({"timestamp": "x"}, "timestamp"),
        ({"balances": ...}, "balances"),
        ({"balances": {}}, "balances"),
        ({"balances": [{}]}, "balances[0].currencyValueInCents"),
        ({"balances": [{"currencyValueInCents": "1"}]}, "balances[0].currencyValueInCents"),
        ({"balances": [{"currencyValueInCents": 1, "more": 1}]}, "balances[0].more"),
        ({"balances": [{"currencyValueInCents": 1, "credit": None}]}, "balances[0].credit"),
        ({"balances": [{"currencyValueInCents": 1, "resourceId": "none"}]}, "balances[0].resourceId"),
    ],
    ids=str,
)
def test_balances_that_are_not_well_said_are_refused(provider: Provider, wrong: Any, where: str) -> None:
    assert where in provider.refused("POST", BALANCE, balances(**wrong))["message"]


@pytest.mark.parametrize(
    "eod", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_day_at_the_edge_of_the_calendar_is_none(provider: Provider, eod: str) -> None:
    assert "eod" in provider.refused("POST", BILLING, of_a_day(eod=eod))["message"]


@pytest.mark.parametrize("amount", ["1" * 41, "1\n", "0x1", "١"])  # noqa: RUF001
def test_an_amount_is_a_decimal_of_forty_characters(provider: Provider, amount: str) -> None:
    for field in ("price", "total"):
        message = provider.refused("POST", BILLING, of_a_day(billing=[a_line(**{field: amount})]))["message"]
        assert f"[0].{field}" in message


def test_a_thousand_of_each_are_looked_at_and_no_more_taken(provider: Provider) -> None:
    foreign = [a_line(resourceId="nobody")] * 1_001
    assert "INVOICE_LINES_MAX" in provider.refused("POST", BILLING, of_a_day(billing=foreign))["message"]
