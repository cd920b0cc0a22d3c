"""Whose turn it is."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Thread
from time import sleep

from equipoise.storage.turnstile import Queue, Turnstile


def test_threads_have_their_turns_in_order_of_arrival() -> None:
    queue, order = Queue(), list[int]()

    def wait(name: int) -> None:
        with queue:
            order.append(name)

    with queue:
        threads = [Thread(target=wait, args=(name,)) for name in range(20)]
        for arrived, thread in enumerate(threads, 1):
            thread.start()
            while len(queue._waiting) < arrived:
                sleep(0.001)
    for thread in threads:
        thread.join(10)
    assert order == list(range(20))


def test_one_thread_at_a_time_has_the_turn(tmp_path: Path) -> None:
    turnstile, inside, most = Turnstile(tmp_path / "db"), 0, 0

    def enter(_: int) -> None:
        nonlocal inside, most
        with turnstile.turn():
            inside += 1
            most = max(most, inside)
            sleep(0.001)
            inside -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(enter, range(50)))
    turnstile.close()
    assert most == 1


def test_an_error_ends_the_turn(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path / "db")
    for _ in range(2):
        try:
            with turnstile.turn():
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    turnstile.close()


PROCESS = """
import sys
from pathlib import Path
from time import sleep
from equipoise.storage.turnstile import Turnstile
turnstile = Turnstile(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for turn in range(int(sys.argv[3])):
    with turnstile.turn():
        with open(sys.argv[2], "a") as log:
            log.write(sys.argv[4])
        sleep(0.002)
"""


def test_processes_alternate(tmp_path: Path) -> None:
    """Two that never rest: neither has many turns while the other waits."""
    log, each = tmp_path / "log", 200
    words = [sys.executable, "-c", PROCESS, str(tmp_path / "db"), str(log), str(each)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(Popen([*words, name], stdin=PIPE, stdout=PIPE, text=True)) for name in "ab"
        ]
        pipes = [(process.stdin, process.stdout) for process in processes]
        for _, said in pipes:
            assert said is not None
            assert said.readline() == "ready\n"
        for go, _ in pipes:
            assert go is not None
            go.write("\n")
            go.flush()
    assert [process.returncode for process in processes] == [0, 0]
    turns = log.read_text()
    assert len(turns) == 2 * each
    # where both were at it: from the first turn of the later one to the last of the one done first
    both = turns[max(turns.index("a"), turns.index("b")) : min(turns.rindex("a"), turns.rindex("b")) + 1]
    assert max(len(list(run)) for _, run in groupby(both)) <= 20


def test_a_child_process_takes_locks_of_its_own(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path / "db")
    with turnstile.turn():
        pass
    before = turnstile._files
    turnstile._owner = os.getppid()  # as if this were the child
    with turnstile.turn():
        assert turnstile._files != before
    turnstile.close()
