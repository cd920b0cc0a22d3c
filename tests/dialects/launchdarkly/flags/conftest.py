"""What the tests of flags share."""

import pytest

from tests.dialects.launchdarkly.flags.builders import Flags
from tests.fixtures_surface import Surface


@pytest.fixture
def flags(surface: Surface) -> Flags:
    return Flags(surface)
