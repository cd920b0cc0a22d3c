"""The demonstration is honest: whatever the seed, the evidence comes to what was planted."""

import subprocess
import time

import pytest

from tests.served import command, environment

SECONDS_MAX = 240


def demonstrate(seed: int, pace: float) -> "subprocess.CompletedProcess[str]":
    said = command("demo", "--no-serve", "--port", "0", "--seed", str(seed), "--pace", str(pace))
    kept = {name: value for name, value in environment().items() if name != "EQUIPOISE_ADMIN_TOKEN"}
    return subprocess.run(
        said,
        env=kept,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_each_experiment_comes_to_what_was_planted() -> None:
    told = demonstrate(seed=1, pace=0.0)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count("as planted") == 3
    assert "a plain t-test would call" in told.stdout
    assert "/ui/sign-in/" in told.stdout
    assert "equipoise serve --data" in told.stdout
    assert "serves “Two steps” to everybody" in told.stdout


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 12))
def test_ten_other_seeds_come_to_the_same(seed: int) -> None:
    told = demonstrate(seed, pace=0.0)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.full
def test_the_whole_takes_less_than_a_minute() -> None:
    begun = time.monotonic()
    assert demonstrate(seed=1, pace=2.0).returncode == 0
    assert time.monotonic() - begun < 60
