"""A real browser. Where a machine has none, tests that need it are left out; under CI they fail."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ABSENT = "left out: there is no Chromium on this machine; `make tools` installs one"


def chromium() -> str:
    """Where it is."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        raise FileNotFoundError(ABSENT)
    if found is None:
        pytest.skip(ABSENT)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser of its own for as long as it is needed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()
