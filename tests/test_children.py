"""Children as real processes."""

import signal
import sys
import time
from threading import Event
from typing import NoReturn

from equipoise.server.children import OF_THE_TERMINAL, Child, Line, Process, Restarts
from equipoise.server.supervisor import Supervisor

START_SECONDS_MAX = 60
FAILED = 3


def lives(line: Line) -> NoReturn:
    """Until it is let go, whatever signals it is sent."""
    told = Event()
    line.when_cut(told.set)
    for number in deaf.deaf:
        signal.raise_signal(number)
    line.beat()
    told.wait(START_SECONDS_MAX)
    sys.exit(FAILED)


def fails(line: Line) -> NoReturn:
    sys.exit(FAILED)


deaf = Child(name="deaf", main=lives, grace_seconds=1, deaf=OF_THE_TERMINAL | {signal.SIGTERM})


def test_a_child_says_that_it_is_well_hears_none_of_its_signals_and_ends_when_its_line_is_cut() -> None:
    process = Process(deaf)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not process.beat():
            assert time.monotonic() < deadline
            assert process.alive()
            time.sleep(0.01)
        process.tell()
        assert process.ended(START_SECONDS_MAX)
        assert process.status == FAILED
    finally:
        process.kill()


def test_where_a_child_that_serves_cannot_start_its_supervisor_names_it() -> None:
    supervisor = Supervisor(
        (Child(name="worker", main=fails, grace_seconds=1, serves=True),), Restarts(("worker",))
    )
    supervisor.run()
    assert supervisor.fault == "worker"
