"""What a statement knows of itself."""

from equipoise.domain.identity import Place
from equipoise.domain.statement.state import BALANCES, USAGE, facets, key_of
from tests.domain.builders import BORN_AT, a_statement


def test_there_is_one_statement_of_usage_for_each_day_and_one_of_balances() -> None:
    usage, balances = a_statement(), a_statement(kind=BALANCES, day="")
    assert usage.key == key_of("icfg_shop", USAGE, "2023-11-14") == "icfg_shop/usage/2023-11-14"
    assert balances.key == key_of("icfg_shop", BALANCES) == "icfg_shop/balances"
    assert usage.place == usage.territory == Place("default", "production")


def test_a_statement_is_found_by_its_installation_and_its_kind() -> None:
    found = facets(a_statement())
    assert found.links == (("installation", "icfg_shop"), ("kind", "usage"))
    assert (found.name, found.status, found.created_at) == ("icfg_shop/usage/2023-11-14", "", BORN_AT)
