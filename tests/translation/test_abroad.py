"""What surfaces say as others do."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.server import abroad_here, discovered
from equipoise.translation.abroad import Abroad

HERE = abroad_here()
ids = st.integers(0, 16**24 - 1).map(lambda number: f"{number:024x}")
kinds = st.sampled_from((*HERE.spelled, "flag"))


@given(kinds, ids)
def test_an_id_is_read_from_either_spelling(kind: str, id: str) -> None:
    assert HERE.read(kind, HERE.say(kind, id)) == HERE.read(kind, id) == id


def test_where_no_surface_spells_them_ids_are_plain() -> None:
    assert Abroad().say("invoice", "0" * 24) == "0" * 24


def test_a_config_store_is_connected_to_as_the_surface_that_serves_it_says() -> None:
    assert HERE.connection("https://flags.example", "0" * 24, "cfg-x") == (
        f"https://flags.example/ecfg_{'0' * 24}?token=cfg-x"
    )


def test_each_surface_brings_its_own_clients_and_those_that_take_a_token_come_last() -> None:
    for dialect in discovered():
        packages = {client.package for client in dialect.clients}
        assert packages <= {f"equipoise.dialects.{dialect.name}.clients"}
    takes_token = [client.key is None for client in HERE.clients]
    assert takes_token == sorted(takes_token)
    assert {"equipoise-python", "openfeature-web", "vercel"} <= {client.name for client in HERE.clients}


def test_clients_name_themselves_in_the_header_of_their_surface() -> None:
    assert HERE.client_headers == ("x-launchdarkly-user-agent",)
