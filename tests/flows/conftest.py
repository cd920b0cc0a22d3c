"""Where the servers of these tests keep their state: SQLite, then PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.launchdarkly import Contract, shared
from tests.fixtures_store import DATABASES
from tests.flows.shop import BASE, ok
from tests.flows.tenant import Tenancy
from tests.served import Place, Server, serving


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with _placed(request, tmp_path) as place:
        yield place


@pytest.fixture(scope="module", params=DATABASES)
def lasting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place for all tests of a module."""
    with _placed(request, tmp_path_factory.mktemp("lasting")) as place:
        yield place


@pytest.fixture(scope="module")
def running(lasting: Place) -> Iterator[Server]:
    with serving(lasting) as server:
        yield server


@pytest.fixture(scope="module")
def tenancy(lasting: Place, running: Server) -> Tenancy:
    """A server that all tests of a module share: each has a tenant of its own."""
    return Tenancy(running, lasting)


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """One that tests of a module share, for those that neither stop it nor choose its options. Each finds the
    project `default` as a first start leaves it, and no other."""
    yield running
    for project in ok(running.client.get(f"{BASE}/projects"))["items"]:
        running.client.delete(f"{BASE}/projects/{project['key']}").raise_for_status()
    ok(running.client.post(f"{BASE}/projects", json={"key": "default", "name": "Default"}))


@contextmanager
def _placed(request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    data = folder / "data"
    if request.param == "sqlite":
        yield Place(data)
        return
    with request.getfixturevalue("postgres").database() as url:
        yield Place(data, url)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(shared())
