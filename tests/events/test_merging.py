"""Upkeep: fewer files, the same rows; nothing that somebody may still read is taken away."""

import os
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from equipoise.application.lake import DataFile, Kind
from equipoise.application.ports import Store
from equipoise.events import merging
from equipoise.events.compaction import compact_once
from equipoise.events.merging import FILES_MANY, due, merge, sweep
from equipoise.events.mirror import mirror
from tests.events.shop import HERE, NOW, Place, a_body
from tests.fakes import MemoryStore
from tests.storage.desk import an_id

TODAY = "2025-10-09"
GRACE_MS = merging.READERS_GRACE_SECONDS * 1_000


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return Place(tmp_path, MemoryStore())


def filled(place: Place, files: int) -> tuple[DataFile, ...]:
    for number in range(files):
        place.segment(a_body(f"done:{number} done:x{number}", f"payload-{number}"))
        compact_once(place.shop)
    with place.store.read() as reader:
        return reader.every_file()


def test_many_small_files_become_one_with_the_same_rows_in_order(any_store: Store, tmp_path: Path) -> None:
    place = Place(tmp_path, any_store)
    files = filled(place, FILES_MANY)
    before = sorted(row["unit"] for row in place.rows(Kind.OUTCOME))
    (group,) = due(files, TODAY)
    merged = merge(place.shop, group)
    assert merged is not None
    rows = place.rows(Kind.OUTCOME)
    assert sorted(row["unit"] for row in rows) == before
    assert [row["unit_key"] for row in rows] == sorted(row["unit_key"] for row in rows)
    with place.store.read() as reader:
        assert reader.every_file() == (merged,)
    assert merged.rows == 2 * FILES_MANY


def test_what_was_replaced_stays_for_its_readers_and_is_removed_then(here: Place) -> None:
    files = filled(here, FILES_MANY)
    (group,) = due(files, TODAY)
    merge(here.shop, group)
    assert sweep(here.shop) == 0
    assert all((Path(here.lake.base) / file.path).exists() for file in files)
    here.now_ms += GRACE_MS + 1_000
    assert sweep(here.shop) == FILES_MANY
    assert len(list(here.lake.found())) == 1
    assert sweep(here.shop) == 0


def test_files_that_were_merged_by_somebody_else_are_merged_once(here: Place) -> None:
    (group,) = due(filled(here, FILES_MANY), TODAY)
    assert merge(here.shop, group) is not None
    assert merge(here.shop, group) is None
    assert len(here.rows(Kind.OUTCOME)) == 2 * FILES_MANY


def test_a_file_that_nobody_names_is_removed_once_it_is_old(here: Place) -> None:
    filled(here, 1)
    stray = Path(here.lake.base) / f"environment={HERE}/kind=outcome/day={TODAY}/{an_id('stray')}.parquet"
    stray.write_bytes(b"half a file")
    foreign = Path(here.lake.base) / "somebody.parquet"
    foreign.write_bytes(b"not ours")
    sweep(here.shop)
    assert stray.exists(), "it may be about to be named"
    for path in (stray, foreign):
        os.utime(path, (NOW / 1e6 - 2 * merging.STRAYS_GRACE_SECONDS,) * 2)
    sweep(here.shop)
    assert not stray.exists()
    assert foreign.exists()
    assert len(here.rows(Kind.OUTCOME)) == 2


def a_file(name: str, size: int, day: str = TODAY) -> DataFile:
    return DataFile(an_id(name), HERE, Kind.OUTCOME, day, f"{name}.parquet", 1, size, 1, 1, (1, 1))


def test_files_are_merged_with_their_like_and_big_ones_never() -> None:
    small = [a_file(f"s{number}", 10_000) for number in range(FILES_MANY)]
    some = [a_file(f"m{number}", 2_000_000) for number in range(FILES_MANY - 1)]
    big = [a_file(f"b{number}", merging.MERGED_BYTES_MAX) for number in range(FILES_MANY)]
    assert [set(group) for group in due([*small, *some, *big], TODAY)] == [set(small)]


def test_a_day_that_is_over_is_merged_whole() -> None:
    files = [a_file("a", 10_000), a_file("b", 2_000_000)]
    assert list(due(files, TODAY)) == []
    over = [replace(file, day="2025-10-08") for file in files]
    assert [set(group) for group in due(over, TODAY)] == [set(over)]
    assert list(due(over[:1], TODAY)) == []


def test_no_group_makes_a_file_that_is_too_large() -> None:
    half = merging.MERGED_BYTES_MAX // 2 - 1
    over = [a_file(f"h{number}", half, "2025-10-08") for number in range(5)]
    assert [len(group) for group in due(over, TODAY)] == [2]


def test_the_copy_of_the_manifest_names_what_can_be_read(here: Place) -> None:
    files = filled(here, 2)
    mirror(here.shop)
    said = msgspec.json.decode((Path(here.lake.base) / "manifest.json").read_bytes())
    assert [each["path"] for each in said["files"]] == [file.path for file in files]
    assert said["format"] == "equipoise-manifest/1"
    path = Path(here.lake.base) / said["files"][0]["path"]
    assert pq.read_metadata(path).num_rows == said["files"][0]["rows"]
