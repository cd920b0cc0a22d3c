"""What an invoice knows of itself."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.identity import Place
from equipoise.domain.invoice.state import Status, facets
from tests.domain.builders import BORN_AT, ID, a_discount, a_line, an_invoice
from tests.properties.strategies.invoices import amounts

AMOUNTS = st.lists(amounts(), max_size=8)


def test_an_invoice_is_called_by_its_id_and_said_by_its_number() -> None:
    invoice = an_invoice()
    assert (invoice.key, invoice.said) == (ID, "invoice INV-1")
    assert invoice.place == invoice.territory == Place("default", "production")


def test_an_invoice_claims_the_id_that_its_provider_has_for_it() -> None:
    assert facets(an_invoice(external_id="in_1")).claims == ("invoice:icfg_shop:in_1",)
    assert facets(an_invoice()).claims == ()


def test_an_invoice_is_found_by_its_installation_and_its_status() -> None:
    found = facets(an_invoice(status=Status.NOT_PAID))
    assert found.links == (("installation", "icfg_shop"),)
    assert (found.name, found.status, found.created_at) == ("INV-1", "notpaid", BORN_AT)


def test_a_thousand_tenths_are_a_hundred() -> None:
    assert an_invoice(lines=(a_line("0.1"),) * 1_000).total == 100
    assert an_invoice(lines=()).total == 0


def test_a_total_keeps_a_small_amount_beside_a_great_one() -> None:
    lines = (a_line("9" * 20), a_line("0.00000001"))
    assert an_invoice(lines=lines).total == Decimal("99999999999999999999.00000001")


@given(AMOUNTS, AMOUNTS)
def test_a_total_is_exact(asked: list[str], less: list[str]) -> None:
    invoice = an_invoice(
        lines=tuple(a_line(total) for total in asked),
        discounts=tuple(a_discount(amount) for amount in less),
    )
    expected = sum(map(Fraction, asked), Fraction()) - sum(map(Fraction, less), Fraction())
    assert Fraction(invoice.total) == expected
