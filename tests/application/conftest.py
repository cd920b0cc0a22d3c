"""A surface, for what is asked by way of it."""

from tests.fixtures_surface import surface

__all__ = ["surface"]
