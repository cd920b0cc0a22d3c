"""What the tests of this dialect share."""

from collections.abc import Iterator

import pytest

from equipoise.dialects.equipoise import DIALECT
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface


@pytest.fixture
def surface() -> Iterator[Surface]:
    served = Surface(MemoryStore(), DIALECT)
    yield served
    served.close()
