"""Many at once: threads and processes, none lost, none twice, no number missing."""

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Barrier, Event
from typing import Any

import pytest

from equipoise.application.answers import Answer
from equipoise.application.ports import Kept, LostRace, Store, space_of
from equipoise.domain.change import apply
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.labels import Describe, Tag
from equipoise.storage import SqlStore, open_store
from tests.domain.builders import a_flag
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import AT, ENTRY, an_id, bear, change, moment

WRITERS, EACH = 8, 10
SPACE = space_of("default")


def add_tag(store: Store, id: str, tag: str) -> None:
    """Reads, decides and writes, as often as it takes; what was lost is locked first the next time."""
    first: tuple[tuple[str, str], ...] = ()
    while True:
        try:
            with store.write(first) as transaction:
                now = transaction.find(FLAG, id)
                assert now is not None
                outcome = apply(FLAG, now, Tag((*now.tags, tag)), moment())
                transaction.hold([("flag", id, now.revision)], [("flag", id)])
                transaction.settle([outcome], ENTRY)
            return
        except LostRace as race:
            first = race.subjects


def add_tags(store: Store, id: str, writer: int) -> None:
    for turn in range(EACH):
        add_tag(store, id, f"{writer}.{turn}")


def at_once(tasks: Iterable[Callable[[], Any]]) -> list[Any]:
    """All results; the first error comes out."""
    waiting = list(tasks)
    start = Barrier(len(waiting))

    def run(task: Callable[[], Any]) -> Any:
        start.wait()
        return task()

    with ThreadPoolExecutor(len(waiting)) as threads:
        return [each.result() for each in [threads.submit(run, task) for task in waiting]]


def numbers(store: Store) -> list[int]:
    with store.read() as reader:
        return [row.number for row in reader.history(SPACE, 0, 10_000)]


def flags(count: int) -> list[Flag]:
    return [a_flag(id=an_id(number), key=f"f{number}") for number in range(count)]


def test_no_change_on_one_subject_is_lost(any_store: Store) -> None:
    bear(any_store, FLAG, a_flag())

    at_once(partial(add_tags, any_store, a_flag().id, name) for name in range(WRITERS))
    with any_store.read() as reader:
        now = reader.find(FLAG, a_flag().id)
    assert now is not None
    assert set(now.tags) == {f"{name}.{turn}" for name in range(WRITERS) for turn in range(EACH)}
    assert now.revision == 1 + WRITERS * EACH
    assert numbers(any_store) == list(range(1, 2 + WRITERS * EACH))


def test_a_follower_misses_nothing_while_many_write(any_store: Store) -> None:
    bear(any_store, FLAG, *flags(WRITERS))
    done, seen = Event(), list[int]()

    def follow() -> None:
        last = False
        while not last:
            last = done.is_set()
            with any_store.read() as reader:
                rows = reader.history(SPACE, len(seen), 50)
                assert rows or reader.number(SPACE) == len(seen)
            assert [row.number for row in rows] == [len(seen) + 1 + each for each in range(len(rows))]
            seen.extend(row.number for row in rows)

    with ThreadPoolExecutor(1) as follower:
        following = follower.submit(follow)
        try:
            at_once(partial(add_tags, any_store, an_id(name), name) for name in range(WRITERS))
        finally:
            done.set()
        following.result(20)
        while len(seen) < WRITERS * (EACH + 1):
            follow()
    assert seen == list(range(1, WRITERS * (EACH + 1) + 1))


def test_what_was_read_and_has_moved_since_loses_the_race(postgresql_store: SqlStore) -> None:
    """On PostgreSQL alone: elsewhere nobody moves anything meanwhile."""
    bear(postgresql_store, FLAG, *flags(3))
    with postgresql_store.write() as transaction:
        read = [("flag", an_id(number), 1) for number in range(3)]
        change(postgresql_store, FLAG, an_id(1), Describe("moved"))
        with pytest.raises(LostRace) as lost:
            transaction.hold(read, [("flag", an_id(0))])
        assert set(lost.value.subjects) == {("flag", an_id(number)) for number in range(3)}
    with pytest.raises(LostRace), postgresql_store.write() as transaction:
        transaction.hold([("flag", an_id("gone"), 1)], [])


def test_crossing_locks_do_not_wait_for_each_other_for_ever(any_store: Store) -> None:
    """Each changes one and reads the other, and the other way round."""
    bear(any_store, FLAG, *flags(2))

    def cross(mine: int, other: int, name: str) -> None:
        for turn in range(EACH):
            first: tuple[tuple[str, str], ...] = ()
            while True:
                try:
                    with any_store.write(first) as transaction:
                        now = transaction.find(FLAG, an_id(mine))
                        beside = transaction.find(FLAG, an_id(other))
                        assert now is not None
                        assert beside is not None
                        read = [("flag", each.id, each.revision) for each in (now, beside)]
                        transaction.hold(read, [("flag", now.id)])
                        outcome = apply(FLAG, now, Describe(f"{name} {turn}"), moment())
                        transaction.settle([outcome], ENTRY)
                    break
                except LostRace as race:
                    first = race.subjects

    at_once(partial(cross, mine, 1 - mine, name) for mine in range(2) for name in "ab")
    with any_store.read() as reader:
        found = [reader.find(FLAG, an_id(number)) for number in range(2)]
    assert [each and each.revision for each in found] == [1 + 2 * EACH, 1 + 2 * EACH]


def test_of_many_births_of_one_key_one_comes_about(any_store: Store) -> None:
    def bear_one(name: int) -> str:
        try:
            bear(any_store, FLAG, a_flag(id=an_id(name)))
        except Exception as error:
            return type(error).__name__
        return "born"

    said = at_once(partial(bear_one, name) for name in range(WRITERS))
    assert said.count("born") == 1
    assert set(said) <= {"born", "Held", "LostRace"}
    assert numbers(any_store) == [1]


def test_of_many_claimants_one_gets_the_rule(any_store: Store) -> None:
    experiments = [an_experiment(id=an_id(name), key=f"e{name}") for name in range(WRITERS)]
    bear(any_store, EXPERIMENT, *experiments)

    def start(id: str) -> str:
        try:
            change(any_store, EXPERIMENT, id, a_start())
        except Exception as error:
            return type(error).__name__
        return "started"

    said = at_once(partial(start, each.id) for each in experiments)
    assert said.count("started") == 1
    assert set(said) <= {"started", "Held", "LostRace"}


def test_of_many_with_one_idempotency_key_one_acts_and_all_hear_the_same(any_store: Store) -> None:
    bear(any_store, FLAG, a_flag())

    def ask(name: int) -> bytes:
        with any_store.write() as transaction:
            kept = transaction.reserve("me", "key", AT)
            if kept is not None:
                return kept.answer.body
            now = transaction.find(FLAG, a_flag().id)
            assert now is not None
            transaction.settle([apply(FLAG, now, Tag((str(name),)), moment())], ENTRY)
            transaction.keep("me", "key", Kept("print", Answer(200, str(name).encode())))
            return str(name).encode()

    said = at_once(partial(ask, name) for name in range(WRITERS))
    assert len(set(said)) == 1
    assert numbers(any_store) == [1, 2]


def test_a_reader_sees_one_moment(any_store: Store) -> None:
    bear(any_store, FLAG, *flags(2))
    with any_store.read() as reader:
        assert reader.number(SPACE) == 2
        change(any_store, FLAG, an_id(0), Describe("later"))
        assert reader.number(SPACE) == 2
        seen = reader.find(FLAG, an_id(0))
        assert seen is not None
        assert seen.revision == 1
    with any_store.read() as reader:
        assert reader.number(SPACE) == 3


PROCESS = """
import sys
from equipoise.storage import open_store
from tests.domain.builders import a_flag
from tests.storage.test_concurrency import add_tag
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(int(sys.argv[3])):
    add_tag(store, a_flag().id, f"{sys.argv[2]}.{turn}")
    print(turn, flush=True)
"""


def test_processes_share_one_database(database_url: str) -> None:
    store = open_store(database_url)
    bear(store, FLAG, a_flag())
    root = Path(__file__).parents[2]
    each = 40
    said = [[sys.executable, "-c", PROCESS, database_url, name, str(each)] for name in "ab"]
    processes = [Popen(words, cwd=root, stdin=PIPE, stdout=PIPE, text=True) for words in said]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with store.read() as reader:
        now = reader.find(FLAG, a_flag().id)
        rows = reader.history(SPACE, 0, 1_000)
    store.close()
    assert now is not None
    assert set(now.tags) == {f"{name}.{turn}" for name in "ab" for turn in range(each)}
    assert [row.number for row in rows] == list(range(1, 2 * each + 2))
