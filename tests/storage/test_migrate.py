"""How a database comes to this release's version, and what is said when it cannot."""

import gzip
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from equipoise.domain.flag import FLAG
from equipoise.storage import Newer, Unmigrated, migrate, open_store, schema
from equipoise.storage.tables import SCHEMA
from tests.domain.builders import a_flag
from tests.storage.desk import bear
from tests.storage.test_concurrency import at_once

OLD = "0000"


def stamp(url: str, version: str) -> None:
    store = open_store(url)
    with store.exclusive() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    store.close()


def test_an_empty_database_is_migrated_without_a_backup(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unmigrated, match="equipoise migrate"):
        open_store(empty_url, upgrade=False)
    store = open_store(empty_url, backups=tmp_path / "backups")
    bear(store, FLAG, a_flag())
    with store.engine.connect() as connection:
        assert schema.version(connection) == SCHEMA
    store.close()
    assert not (tmp_path / "backups").exists()
    open_store(empty_url, upgrade=False).close()


def test_a_newer_database_is_refused_in_words(database_url: str) -> None:
    stamp(database_url, "0999")
    with pytest.raises(Newer):
        open_store(database_url, upgrade=False)
    with pytest.raises(Newer) as refused:
        open_store(database_url)
    assert "0999" in refused.value.sentence
    assert "Install the release" in refused.value.next_step


def test_an_older_database_is_backed_up_before_it_is_migrated(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(database_url)
    bear(store, FLAG, a_flag())
    store.close()
    stamp(database_url, OLD)
    with pytest.raises(Unmigrated):
        open_store(database_url, upgrade=False)
    monkeypatch.setattr(migrate, "upgrade", _stamp_only)
    store = open_store(database_url, backups=tmp_path / "backups")
    store.close()
    (made,) = (tmp_path / "backups").iterdir()
    assert made.stat().st_mode & 0o777 == 0o600
    lines = gzip.decompress(made.read_bytes()).decode()
    assert f'"schema":"{OLD}"' in lines
    assert "checkout" in lines


def test_many_processes_may_migrate_at_once(empty_url: str) -> None:
    for store in at_once([partial(open_store, empty_url, threads=2)] * 6):
        store.close()


def test_a_migration_that_fails_changes_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = schema.upgrade

    def fail(connection: Connection) -> None:
        steps(connection)
        raise ZeroDivisionError

    monkeypatch.setattr(migrate, "upgrade", fail)
    with pytest.raises(ZeroDivisionError):
        open_store(empty_url)
    monkeypatch.undo()
    with pytest.raises(Unmigrated) as refused:
        open_store(empty_url, upgrade=False)
    assert refused.value.found is None


def _stamp_only(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": SCHEMA})
