"""What the command line asks of the desk."""

import pytest

from equipoise.application.administration import any_sealed, has_token, make_token, places, sdk_keys
from equipoise.application.authentication import authenticate
from equipoise.application.changes import Desk
from equipoise.application.founding import found
from equipoise.application.ports import Ended, Store
from equipoise.domain.errors import Invalid, Missing
from equipoise.domain.identity import Place
from tests.fakes import FakeClock, FakeEntropy, FakeVault, MemoryStore

TEST = Place("default", "test")


@pytest.fixture
def store() -> Store:
    store = MemoryStore()
    found(store, FakeClock(), FakeEntropy("founding"), FakeVault())
    return store


def a_desk(store: Store, told: list[Ended] | None = None) -> Desk:
    witness = None if told is None else told.append
    return Desk(store, FakeClock(), FakeEntropy("desk"), FakeVault(), witness)


def test_a_token_is_confined_to_its_environment_which_is_its_home(store: Store) -> None:
    minted = make_token(a_desk(store), TEST, "writer", "ci")
    with store.read() as reader:
        principal = authenticate(reader, FakeVault(), minted.secret, 1)
    assert (principal.project, principal.environment, principal.role) == ("default", "test", "writer")
    assert (principal.token, principal.home, principal.name) == (minted.id, TEST, "ci")


@pytest.mark.parametrize("place", [Place("nope", "test"), Place("default", "nope")])
def test_a_token_needs_an_environment_that_is_there(place: Place, store: Store) -> None:
    with pytest.raises(Missing):
        make_token(a_desk(store), place, "reader")
    with pytest.raises(Missing):
        sdk_keys(store, FakeVault(), place)


def test_a_token_has_a_role_that_is_known(store: Store) -> None:
    with pytest.raises(Invalid):
        make_token(a_desk(store), TEST, "owner")


def test_a_witness_hears_of_the_change_and_of_no_secret(store: Store) -> None:
    told: list[Ended] = []
    minted = make_token(a_desk(store, told), TEST, "reader")
    (ended,) = told
    assert ended.ending == "changed"
    assert ended.subjects == ((f"token {minted.id}", 1),)
    assert minted.secret not in repr(ended)


def test_a_witness_hears_of_a_refusal(store: Store) -> None:
    told: list[Ended] = []
    with pytest.raises(Missing):
        make_token(a_desk(store, told), Place("nope", "test"), "reader")
    assert [(ended.ending, ended.subjects) for ended in told] == [("Missing", ())]


def test_the_keys_of_an_environment_are_shown_in_the_clear(store: Store) -> None:
    keys = sdk_keys(store, FakeVault(), TEST)
    assert (keys.server[:4], keys.mobile[:4], len(keys.client_side)) == ("sdk-", "mob-", 24)
    assert keys != sdk_keys(store, FakeVault(), Place("default", "production"))


def test_what_is_there_can_be_asked(store: Store) -> None:
    with store.read() as reader:
        assert places(reader) == (Place("default", "production"), TEST)
        assert has_token(reader) is True
        assert any_sealed(reader) is not None
    with MemoryStore().read() as reader:
        assert (places(reader), has_token(reader), any_sealed(reader)) == ((), False, None)
