"""The guide for layers and holdouts."""

import re
from pathlib import Path

from tests.flows.guides import run_through


def test_the_guide_runs_as_it_stands_and_shows_what_it_promises(tmp_path: Path) -> None:
    said = run_through("sharing-traffic.md", tmp_path)
    counted = (tmp_path / "inside.txt").read_text()
    button, page, both = map(int, re.findall(r"\d+", counted))
    assert 2_700 < button < 3_000
    assert 4_550 < page < 4_950
    assert both == 0
    assert "layer “checkout”" in said
