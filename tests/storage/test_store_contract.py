"""What every store promises of subjects, lists and claims: the one in memory, SQLite, PostgreSQL."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.ports import (
    LostRace,
    Page,
    Query,
    Store,
    Undo,
    space_of,
)
from equipoise.domain.errors import Held
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Claim, Pause, Stop
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Archive, Delete, Rename, Renamed, Tag
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Renew
from tests.domain.builders import a_flag, a_token
from tests.domain.experiment.examples import a_start, an_experiment
from tests.storage.desk import AT, ENTRY, PROJECT_PLACE, an_id, bear, birth, change, find, flag, named


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
    expected = replace(flag("a"), revision=1, touched_at=AT)
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
    assert keys(select(any_store, text="e" * 60_000)) == []


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


def test_a_link_leads_to_its_state_wherever_it_is_and_while_it_has_the_link(any_store: Store) -> None:
    def linked(target: str, relation: str = "tag") -> str | None:
        with any_store.read() as reader:
            found = reader.linked(FLAG, relation, target)
        return None if found is None else found.key

    bear(any_store, FLAG, replace(flag("a"), project="elsewhere", tags=("x", "y")))
    assert (linked("x"), linked("y"), linked("z"), linked("x", "maintainer")) == ("a", "a", None, None)
    change(any_store, FLAG, an_id("a"), Tag(("y",)))
    assert (linked("x"), linked("y")) == (None, "a")
    assert [linked(odd) for odd in ("", "\0", "\ud800", "%", "y' OR '1'='1")] == [None] * 5


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
    with pytest.raises(Held, match=r"second: .*checkout"):
        change(any_store, EXPERIMENT, second.id, a_start())
    change(any_store, EXPERIMENT, first.id, Pause())
    with pytest.raises(Held):
        change(any_store, EXPERIMENT, second.id, a_start())
    change(any_store, EXPERIMENT, first.id, Stop())
    assert change(any_store, EXPERIMENT, second.id, a_start()).active


def test_what_is_claimed_beside_the_rule_is_held_by_one_at_a_time_too(any_store: Store) -> None:
    login = ("flow:login", "flow:signup")
    first = an_experiment(claims=login)
    second = an_experiment(id=an_id("second"), key="second", flag="other", claims=login[1:])
    elsewhere = replace(second, id=an_id("elsewhere"), key="elsewhere", environment="test")
    bear(any_store, EXPERIMENT, first, second, elsewhere)
    change(any_store, EXPERIMENT, first.id, a_start())
    change(any_store, EXPERIMENT, elsewhere.id, a_start())
    with pytest.raises(Held, match=r"second: .*flow.signup"):
        change(any_store, EXPERIMENT, second.id, a_start())
    other = change(any_store, EXPERIMENT, second.id, Claim(("flow:reset",)), a_start())
    assert other.active
    change(any_store, EXPERIMENT, first.id, Stop())
    change(any_store, EXPERIMENT, second.id, Stop(), Claim(login))
    again = an_experiment(id=an_id("third"), key="third", flag="third", claims=login)
    bear(any_store, EXPERIMENT, again)
    assert change(any_store, EXPERIMENT, again.id, a_start()).active


def test_a_deleted_holder_claims_nothing(any_store: Store) -> None:
    first, second = an_experiment(), an_experiment(id=an_id("second"), key="second")
    bear(any_store, EXPERIMENT, first, second)
    running = change(any_store, EXPERIMENT, first.id, a_start())
    with any_store.write() as transaction:
        gone = replace(birth(EXPERIMENT, first), before=running, after=None)
        transaction.settle([gone], ENTRY)
    assert change(any_store, EXPERIMENT, second.id, a_start()).active
