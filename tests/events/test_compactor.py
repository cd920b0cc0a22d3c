"""The compactor at work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EIO, ENOSPC
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from equipoise.application.lake import Kind
from equipoise.events.compaction import ONE_ALONE, compact_once
from equipoise.events.compactor import Compactor, alone
from equipoise.events.merging import FILES_MANY
from equipoise.events.parquet import Lake
from tests.events.shop import Place, a_body
from tests.fakes import MemoryStore


@contextmanager
def at_work(place: Place) -> Iterator[None]:
    ended = Event()
    thread = Thread(target=Compactor(place.shop).run, args=(ended,))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(20)
    assert not thread.is_alive()


def files(place: Place, kind: Kind) -> list[str]:
    with place.store.read() as reader:
        return [file.path for file in reader.every_file() if file.kind is kind]


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_merged(tmp_path: Path) -> None:
    place = Place(tmp_path, MemoryStore())
    for number in range(FILES_MANY):
        place.segment(a_body(f"done:{number} dead", f"payload-{number}"))
        compact_once(place.shop)
    broken = Path(place.lake.base) / files(place, Kind.DEAD)[0]
    broken.write_bytes(b"no file of events")
    with at_work(place):
        end = monotonic() + 20
        while len(files(place, Kind.OUTCOME)) > 1:
            assert monotonic() < end, "nothing was merged"
            sleep(0.05)
    assert len(files(place, Kind.DEAD)) == FILES_MANY


class Poison(Exception):
    """What a file cannot be made of."""


def poisoned(patch: pytest.MonkeyPatch, error: Exception) -> None:
    """Whatever `bad` did cannot be written."""
    write = Lake.write

    def fail(lake: Lake, path: str, table: Any) -> int:
        if "unit" in table.column_names and "bad" in table["unit"].to_pylist():
            raise error
        return write(lake, path, table)

    patch.setattr(Lake, "write", fail)


def units(place: Place) -> list[str]:
    return sorted(row["unit"] for row in place.rows(Kind.OUTCOME))


def three(place: Place) -> Path:
    """Segments, the one in the middle of which is bad."""
    place.segment(a_body("done:a", "1"))
    bad = place.segment(a_body("done:bad", "2"))
    place.segment(a_body("done:c", "3"))
    return bad


def test_a_segment_that_cannot_be_compacted_is_set_aside_and_later_events_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path, MemoryStore())
    bad = three(place)
    damaged = bad.with_suffix(".damaged")
    with monkeypatch.context() as patch:
        poisoned(patch, Poison())  # before anything is compacted
        with at_work(place):
            reached(lambda: units(place) == ["a", "c"])
    assert list(place.journal.iterdir()) == [damaged]
    with place.store.read() as reader:
        assert reader.tally().dead == {"damaged": 1}
    said = capsys.readouterr()
    assert "rename it to end in .segment" in said.out + said.err
    damaged.rename(bad)  # the cause is mended
    compact_once(place.shop)
    assert units(place) == ["a", "bad", "c"]


def test_a_segment_that_the_disk_does_not_give_any_more_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, MemoryStore())
    bad, read = three(place), Path.read_bytes

    def fail(path: Path) -> bytes:
        if path == bad:
            raise OSError(EIO, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    with at_work(place):
        reached(lambda: units(place) == ["a", "c"])
    assert list(place.journal.iterdir()) == [bad.with_suffix(".damaged")]


def test_a_disk_that_is_full_sets_no_segment_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path, MemoryStore())
    bad = place.segment(a_body("done:bad"))
    poisoned(monkeypatch, OSError(ENOSPC, "No space left on device"))
    with pytest.raises(OSError, match="No space"):
        compact_once(place.shop, ONE_ALONE)
    assert bad.exists()


def test_a_database_that_does_not_work_sets_no_segment_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, MemoryStore())
    path = place.segment(a_body("done:a"))

    def fail(_: MemoryStore) -> Any:
        raise Poison

    with monkeypatch.context() as patch:
        patch.setattr(MemoryStore, "write", fail)
        with pytest.raises(Poison):
            compact_once(place.shop, ONE_ALONE)
    assert path.exists()
    assert compact_once(place.shop).bodies == 1


def reached(true: Callable[[], bool]) -> None:
    end = monotonic() + 20
    while not true():
        assert monotonic() < end, "it never came to that"
        sleep(0.05)


def test_a_compactor_that_is_told_to_end_while_it_starts_compacts_what_waits(tmp_path: Path) -> None:
    place = Place(tmp_path, MemoryStore())
    place.segment(a_body("done:a"))
    ended = Event()
    ended.set()
    with alone(place.journal, ended) as ours:
        assert ours
        with alone(place.journal, ended) as theirs:
            assert not theirs, "the other one is at it"
        Compactor(place.shop).run(ended)
    assert units(place) == ["a"]
