"""Times the demonstration as a newcomer waits for it: from the command to the page with the verdict."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from benchmarks.first_result.visitor import RESULT, own_environment, signed_in
from tests.served import command

ROUNDS = 3
SECONDS_MAX = 180.0
POLL_SECONDS = 0.2
UNDECIDED, DECIDED = 'class="verdict ', 'class="verdict better"'


def run(quick: bool) -> None:
    """One line for each moment: medians, in seconds since the command."""
    times = [_timed() for _ in range(1 if quick else ROUNDS)]
    print(f"-- `equipoise demo`, median of {len(times)}")
    names = ("the result page answers", "it says which arm is better", "the demonstration is over")
    for name, found in zip(names, zip(*times, strict=True), strict=True):
        print(f"{name + ' [s]':60}{median(found):10.1f}", flush=True)


def _timed() -> tuple[float, float, float]:
    """When the page of the winner's result answers, when it has its verdict, and when all is over."""
    with TemporaryDirectory() as folder:
        log, begun = Path(folder) / "demo.log", time.perf_counter()
        with log.open("wb") as output:
            demo = subprocess.Popen(
                command("demo", "--no-serve", "--port", "0", "--data", f"{folder}/data"),
                env=own_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _until(lambda: "/ui/sign-in/" in log.read_text() and log.read_text().endswith("\n"), log)
            with signed_in(log.read_text()) as visitor:
                _until(lambda: UNDECIDED in _seen(visitor), log)
                answered = time.perf_counter() - begun
                _until(lambda: DECIDED in _seen(visitor), log)
                decided = time.perf_counter() - begun
            if demo.wait(SECONDS_MAX):
                raise RuntimeError(log.read_text())
            return answered, decided, time.perf_counter() - begun
        finally:
            demo.kill()
            demo.wait()


def _seen(visitor: httpx.Client) -> str:
    """What the page shows; nothing while the experiment is not there yet."""
    answer = visitor.get(RESULT)
    return answer.text if answer.status_code == 200 else ""


def _until(true: Callable[[], object], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text())
        time.sleep(POLL_SECONDS)
