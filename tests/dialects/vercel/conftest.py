"""What the tests of this dialect share."""

from collections.abc import Iterator

import pytest

from equipoise.dialects.vercel import DIALECT
from tests.dialects.vercel.provider import Provider
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface


@pytest.fixture
def surface() -> Iterator[Surface]:
    served = Surface(MemoryStore(), dialect=DIALECT)
    yield served
    served.close()


@pytest.fixture
def provider(surface: Surface) -> Provider:
    return Provider(surface)
