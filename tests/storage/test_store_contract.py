"""What every store promises: the one in memory, SQLite, PostgreSQL."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.ports import (
    INSTANCE_SPACE,
    AsOf,
    Kept,
    LostRace,
    Page,
    Query,
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
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Archive, Delete, Describe, Rename, Renamed, Tag
from equipoise.domain.limits import IDEMPOTENCY_KEEP_HOURS
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Renew
from tests.domain.builders import a_flag, a_project, a_token, an_environment
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import AT, ENTRY, an_id, bear, birth, change

PROJECT_PLACE = Place("default")
HOUR_MS = 3_600_000


def flag(key: str, **fields: Any) -> Flag:
    return a_flag(id=an_id(key), key=key, **fields)


def find(store: Store, noun: Any, id: str, as_of: AsOf | None = None) -> Any:
    with store.read() as reader:
        return reader.find(noun, id, as_of)


def named(store: Store, noun: Any, place: Place, key: str, as_of: AsOf | None = None) -> Any:
    with store.read() as reader:
        return reader.named(noun, place, key, as_of)


def select(store: Store, **fields: Any) -> Page[Flag]:
    with store.read() as reader:
        return reader.select(FLAG, Query(**{"place": PROJECT_PLACE, **fields}))


def keys(page: Page[Any]) -> list[str]:
    return [each.key for each in page.items]


def versions(store: Store, *flags: str) -> dict[tuple[str, str], int]:
    with store.read() as reader:
        return reader.versions("default", flags)


# one subject


def test_what_was_settled_is_found_by_id_and_by_key(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a"))
    expected = replace(flag("a"), revision=1)
    assert find(any_store, FLAG, an_id("a")) == expected
    assert named(any_store, FLAG, PROJECT_PLACE, "a") == expected


@pytest.mark.parametrize("key", ["b", "A", "a ", "", "a\0", "\ud800", "%", "a' OR '1'='1"])
def test_what_was_not_settled_is_not_found(any_store: Store, key: str) -> None:
    bear(any_store, FLAG, flag("a"))
    assert named(any_store, FLAG, PROJECT_PLACE, key) is None
    assert find(any_store, FLAG, key) is None
    assert find(any_store, TOKEN, an_id("a")) is None
    with any_store.read() as reader:
        assert reader.alias("vercel", "item", key) is None


def test_a_key_is_unique_in_its_place_alone(any_store: Store) -> None:
    elsewhere = a_flag(id=an_id("elsewhere"), key="a", project="other")
    bear(any_store, FLAG, flag("a"), elsewhere)
    assert named(any_store, FLAG, Place("other"), "a").id == elsewhere.id
    with pytest.raises(Held, match="the key is taken"):
        bear(any_store, FLAG, a_flag(id=an_id("second"), key="a"))
    assert find(any_store, FLAG, an_id("second")) is None


def test_two_births_of_one_key_in_one_change_are_refused(any_store: Store) -> None:
    with pytest.raises(Held):
        bear(any_store, FLAG, flag("a"), replace(flag("a"), id=an_id("twin")))
    assert select(any_store).total == 0


def test_a_key_is_free_again_in_the_change_that_deletes_its_owner(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a"))
    heir = birth(FLAG, a_flag(id=an_id("heir"), key="a"))
    with any_store.write() as transaction:
        now = transaction.find(FLAG, an_id("a"))
        gone = FLAG.decide[Delete](now, Delete(), None)  # type: ignore[arg-type]
        deletion = replace(heir, before=now, after=None, events=gone)
        transaction.settle([heir, deletion], ENTRY)
    assert named(any_store, FLAG, PROJECT_PLACE, "a").id == an_id("heir")
    assert find(any_store, FLAG, an_id("a")) is None


def test_a_changed_key_is_found_and_the_old_one_is_not(any_store: Store) -> None:
    bear(any_store, TOKEN, a_token(digest="11" * 32), a_token(id=an_id("b"), digest="22" * 32))
    change(any_store, TOKEN, a_token().id, Renew("33" * 32, "abcd"))
    assert named(any_store, TOKEN, INSTANCE, "33" * 32).id == a_token().id
    assert named(any_store, TOKEN, INSTANCE, "11" * 32) is None
    with pytest.raises(Held):
        change(any_store, TOKEN, a_token().id, Renew("22" * 32, "abcd"))


def test_an_undone_transaction_leaves_no_trace(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a"))
    with any_store.write() as transaction:
        transaction.settle([birth(FLAG, flag("b"))], ENTRY)
        transaction.bind("vercel", "item", "x", an_id("b"))
        assert transaction.find(FLAG, an_id("b")) is not None
        raise Undo
    assert keys(select(any_store)) == ["a"]
    with any_store.read() as reader:
        assert reader.number(space_of("default")) == 1
        assert reader.alias("vercel", "item", "x") is None


def test_a_failed_transaction_leaves_no_trace_and_the_error_comes_out(any_store: Store) -> None:

    def fail() -> None:
        with any_store.write() as transaction:
            transaction.settle([birth(FLAG, flag("a"))], ENTRY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert select(any_store).total == 0


def test_a_revision_that_was_undone_is_not_remembered(any_store: Store) -> None:
    """It is given again, to another state."""
    bear(any_store, FLAG, flag("a"))
    for name in ("Undone", "Done"):
        with any_store.write() as transaction:
            now = transaction.find(FLAG, an_id("a"))
            assert now is not None
            after = replace(now, name=name, revision=2)
            outcome = replace(birth(FLAG, now), before=now, after=after, events=(Renamed(name),))
            transaction.settle([outcome], ENTRY)
            seen = transaction.find(FLAG, an_id("a"))
            assert seen is not None
            assert seen.name == name
            if name == "Undone":
                raise Undo
    assert find(any_store, FLAG, an_id("a")).name == "Done"


def test_a_change_of_another_revision_loses_the_race(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a"))
    old = find(any_store, FLAG, an_id("a"))
    change(any_store, FLAG, old.id, Rename("Newer"))
    after = replace(old, name="Mine", revision=2)
    outcome = replace(birth(FLAG, old), before=old, after=after, events=(Renamed("Mine"),))
    with pytest.raises(LostRace), any_store.write() as transaction:
        transaction.settle([outcome], ENTRY)
    assert find(any_store, FLAG, old.id).name == "Newer"


# lists


def test_a_list_holds_what_the_query_asks_for(any_store: Store) -> None:
    bear(
        any_store,
        FLAG,
        flag("a", name="Straße", tags=("x", "y"), created_at=3),
        flag("b", name="100% of_it", tags=("x",), created_at=1),
        flag("c", name="Zebra", created_at=2),
        a_flag(id=an_id("d"), key="d", project="other", created_at=4),
    )
    change(any_store, FLAG, an_id("c"), Archive())
    assert keys(select(any_store)) == ["b", "c", "a"]
    assert keys(select(any_store, place=INSTANCE)) == []
    assert keys(select(any_store, place=INSTANCE, everywhere=True)) == ["b", "c", "a", "d"]
    assert keys(select(any_store, everywhere=True)) == ["b", "c", "a"]
    assert keys(select(any_store, keys=("a", "d", "\0"))) == ["a"]
    assert keys(select(any_store, keys=())) == []
    assert keys(select(any_store, archived=True)) == ["c"]
    assert keys(select(any_store, archived=False)) == ["b", "a"]
    assert keys(select(any_store, links=(("tag", "x"),))) == ["b", "a"]
    assert keys(select(any_store, links=(("tag", "x"), ("tag", "y")))) == ["a"]
    assert keys(select(any_store, links=(("maintainer", "x"),))) == []
    assert keys(select(any_store, statuses=("running",))) == []
    assert keys(select(any_store, text="STRASSE")) == ["a"]
    assert keys(select(any_store, text="% of_")) == ["b"]
    assert keys(select(any_store, text="%")) == ["b"]
    assert keys(select(any_store, text="\0")) == []


def test_a_list_is_sorted_by_code_point_then_by_id(any_store: Store) -> None:
    names = {"a": "b", "b": "B", "c": "é", "d": "a", "e": "a"}
    bear(any_store, FLAG, *(flag(key, name=name) for key, name in names.items()))
    twins = sorted("de", key=an_id)
    by_name = select(any_store, sort=(("name", False),))
    assert keys(by_name) == ["b", *twins, "a", "c"]
    assert keys(select(any_store, sort=(("name", True), ("key", True)))) == ["c", "a", "e", "d", "b"]
    assert keys(select(any_store, sort=(("key", True),))) == ["e", "d", "c", "b", "a"]


@pytest.mark.parametrize(("limit", "offset"), [(None, 0), (2, 0), (2, 1), (2, 4), (2, 9), (5, 0), (0, 0)])
def test_a_page_knows_how_many_there_are_in_all(any_store: Store, limit: int | None, offset: int) -> None:
    bear(any_store, FLAG, *(flag(key) for key in "abcde"))
    page = select(any_store, sort=(("key", False),), limit=limit, offset=offset)
    end = None if limit is None else offset + limit
    assert keys(page) == list("abcde"[offset:end])
    assert page.total == 5


def test_links_follow_the_state(any_store: Store) -> None:
    bear(any_store, FLAG, flag("a", tags=("x",)))
    change(any_store, FLAG, an_id("a"), Tag(("y", "z")), Rename("Other"))
    assert keys(select(any_store, links=(("tag", "x"),))) == []
    assert keys(select(any_store, links=(("tag", "y"), ("tag", "z")))) == ["a"]
    change(any_store, FLAG, an_id("a"), Tag(()))
    assert keys(select(any_store, links=(("tag", "y"),))) == []


def test_a_status_is_searched_as_it_is_now(any_store: Store) -> None:
    experiment = an_experiment()
    bear(any_store, EXPERIMENT, experiment)
    change(any_store, EXPERIMENT, experiment.id, a_start())
    query = Query(PROJECT_PLACE, everywhere=True, statuses=("running", "paused"))
    with any_store.read() as reader:
        assert keys(reader.select(EXPERIMENT, query)) == [experiment.key]
        assert reader.select(EXPERIMENT, replace(query, everywhere=False)).total == 0
        assert reader.select(EXPERIMENT, replace(query, place=experiment.place)).total == 1


# claims


def test_a_claim_is_held_by_one_at_a_time_in_its_environment(any_store: Store) -> None:
    first, second = an_experiment(), an_experiment(id=an_id("second"), key="second")
    elsewhere = an_experiment(id=an_id("elsewhere"), key="elsewhere", environment="test")
    bear(any_store, EXPERIMENT, first, second, elsewhere)
    change(any_store, EXPERIMENT, first.id, a_start())
    change(any_store, EXPERIMENT, elsewhere.id, a_start())
    with pytest.raises(Held, match=r"experiment second: .*checkout"):
        change(any_store, EXPERIMENT, second.id, a_start())
    change(any_store, EXPERIMENT, first.id, Pause())
    with pytest.raises(Held):
        change(any_store, EXPERIMENT, second.id, a_start())
    change(any_store, EXPERIMENT, first.id, Stop())
    assert change(any_store, EXPERIMENT, second.id, a_start()).active


def test_a_deleted_holder_claims_nothing(any_store: Store) -> None:
    first, second = an_experiment(), an_experiment(id=an_id("second"), key="second")
    bear(any_store, EXPERIMENT, first, second)
    running = change(any_store, EXPERIMENT, first.id, a_start())
    with any_store.write() as transaction:
        gone = replace(birth(EXPERIMENT, first), before=running, after=None)
        transaction.settle([gone], ENTRY)
    assert change(any_store, EXPERIMENT, second.id, a_start()).active


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
    assert renamed.state == replace(flag("a"), name="New", revision=2)
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
