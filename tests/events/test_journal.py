"""The journal: acknowledged is durable, refused is not there."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from pathlib import Path
from time import monotonic, sleep

import pytest

from equipoise.application.lake import Full
from equipoise.domain.records import Received
from equipoise.events import segments
from equipoise.events.journal import SEGMENT_SECONDS_MAX, FileJournal, Segment

BACKLOG = 1024 * 1024
HERE = "e" * 24


def a_body(number: int = 0, body: bytes = b"[]", payload: str = "") -> Received:
    return Received("dialect", HERE, payload or f"payload-{number}", 1_000_000 + number, body)


def written(folder: Path) -> list[Received | segments.Cut]:
    return [part for path in segments.sizes(folder) for part in segments.frames(path.read_bytes())]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FileJournal]:
    journal = FileJournal(tmp_path, BACKLOG)
    yield journal
    journal.close()


class Slow(Segment):
    """Waits before it is durable, until it is let go."""

    gate = threading.Event()
    syncs = 0

    def append(self, content: bytes) -> None:
        assert self.gate.wait(30)
        type(self).syncs += 1
        super().append(content)


def test_what_is_acknowledged_is_in_a_segment(journal: FileJournal, tmp_path: Path) -> None:
    bodies = [a_body(number, b"x" * number) for number in range(50)]
    for body in bodies:
        journal.append(body).result(10)
    assert written(tmp_path) == bodies


def test_what_arrives_while_the_disk_is_busy_is_synced_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slow, "gate", threading.Event())
    monkeypatch.setattr(Slow, "syncs", 0)
    journal = FileJournal(tmp_path, BACKLOG, Slow)
    waiting: list[Future[None]] = [journal.append(a_body(number)) for number in range(100)]
    assert not any(each.done() for each in waiting[1:])
    Slow.gate.set()
    wait(waiting, 10)
    journal.close()
    assert [each.exception() for each in waiting] == [None] * 100
    assert Slow.syncs <= 3
    assert len(written(tmp_path)) == 100


def test_a_payload_that_came_a_moment_ago_is_not_written_again(journal: FileJournal, tmp_path: Path) -> None:
    first, again = journal.append(a_body(payload="p")), journal.append(a_body(payload="p"))
    assert first is again
    first.result(10)
    journal.append(a_body(payload="p")).result(10)
    assert len(written(tmp_path)) == 1


def test_who_waits_may_go_and_the_write_goes_on(journal: FileJournal, tmp_path: Path) -> None:
    done = journal.append(a_body())
    assert not done.cancel()
    done.result(10)
    assert written(tmp_path) == [a_body()]


def test_a_segment_is_sealed_by_age_without_another_append(journal: FileJournal, tmp_path: Path) -> None:
    journal.append(a_body()).result(10)
    (path,) = segments.sizes(tmp_path)
    assert segments.claim(path) is None
    end = monotonic() + 10 * SEGMENT_SECONDS_MAX
    while (lock := segments.claim(path)) is None:
        assert monotonic() < end, "it was never sealed"
        sleep(0.02)
    os.close(lock)


def test_a_closed_journal_has_written_everything_and_takes_no_more(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path, BACKLOG)
    waiting = [journal.append(a_body(number)) for number in range(20)]
    journal.close()
    assert all(each.done() and each.exception() is None for each in waiting)
    assert isinstance(journal.append(a_body(99)).exception(1), Full)
    assert len(written(tmp_path)) == 20


def test_a_journal_that_is_too_far_ahead_of_the_compactor_is_full(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path, backlog_max=1_000)
    journal.append(a_body(0, b"x" * 2_000)).result(10)
    end = monotonic() + 10
    number = 1
    while journal.append(a_body(number)).exception(10) is None:
        number += 1
        assert monotonic() < end, "it is never full"
        sleep(0.05)
    for path in segments.sizes(tmp_path):
        path.unlink()  # as the compactor does
    while journal.append(a_body(number)).exception(10) is not None:
        number += 1
        assert monotonic() < end + 10, "it is full for ever"
        sleep(0.05)
    journal.close()


def test_a_folder_that_cannot_be_looked_into_for_a_while_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when every descriptor is taken by connections."""
    looked = threading.Event()

    def none_left(_: Path) -> dict[Path, int]:
        looked.set()
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(segments, "sizes", none_left)
    journal = FileJournal(tmp_path, BACKLOG)
    journal.append(a_body(0)).result(10)
    assert looked.wait(10)
    journal.append(a_body(1)).result(10)
    monkeypatch.undo()
    journal.close()
    assert written(tmp_path) == [a_body(0), a_body(1)]


class Failing(Segment):
    """The disk is full after half of what is to be written, as often as `failures` says."""

    failures = 0

    def append(self, content: bytes) -> None:
        if type(self).failures:
            type(self).failures -= 1
            os.write(self._descriptor, content[: len(content) // 2])
            os.ftruncate(self._descriptor, self.size)
            raise OSError(28, "No space left on device")
        super().append(content)


def test_what_could_not_be_written_is_refused_and_may_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Failing, "failures", 1)
    journal = FileJournal(tmp_path, BACKLOG, Failing)
    assert isinstance(journal.append(a_body(payload="p")).exception(10), OSError)
    assert journal.append(a_body(payload="p")).exception(10) is None, "a failure is not remembered as done"
    journal.close()
    assert written(tmp_path) == [a_body(payload="p")]


_SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
from equipoise.domain.records import Received
from equipoise.events.journal import FileJournal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))
journal = FileJournal(Path(sys.argv[1]), 10**9)
for number in range(40):
    body = Received("dialect", "e" * 24, f"payload-{number}", number, b"x" * 700)
    if journal.append(body).exception(30) is None:
        print(number, flush=True)
journal.close()
"""


def test_on_a_disk_that_is_full_what_was_acknowledged_is_there_and_nothing_is_half_there(
    tmp_path: Path,
) -> None:
    """A file may not grow beyond 3,000 bytes: each segment fails in the middle of a frame."""
    assert resource.RLIMIT_FSIZE is not None
    run = subprocess.run(
        [sys.executable, "-c", _SMALL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    acknowledged = {f"payload-{number}" for number in run.stdout.split()}
    found = written(tmp_path)
    assert not any(isinstance(part, segments.Cut) for part in found)
    assert {part.payload for part in found if isinstance(part, Received)} == acknowledged
    assert 0 < len(acknowledged) < 40, "some were taken, some were not"


def test_a_journal_that_was_killed_in_the_middle_leaves_whole_frames_and_no_lock(tmp_path: Path) -> None:
    path, descriptor = segments.begin(tmp_path)
    os.write(descriptor, segments.frame(a_body(1)) + segments.frame(a_body(2))[:-3])
    os.close(descriptor)  # what the kernel does for a process that is killed
    lock = segments.claim(path)
    assert lock is not None
    os.close(lock)
    body, cut = written(tmp_path)
    assert body == a_body(1)
    assert isinstance(cut, segments.Cut)
