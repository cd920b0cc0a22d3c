"""The manifest: what it names exists, once, and is swapped whole."""

from functools import partial

import pytest
from msgspec.structs import replace

from equipoise.application.lake import DataFile, Kind, Laid, Tally
from equipoise.application.ports import LostRace, Store, Undo
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause, Resume, Stop
from equipoise.domain.identity import Place
from equipoise.storage import SqlStore
from tests.domain.builders import an_environment
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import an_id, bear, change
from tests.storage.test_concurrency import at_once

HERE, THERE = an_id("here"), an_id("there")


def a_file(name: str, **fields: object) -> DataFile:
    file = DataFile(
        id=an_id(name),
        environment=HERE,
        kind=Kind.OUTCOME,
        day="2026-01-01",
        path=f"{name}.parquet",
        rows=10,
        bytes=1_000,
        first=5,
        last=9,
        keys=(1, 2**60 - 1),
    )
    return replace(file, **fields)


def test_the_files_of_an_environment_come_by_kind_and_day(any_store: Store) -> None:
    files = (
        a_file("c", day="2026-01-02"),
        a_file("a"),
        a_file("b", kind=Kind.EXPOSURE),
        a_file("d", environment=THERE),
        a_file("e", kind=Kind.DEAD),
    )
    with any_store.write() as transaction:
        transaction.swap_files(files, (), 1)
    with any_store.read() as reader:
        named = reader.files(HERE, (Kind.OUTCOME, Kind.EXPOSURE))
        assert [file.path[0] for file in named] == ["b", "a", "c"]
        assert named[1] == files[1]
        assert set(reader.every_file()) == set(files)
        assert reader.tally() == Tally({Kind.OUTCOME: 30, Kind.EXPOSURE: 10, Kind.DEAD: 10}, {})


def test_a_swap_takes_names_away_and_keeps_them_for_who_still_reads(any_store: Store) -> None:
    old, new = a_file("old"), a_file("new")
    with any_store.write() as transaction:
        transaction.swap_files((old,), (), 1)
    with any_store.write() as transaction:
        transaction.swap_files((new,), (old.id,), 20)
    with any_store.read() as reader:
        assert reader.every_file() == (new,)
        assert reader.retired_files(20) == ()
        assert reader.retired_files(21) == (old,)
    with any_store.write() as transaction:
        transaction.drop_files((old.id, new.id))
    with any_store.read() as reader:
        assert reader.retired_files(2**60) == ()
        assert reader.every_file() == (new,), "only what was retired can be dropped"


def test_a_file_is_replaced_by_one_merger_alone(any_store: Store) -> None:
    old = a_file("old")
    with any_store.write() as transaction:
        transaction.swap_files((old,), (), 1)
    with any_store.write() as transaction:
        transaction.swap_files((a_file("first"),), (old.id,), 2)
    with pytest.raises(LostRace), any_store.write() as transaction:
        transaction.swap_files((a_file("second"),), (old.id,), 3)
    with any_store.read() as reader:
        assert [file.path for file in reader.every_file()] == ["first.parquet"]


def test_a_payload_is_new_once_in_each_environment(any_store: Store) -> None:
    with any_store.write() as transaction:
        assert transaction.admit_payloads(HERE, ("a", "b"), 1) == {"a", "b"}
        assert transaction.admit_payloads(HERE, ("b", "c"), 2) == {"c"}
        assert transaction.admit_payloads(THERE, ("a",), 1) == {"a"}
    with any_store.write() as transaction:
        transaction.admit_payloads(HERE, ("undone",), 3)
        raise Undo
    with any_store.read() as reader:
        assert reader.known_payloads(HERE, ("a", "c", "undone")) == {"a", "c"}
    with any_store.write() as transaction:
        transaction.forget(2)
    with any_store.read() as reader:
        assert reader.known_payloads(HERE, ("a", "b", "c")) == {"c"}


def test_many_payloads_are_admitted_at_once(any_store: Store) -> None:
    many = [f"payload-{number}" for number in range(2_500)]
    with any_store.write() as transaction:
        assert transaction.admit_payloads(HERE, many, 1) == set(many)
    with any_store.read() as reader:
        assert reader.known_payloads(HERE, [*many, "another"]) == set(many)


def test_of_two_who_bring_a_payload_at_once_one_is_first(sql_store: SqlStore) -> None:
    def admit(names: list[str]) -> frozenset[str]:
        with sql_store.write() as transaction:
            return transaction.admit_payloads(HERE, names, 1)

    orders = (["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"], ["c", "a", "b"])
    heard = at_once(partial(admit, names) for names in orders)
    assert sorted(name for names in heard for name in names) == ["a", "b", "c"]


def test_a_segment_is_consumed_once(any_store: Store) -> None:
    with any_store.write() as transaction:
        assert transaction.consume(("s1", "s2"), 5) == {"s1", "s2"}
        assert transaction.consume(("s2",), 6) == frozenset()
    with any_store.read() as reader:
        assert reader.consumed(("s1", "s3")) == {"s1"}


def test_dead_events_add_up_by_cause(any_store: Store) -> None:
    with any_store.write() as transaction:
        transaction.count_dead(HERE, {"no key": 2, "malformed": 1})
        transaction.count_dead(HERE, {"no key": 3})
        transaction.count_dead(THERE, {"no key": 1})
    with any_store.read() as reader:
        assert reader.dead(HERE) == {"no key": 5, "malformed": 1}
        assert reader.tally().dead == {"no key": 6, "malformed": 1}


def test_a_version_leads_to_what_lay_over_the_rule_then(any_store: Store) -> None:
    experiment = an_experiment()
    bear(any_store, ENVIRONMENT, an_environment())  # 1
    bear(any_store, EXPERIMENT, experiment)  # 2
    for command in (a_start(), Pause(), Resume(), Stop()):  # 3 to 6
        change(any_store, EXPERIMENT, experiment.id, command)
    place = Place("default", "production")
    assert experiment.draft is not None
    laid = Laid(experiment.id, experiment.draft.id, 0, "user")
    with any_store.read() as reader:
        found = [reader.laid(place, "checkout", "fallthrough", version) for version in range(1, 9)]
        assert found == [None, None, laid, None, laid, None, None, None]
        assert reader.laid(place, "checkout", "other", 3) is None
        assert reader.laid(Place("default", "test"), "checkout", "fallthrough", 3) is None
