"""Where the servers of these tests keep their state: SQLite, then PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.launchdarkly import Contract, shared
from tests.fixtures_store import DATABASES
from tests.served import Place


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    data = tmp_path / "data"
    if request.param == "sqlite":
        yield Place(data)
        return
    with request.getfixturevalue("postgres").database() as url:
        yield Place(data, url)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(shared())
