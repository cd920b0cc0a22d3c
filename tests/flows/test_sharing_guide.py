"""The guide for layers and holdouts."""

import re
from pathlib import Path

from tests.flows.guides import run_through


def test_the_guide_runs_as_it_stands_and_shows_what_it_promises(tmp_path: Path) -> None:
    said = run_through("sharing-traffic.md", tmp_path)
    counted = (tmp_path / "inside.txt").read_text()
    button, page, both = map(int, re.findall(r"\d+", counted))
    assert 2_600 < button < 3_100
    assert 4_475 < page < 5_025
    assert both == 0
    assert "holdout “q4”" in said, "who is held out hears nothing of the layer"
