"""What the tests of experiments share."""

import pytest

from tests.dialects.launchdarkly.experiments.shop import Shop
from tests.fixtures_surface import Surface


@pytest.fixture
def shop(surface: Surface) -> Shop:
    return Shop(surface)
