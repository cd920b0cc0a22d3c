"""What the tests of conformance share."""

from tests.conformance.stages import stage

__all__ = ["stage"]
