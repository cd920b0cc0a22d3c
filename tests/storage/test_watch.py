"""Commits are told of, whoever made them; and looking never hurts."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from equipoise.domain.flag import FLAG
from equipoise.storage import SqlStore, open_store
from equipoise.storage.watch import watch_of
from tests.storage.desk import bear, flag

LONG = 10.0


@pytest.fixture
def other(database_url: str) -> Iterator[SqlStore]:
    """The same database, as another process has it."""
    store = open_store(database_url, upgrade=False)
    yield store
    store.close()


def waited(watch: object, seconds: float = LONG) -> float:
    began = time.monotonic()
    watch.wait(seconds)  # type: ignore[attr-defined]
    return time.monotonic() - began


def test_a_commit_is_told_of_whoever_made_it(sql_store: SqlStore, other: SqlStore) -> None:
    watch = sql_store.watch()
    waited(watch)  # what was before went unheard, so the first wait is over at once
    for number, store in enumerate((other, sql_store, other)):
        timer = threading.Timer(0.1, bear, (store, FLAG, flag(f"flag-{number}")))
        timer.start()
        took = waited(watch)
        timer.join()
        assert 0.05 < took < LONG / 2
    watch.close()
    watch.wait(0)


def test_without_commits_a_wait_is_as_long_as_it_was_meant_to_be(sql_store: SqlStore) -> None:
    watch = sql_store.watch()
    waited(watch)
    assert waited(watch, 0.3) >= 0.29
    watch.close()
    watch.wait(0)


def test_a_wait_ends_soon_when_it_is_closed(sql_store: SqlStore) -> None:
    watch = sql_store.watch()
    waited(watch)
    threading.Timer(0.1, watch.close).start()
    assert waited(watch) < LONG / 2
    assert waited(watch) < 1


def test_a_connection_that_is_lost_is_made_anew(postgresql_store: SqlStore) -> None:
    watch = watch_of(postgresql_store.engine)
    waited(watch)
    end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")
    with postgresql_store.engine.begin() as connection:
        connection.execute(end, {"name": "equipoise-watch"})
    waited(watch, 0.2)  # finds it lost
    waited(watch)
    threading.Timer(0.1, bear, (postgresql_store, FLAG, flag("late"))).start()
    assert waited(watch) < LONG / 2
    watch.close()
    watch.wait(0)


def test_the_number_of_every_space_is_known(any_store: SqlStore) -> None:
    bear(any_store, FLAG, flag("a"), flag("b"))
    bear(any_store, FLAG, flag("c", project="other"))
    with any_store.read() as reader:
        assert reader.numbers() == {"project/default": 2, "project/other": 1}
