"""What these tests share."""

from tests.dialects.launchdarkly.experiments.conftest import shop

__all__ = ["shop"]
