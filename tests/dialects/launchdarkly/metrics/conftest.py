"""What the tests of metrics share."""

import pytest

from tests.dialects.launchdarkly.metrics.builders import Metrics
from tests.fixtures_surface import Surface


@pytest.fixture
def metrics(surface: Surface) -> Metrics:
    return Metrics(surface)
