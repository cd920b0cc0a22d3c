"""The guide from the first start to a decision."""

import re
from pathlib import Path

from tests.flows.guides import run_through


def test_the_guide_runs_as_it_stands_and_ends_in_a_decision(tmp_path: Path) -> None:
    said = run_through("first-experiment.md", tmp_path)
    assert "Faster checkout (faster-checkout), running" in said
    assert re.search("good +Exposures arrive +2,000 units", said)
    assert re.search("good +Outcomes arrive", said)
    assert '"winningReason":"it sold more"' in said
