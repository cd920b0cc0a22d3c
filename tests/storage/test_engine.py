"""Which database is meant, and what is said when it cannot be used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from equipoise.application.ports import LostRace
from equipoise.domain.flag import FLAG
from equipoise.storage import SqlStore, Unusable, open_store
from equipoise.storage.engine import url_of
from tests.domain.builders import a_flag
from tests.fixtures_store import Postgres
from tests.storage.desk import an_id, bear

NOBODY = 65_534


@contextmanager
def without_privileges() -> Iterator[None]:
    """As somebody to whom permissions apply."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("where", "meant"),
    [
        (Path("/data"), "sqlite:////data/equipoise.db"),
        ("/data", "sqlite:////data/equipoise.db"),
        ("sqlite:////data/other.db", "sqlite:////data/other.db"),
        ("postgresql://me@host/db", "postgresql+psycopg://me@host/db"),
        ("postgres://me@host/db", "postgresql+psycopg://me@host/db"),
        ("postgresql+psycopg://me@host/db", "postgresql+psycopg://me@host/db"),
    ],
)
def test_an_address_names_a_database(where: str | Path, meant: str) -> None:
    assert url_of(where).render_as_string() == meant


@pytest.mark.parametrize("where", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "://", "http://x"])
def test_what_is_no_address_of_ours_is_refused_in_words(where: str) -> None:
    with pytest.raises(Unusable) as refused:
        url_of(where)
    assert "Name a folder" in refused.value.next_step


def test_a_new_store_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    store = open_store(folder)
    bear(store, FLAG, a_flag())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == dict.fromkeys(
        ["equipoise.db", "equipoise.db-wal", "equipoise.db-shm", "equipoise.db.lock", "equipoise.db.next"],
        0o600,
    )
    store.close()


def test_sqlite_is_durable_and_writes_ahead(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    with store.engine.connect() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    store.close()
    assert found == ["wal", 2, 10_000, 1]


def test_a_read_only_folder_is_said_to_be_one() -> None:
    with TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o755)  # others must get as far as this
        open_store(base / "full").close()
        (base / "full" / "equipoise.db").chmod(0o444)
        (base / "full").chmod(0o555)
        (base / "empty").mkdir(mode=0o555)
        for folder in (base / "full", base / "empty", base / "empty" / "new"):
            with without_privileges(), pytest.raises(Unusable, match="writable") as refused:
                open_store(folder)
            assert folder.name in refused.value.sentence
        (base / "full").chmod(0o755)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match="file"):
        open_store(tmp_path / "file")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "equipoise.db").write_text("no database" * 1_000)
    with pytest.raises(Unusable, match=r"equipoise.db is no SQLite database"):
        open_store(tmp_path)
    assert (tmp_path / "equipoise.db").read_text().startswith("no database")


def test_a_server_that_does_not_answer_is_said_not_to(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="does not answer") as refused:
        open_store(f"postgresql://me:secret@/db?host={tmp_path}")
    assert "secret" not in str(refused.value)


def test_a_database_that_is_not_there_is_said_not_to_be(postgres: Postgres) -> None:
    with pytest.raises(Unusable, match="does not exist"):
        open_store(postgres.url("nowhere"))


def test_a_store_that_is_ready_says_so(sql_store: SqlStore) -> None:
    sql_store.ping()
    with sql_store.exclusive() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(Unusable):
        sql_store.ping()


def test_a_connection_that_was_cut_is_replaced(postgresql_store: SqlStore, postgres: Postgres) -> None:
    store = postgresql_store
    bear(store, FLAG, a_flag())
    named = f"datname = '{store.engine.url.database}'"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {named}"
    postgres.run(cut)
    with pytest.raises(LostRace), store.write() as transaction:
        transaction.find(FLAG, a_flag().id)
    bear(store, FLAG, a_flag(id=an_id("b"), key="b"))
    postgres.run(cut)
    for connection in store.engine.pool._pool.queue:  # type: ignore[attr-defined]
        connection.info["rested_since"] = 0.0
    with store.read() as reader:  # having rested, it is asked first
        assert reader.find(FLAG, a_flag().id) is not None


def test_a_user_that_may_make_no_tables_is_told_so(postgres: Postgres) -> None:
    with postgres.database() as url:
        postgres.run("DROP ROLE IF EXISTS guest")
        postgres.run("CREATE ROLE guest LOGIN")
        with pytest.raises(Unusable, match="may not create tables"):
            open_store(url.replace("postgres@", "guest@"))
