"""Pages over a real SQLite file."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from equipoise.storage import open_store
from tests.web.browsing import Browser
from tests.web.shop import ADMIN, Shop, a_shop


@pytest.fixture
def shop(tmp_path: Path, sqlite_template: Path) -> Iterator[Shop]:
    (tmp_path / "store").mkdir(mode=0o700)
    copyfile(sqlite_template, tmp_path / "store" / "equipoise.db")
    store = open_store(tmp_path / "store", threads=4, upgrade=False)
    made = a_shop(store)
    yield made
    made.house.threads.shutdown()
    store.close()


@pytest.fixture
def browser(shop: Shop) -> Browser:
    """Signed in as the admin of the whole instance."""
    return shop.house.browser(ADMIN)
