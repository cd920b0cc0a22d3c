"""What tests of commands share."""

from functools import partial
from pathlib import Path

import pytest

from tests.cli.typed import Run, typed


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command as it is typed, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return partial(typed, capsys)
