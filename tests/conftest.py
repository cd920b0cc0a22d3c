"""What all tests share."""

import os

from hypothesis import settings

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=bool(os.environ.get("CI")))
settings.register_profile("full", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("EQUIPOISE_HYPOTHESIS_PROFILE", "quick"))

pytest_plugins = [
    "tests.fixtures_connections",
    "tests.fixtures_store",
    "tests.fixtures_tls",
    "tests.summaries",
]
