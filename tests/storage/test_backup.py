"""A backup holds everything, and either database reads what the other wrote."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from equipoise.application.answers import Answer
from equipoise.application.ports import Kept, Sighting, Ticket, space_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.labels import Archive, Delete, Rename
from equipoise.storage import Newer, SqlStore, Unusable, open_store
from equipoise.storage.backup import backup, restore
from equipoise.storage.tables import metadata
from tests.domain.builders import a_flag, an_environment
from tests.domain.experiment.examples import a_start, an_experiment
from tests.fixtures_store import Postgres
from tests.storage.desk import AT, an_id, bear, change
from tests.storage.test_manifest import a_file


def fill(store: SqlStore) -> None:
    """Something in every table."""
    bear(store, ENVIRONMENT, an_environment())
    bear(store, FLAG, *(a_flag(id=an_id(number), key=f"f{number}", tags=("é",)) for number in range(20)))
    bear(store, EXPERIMENT, an_experiment())
    change(store, EXPERIMENT, an_experiment().id, a_start())
    change(store, FLAG, an_id(1), Rename('"quoted" \\ \u2028 😀'), Archive())
    change(store, FLAG, an_id(2), Delete())
    with store.write() as transaction:
        transaction.reserve("me", "key", AT)
        transaction.keep("me", "key", Kept("print", Answer(201, bytes(range(256)), (("a", "b"),), None)))
        transaction.bind("vercel", "item", "x", an_id(1))
        transaction.note("owner", an_id("owner"))
        transaction.swap_files((a_file("a"),), (), AT)
        transaction.count_dead(an_id("here"), {"no key": 1})
        transaction.admit_payloads(an_id("here"), ("p",), AT)
        transaction.consume(("segment",), AT)
        transaction.issue(Ticket("digest of a code", an_id("token"), AT + 1), AT)
    store.see([Sighting(an_id("here"), "digest of a key", "PythonClient/9.18.2", AT)])


def everything(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


@contextmanager
def opened(where: str | Path) -> Iterator[SqlStore]:
    store = open_store(where)
    yield store
    store.close()


@pytest.mark.parametrize("way", ["there", "back"])
def test_each_database_reads_what_the_other_wrote(way: str, postgres: Postgres, tmp_path: Path) -> None:
    with postgres.database() as url, opened(url) as far, opened(tmp_path / "data") as near:
        source, target = (near, far) if way == "there" else (far, near)
        fill(source)
        before = everything(source)
        assert all(before.values())
        rows = backup(source, tmp_path / "backup")
        assert restore(target, tmp_path / "backup") == rows == sum(map(len, before.values()))
        assert everything(target) == before
        change(target, FLAG, an_id(3), Rename("On we go"))
        with target.read() as reader:
            numbers = [row.number for row in reader.history(space_of("default"), 0, 100)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_progress_is_told_from_nothing_to_all(sql_store: SqlStore, tmp_path: Path) -> None:
    fill(sql_store)
    told: list[tuple[int, int]] = []
    rows = backup(sql_store, tmp_path / "backup", lambda done, total: told.append((done, total)))
    assert told[-1] == (rows, rows)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_backup_is_for_its_owner_and_has_a_header(sql_store: SqlStore, tmp_path: Path) -> None:
    fill(sql_store)
    rows = backup(sql_store, tmp_path / "backup")
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    header = json.loads(gzip.decompress((tmp_path / "backup").read_bytes()).split(b"\n")[0])
    assert (header["format"], header["rows"]) == ("equipoise-backup/1", rows)
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup"]


def test_a_store_that_holds_something_is_not_restored_into(sql_store: SqlStore, tmp_path: Path) -> None:
    fill(sql_store)
    before = everything(sql_store)
    backup(sql_store, tmp_path / "backup")
    with pytest.raises(Unusable, match="not empty"):
        restore(sql_store, tmp_path / "backup")
    assert everything(sql_store) == before


def test_what_is_no_whole_backup_leaves_the_store_empty(sql_store: SqlStore, tmp_path: Path) -> None:
    with opened(tmp_path / "source") as source:
        fill(source)
        backup(source, tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    newer = lines[0].replace(b'"schema":"', b'"schema":"9')
    wrong = {
        "cut off": whole[: len(whole) // 2],
        "short": gzip.compress(b"".join(lines[:-1])),
        "empty": b"",
        "text": b"no backup",
        "other": gzip.compress(b'{"format": "other"}\n'),
        "list": gzip.compress(b"[]\n"),
        "newer": gzip.compress(newer + b"".join(lines[1:])),
    }
    for name, content in wrong.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Newer if name == "newer" else Unusable):
            restore(sql_store, tmp_path / name)
        assert not any(everything(sql_store).values()), name
    with pytest.raises(Unusable):
        restore(sql_store, tmp_path / "missing")
