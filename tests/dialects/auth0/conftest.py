"""What the tests of this dialect share."""

from collections.abc import Iterator

import pytest

from equipoise.dialects.auth0 import DIALECT
from tests.dialects.auth0.shop import Shop
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface


@pytest.fixture
def surface() -> Iterator[Surface]:
    served = Surface(MemoryStore(), dialect=DIALECT)
    yield served
    served.close()


@pytest.fixture
def shop(surface: Surface) -> Shop:
    return Shop(surface)
