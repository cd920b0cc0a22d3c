"""What every store promises of numbers, the past, versions and keys; see test_store_contract.py."""

import pytest
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.ports import (
    INSTANCE_SPACE,
    AsOf,
    Kept,
    Store,
    Undo,
    space_of,
)
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Held
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause, Resume, Stop
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Switch
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Delete, Describe, Rename, Renamed
from equipoise.domain.limits import IDEMPOTENCY_KEEP_HOURS
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from tests.domain.builders import a_flag, a_project, a_token, an_environment
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import AT, ENTRY, PROJECT_PLACE, an_id, bear, birth, change, find, flag, named

HOUR_MS = 3_600_000


# the log


def test_each_space_is_numbered_without_gaps(any_store: Store) -> None:
    bear(any_store, PROJECT, a_project())
    bear(any_store, FLAG, flag("a"), flag("b"))
    bear(any_store, TOKEN, a_token())
    with pytest.raises(Held):
        bear(any_store, FLAG, flag("a"))
    change(any_store, PROJECT, a_project().id, Rename("Renamed"))
    change(any_store, FLAG, an_id("a"), Delete())
    change(any_store, PROJECT, a_project().id, Delete())
    with any_store.read() as reader:
        ours = reader.history(space_of("default"), 0, 100)
        instance = reader.history(INSTANCE_SPACE, 0, 100)
        assert [row.number for row in ours] == [1, 2, 3, 4]
        assert [row.key for row in ours] == ["a", "b", "default", "a"]
        assert [(row.number, row.noun) for row in instance] == [(1, "project"), (2, "token"), (3, "project")]
        assert (reader.number(space_of("default")), reader.number(INSTANCE_SPACE)) == (4, 3)
        assert reader.number("nowhere") == 0


def test_numbers_go_on_when_a_project_is_made_again(any_store: Store) -> None:
    bear(any_store, PROJECT, a_project())
    change(any_store, PROJECT, a_project().id, Rename("One"), Delete())
    bear(any_store, PROJECT, a_project(id=an_id("again")))
    change(any_store, PROJECT, an_id("again"), Rename("Two"))
    with any_store.read() as reader:
        assert [row.number for row in reader.history(space_of("default"), 0, 9)] == [1, 2]


def test_a_row_tells_who_did_what_and_what_came_of_it(any_store: Store) -> None:
    with any_store.write() as transaction:
        transaction.settle([birth(FLAG, flag("a"))], ENTRY)
    change(any_store, FLAG, an_id("a"), Rename("New"), Delete())
    with any_store.read() as reader:
        born, renamed, gone = reader.history(space_of("default"), 0, 9)
    assert (born.at, born.principal, born.surface) == (AT, "somebody", "test")
    assert (born.comment, born.request, born.place) == ("because", "r1", PROJECT_PLACE)
    assert (renamed.noun, renamed.id, renamed.key, renamed.revision) == ("flag", an_id("a"), "a", 2)
    assert renamed.events == (Renamed("New"),)
    assert renamed.state == replace(flag("a"), name="New", revision=2, touched_at=AT)
    assert (gone.revision, gone.state) == (3, None)


def test_a_follower_reads_on_from_where_it_was(any_store: Store) -> None:
    bear(any_store, FLAG, *(flag(f"f{number}") for number in range(10)))
    read: list[int] = []
    with any_store.read() as reader:
        while rows := reader.history(space_of("default"), read[-1] if read else 0, 3):
            read += [row.number for row in rows]
    assert read == list(range(1, 11))


# the past


def test_the_past_is_read_by_number_and_by_time(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a", name="First"), at=100)
    bear(any_store, FLAG, flag("other"), at=150)
    change(any_store, FLAG, an_id("a"), Rename("Second"), at=200)
    change(any_store, FLAG, an_id("a"), Delete(), at=300)
    bear(any_store, FLAG, a_flag(id=an_id("again"), key="a", name="Third"), at=400)
    names = {AsOf(number=0): None, AsOf(number=1): "First", AsOf(number=2): "First"}
    names |= {AsOf(number=3): "Second", AsOf(number=4): None, AsOf(number=99): "Third"}
    names |= {AsOf(at=99): None, AsOf(at=100): "First", AsOf(at=299): "Second"}
    names |= {AsOf(at=300): None, AsOf(at=400): "Third"}
    for as_of, name in names.items():
        found = named(any_store, FLAG, PROJECT_PLACE, "a", as_of)
        assert (found and found.name) == name, as_of
        by_id = find(any_store, FLAG, an_id("a"), as_of)
        assert (by_id and by_id.name) == (None if name == "Third" else name), as_of
    assert find(any_store, FLAG, an_id("never"), AsOf(number=1)) is None
    assert named(any_store, FLAG, Place("other"), "a", AsOf(at=400)) is None


def test_the_past_of_a_project_counts_by_its_own_numbers(any_store: Store) -> None:
    project = a_project(name="Born")
    bear(any_store, PROJECT, project)
    change(any_store, PROJECT, project.id, Rename("One"), Rename("Two"), Delete())
    names = {0: "Born", 1: "One", 2: None, 3: None}
    for number, name in names.items():
        for found in (
            find(any_store, PROJECT, project.id, AsOf(number=number)),
            named(any_store, PROJECT, INSTANCE, project.key, AsOf(number=number)),
        ):
            assert (found and found.name) == name, number


def test_the_past_of_a_token_counts_by_the_instance(any_store: Store) -> None:
    bear(any_store, TOKEN, a_token(name="Old"))
    change(any_store, TOKEN, a_token().id, Rename("New"))
    assert find(any_store, TOKEN, a_token().id, AsOf(number=1)).name == "Old"
    assert find(any_store, TOKEN, a_token().id, AsOf(number=2)).name == "New"


# versions


def versions(store: Store, *flags: str) -> dict[tuple[str, str], int]:
    with store.read() as reader:
        return reader.versions("default", flags)


def environments(store: Store, *names: str) -> None:
    bear(store, ENVIRONMENT, *(an_environment(id=an_id(name), key=name) for name in names))


def test_a_version_is_the_number_of_the_last_change_to_what_is_delivered(any_store: Store) -> None:
    environments(any_store, "production", "test")  # 1, 2
    bear(any_store, FLAG, flag("a"), flag("b"))  # 3, 4
    assert versions(any_store, "a") == {("a", "production"): 3, ("a", "test"): 3}
    change(any_store, FLAG, an_id("a"), Switch("test", True))  # 5
    assert versions(any_store, "a", "b") == {
        ("a", "production"): 3,
        ("a", "test"): 5,
        ("b", "production"): 4,
        ("b", "test"): 4,
    }
    change(any_store, FLAG, an_id("a"), Describe("delivers nothing"))  # 6
    assert versions(any_store, "a")["a", "test"] == 5
    assert versions(any_store) == {}


def test_versions_of_many_flags_are_those_of_the_flags_asked_for(any_store: Store) -> None:
    environments(any_store, "production")
    bear(any_store, FLAG, *(flag(f"flag-{number}") for number in range(130)))
    asked = [f"flag-{number}" for number in range(120)]
    assert set(versions(any_store, *asked)) == {(key, "production") for key in asked}
    assert (
        versions(any_store, *asked)["flag-7", "production"]
        == versions(any_store, "flag-7")["flag-7", "production"]
    )


def test_an_environment_is_born_with_a_version_of_every_flag(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a"), flag("b"))  # 1, 2
    environments(any_store, "late")  # 3
    assert versions(any_store, "a", "b") == {("a", "late"): 3, ("b", "late"): 3}


def test_versions_grow_over_deletion_and_another_birth(any_store: Store) -> None:
    environments(any_store, "production")  # 1
    bear(any_store, FLAG, flag("a"))  # 2
    change(any_store, FLAG, an_id("a"), Delete())  # 3
    assert versions(any_store, "a") == {("a", "production"): 3}
    bear(any_store, FLAG, a_flag(id=an_id("again"), key="a"))  # 4
    assert versions(any_store, "a") == {("a", "production"): 4}


def test_an_overlay_that_comes_or_goes_is_a_version_of_the_flag(any_store: Store) -> None:
    environments(any_store, "production", "test")  # 1, 2
    bear(any_store, FLAG, flag("checkout"))  # 3
    experiment = an_experiment()
    bear(any_store, EXPERIMENT, experiment)  # 4
    seen = []
    for command in (a_start(), Rename("Other"), Pause(), Resume(), Stop()):  # 5 to 9
        change(any_store, EXPERIMENT, experiment.id, command)
        seen.append(versions(any_store, "checkout")["checkout", "production"])
    assert seen == [5, 5, 7, 8, 9]
    assert versions(any_store, "checkout")["checkout", "test"] == 3


# idempotency keys and aliases


def test_an_answer_is_kept_under_its_key_and_owner(any_store: Store) -> None:
    kept = Kept("print", Answer(201, b"\x00\xff{}", (("etag", "x"), ("etag", "y")), 7))
    with any_store.write() as transaction:
        assert transaction.reserve("me", "k", AT) is None
        transaction.keep("me", "k", kept)
    with any_store.write() as transaction:
        assert transaction.reserve("me", "k", AT + 1) == kept
        assert transaction.reserve("you", "k", AT) is None
        raise Undo
    with any_store.write() as transaction:
        assert transaction.reserve("you", "k", AT) is None


def test_a_key_is_free_again_when_its_time_is_over(any_store: Store) -> None:
    kept, later = Kept("one", Answer(200)), Kept("two", Answer(204))
    over = AT + IDEMPOTENCY_KEEP_HOURS * HOUR_MS
    with any_store.write() as transaction:
        transaction.reserve("me", "k", AT)
        transaction.keep("me", "k", kept)
    with any_store.write() as transaction:
        assert transaction.reserve("me", "k", over - 1) == kept
        assert transaction.reserve("me", "k", over) is None
        transaction.keep("me", "k", later)
    with any_store.write() as transaction:
        assert transaction.reserve("me", "k", over + 1) == later


def test_an_alias_stands_for_one_thing(any_store: Store) -> None:
    with any_store.write() as transaction:
        transaction.bind("vercel", "item", "x", an_id("a"))
        transaction.bind("vercel", "item", "x", an_id("a"))
        transaction.bind("auth0", "item", "x", an_id("b"))
    with pytest.raises(Held), any_store.write() as transaction:
        transaction.bind("vercel", "item", "x", an_id("c"))
    with any_store.read() as reader:
        assert reader.alias("vercel", "item", "x") == an_id("a")
        assert reader.alias("auth0", "item", "x") == an_id("b")
        assert reader.alias("vercel", "flag", "x") is None
