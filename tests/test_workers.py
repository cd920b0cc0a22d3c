"""Workers of one server, and who watches over them."""

import signal
from collections.abc import Iterator
from multiprocessing import Pipe
from typing import Any

import pytest
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from equipoise.server import process
from equipoise.server.process import Workers


class FakeWorker:
    """One that answers when it is told to. It stands for its own process."""

    def __init__(self, pid: int) -> None:
        self.pid, self.alive, self.exitcode = pid, True, 0
        self.parent_conn, self.theirs = Pipe()
        self.process = self

    def is_alive(self) -> bool:
        return self.alive

    def answer(self) -> None:
        while self.theirs.poll():
            self.theirs.recv()
            self.theirs.send(True)

    def ping(self, timeout: float) -> bool:
        self.parent_conn.send(b"ping")
        answered = self.parent_conn.poll(timeout)
        return bool(answered and self.parent_conn.recv())

    def kill(self) -> None:
        self.alive = False

    def join(self) -> None:
        """It is gone at once."""


class FakeWorkers(Workers):
    made = 0

    def begun(self) -> Any:
        self.made += 1
        return FakeWorker(self.made)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(process, "PING_SECONDS_MAX", 0.0)
    heard = {number: signal.getsignal(number) for number in signal.Signals}
    made = FakeWorkers(uvicorn.Config("unused", workers=2, log_config=None), [])
    made.init_processes()
    yield made
    for number, handler in heard.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def pids(workers: Any) -> list[int]:
    return [each.pid for each in workers.processes]


def test_a_worker_that_takes_long_to_start_is_waited_for(workers: Any) -> None:
    for _ in range(10):
        workers.keep_subprocess_alive()
    assert pids(workers) == [1, 2]


def test_a_worker_that_died_is_replaced_while_the_others_go_on(workers: Any) -> None:
    workers.processes[0].alive = False
    workers.keep_subprocess_alive()
    assert pids(workers) == [3, 2]


def test_a_worker_that_came_up_and_answers_no_more_is_replaced(workers: Any) -> None:
    workers.keep_subprocess_alive()  # asks
    workers.processes[1].answer()
    workers.keep_subprocess_alive()  # has its answer, asks again, and hears nothing
    assert pids(workers) == [1, 3]


def test_where_a_worker_cannot_start_the_server_stops(workers: Any) -> None:
    workers.processes[0].alive = False
    workers.processes[0].exitcode = STARTUP_FAILURE
    workers.keep_subprocess_alive()
    assert workers.should_exit.is_set()
    assert pids(workers) == [1, 2]
