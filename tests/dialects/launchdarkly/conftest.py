"""What the tests of this dialect share."""

from tests.fixtures_surface import surface

__all__ = ["surface"]
