"""The first start."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from equipoise.application.authentication import authenticate
from equipoise.application.founding import FIRST, found, founded
from equipoise.application.ports import INSTANCE_SPACE, Query, Store, space_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from tests.fakes import FakeClock, FakeEntropy, FakeVault, MemoryStore

STARTERS = 4


def start(store: Store, token: str | None = None, seed: str = "") -> str | None:
    return found(store, FakeClock(), FakeEntropy(seed), FakeVault(), token)


def test_an_empty_store_gets_a_project_two_environments_and_an_admin_token(any_store: Store) -> None:
    secret = start(any_store)
    assert secret is not None
    assert secret.startswith("api-")
    with any_store.read() as reader:
        project = reader.named(PROJECT, INSTANCE, "default")
        assert project is not None
        assert [member.email for member in project.members] == ["owner@localhost"]
        assert [kind.key for kind in project.context_kinds] == ["user", "device"]
        found_here = reader.select(ENVIRONMENT, Query(Place("default"))).items
        assert {each.key for each in found_here} == {"production", "test"}
        principal = authenticate(reader, FakeVault(), secret, FakeClock()())
    assert (principal.role, principal.project, principal.environment) == ("admin", "", "")
    assert principal.home == Place("default", "production")
    assert principal.member == project.members[0].id


def test_the_token_given_is_the_token_made(any_store: Store) -> None:
    assert start(any_store, "api-mine") == "api-mine"
    with any_store.read() as reader:
        assert authenticate(reader, FakeVault(), "api-mine", 1).role == "admin"


def test_a_store_is_founded_once(any_store: Store) -> None:
    start(any_store)
    assert start(any_store, "api-other", "other") is None
    with any_store.read() as reader:
        assert reader.select(TOKEN, Query(INSTANCE)).total == 1


def test_a_store_whose_project_is_gone_is_founded_all_the_same() -> None:
    store = MemoryStore()
    assert founded(store) is False
    start(store)
    assert founded(store) is True


def test_of_several_that_start_at_once_one_founds(any_store: Store) -> None:
    barrier = Barrier(STARTERS)

    def race(number: int) -> str | None:
        barrier.wait()
        return start(any_store, seed=str(number))

    with ThreadPoolExecutor(STARTERS) as pool:
        secrets = [secret for secret in pool.map(race, range(STARTERS)) if secret]
    assert len(secrets) == 1
    with any_store.read() as reader:
        assert authenticate(reader, FakeVault(), secrets[0], 1).role == "admin"
        assert reader.select(PROJECT, Query(INSTANCE)).total == 1
        assert reader.select(ENVIRONMENT, Query(Place("default"))).total == len(FIRST)


def test_every_secret_of_a_founding_is_its_own_and_sealed() -> None:
    store = MemoryStore()
    start(store)
    with store.read() as reader:
        environments = reader.select(ENVIRONMENT, Query(Place("default"))).items
    sealed = [key.sealed for each in environments for key in (each.sdk_key, each.mobile_key)]
    assert len(set(sealed)) == len(sealed)
    assert [FakeVault().open(each)[:4] for each in sealed] == ["sdk-", "mob-"] * len(environments)


def test_a_founding_is_in_the_change_log() -> None:
    store = MemoryStore()
    start(store)
    with store.read() as reader:
        instance = reader.history(INSTANCE_SPACE, 0, 10)
        project = reader.history(space_of("default"), 0, 10)
    assert [row.noun for row in instance] == ["project", "token"]
    assert [row.noun for row in project] == ["environment", "environment"]
    assert {(row.principal, row.surface) for row in (*instance, *project)} == {("instance", "command-line")}
