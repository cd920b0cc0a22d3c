"""When keys were used last, on both databases."""

from equipoise.application.ports import Sighting
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.limits import CLIENTS_PER_KEY_MAX
from equipoise.storage import SqlStore
from tests.domain.builders import ID, an_environment
from tests.storage.desk import bear


def seen(store: SqlStore, environment: str = ID) -> list[tuple[str, str, int]]:
    with store.read() as reader:
        return [(each.key, each.client, each.at) for each in reader.sightings(environment)]


def test_the_newest_stands_first_and_an_older_one_changes_nothing(sql_store: SqlStore) -> None:
    sql_store.see([Sighting(ID, "a", "Python/1", 5), Sighting(ID, "a", "Node/2", 9)])
    sql_store.see([Sighting(ID, "a", "Python/1", 3), Sighting("other", "a", "Go/3", 7)])
    assert seen(sql_store) == [("a", "Node/2", 9), ("a", "Python/1", 5)]
    sql_store.see([Sighting(ID, "a", "Python/1", 11)])
    assert seen(sql_store)[0] == ("a", "Python/1", 11)


def test_of_the_clients_of_a_key_the_newest_are_kept(sql_store: SqlStore) -> None:
    sql_store.see([Sighting(ID, "b", "Java/1", 1)])
    for first in (0, 20, 40):
        sql_store.see([Sighting(ID, "a", f"client-{n}", n) for n in range(first, first + 20)])
    found = seen(sql_store)
    assert [at for key, _, at in found if key == "a"] == list(range(59, 59 - CLIENTS_PER_KEY_MAX, -1))
    assert ("b", "Java/1", 1) in found


def test_what_was_seen_of_an_environment_that_is_gone_is_swept_away(sql_store: SqlStore) -> None:
    bear(sql_store, ENVIRONMENT, an_environment())
    sql_store.see([Sighting(ID, "a", "Python/1", 5), Sighting("gone", "a", "Python/1", 5)])
    sql_store.sweep(0)
    assert seen(sql_store) == [("a", "Python/1", 5)]
    assert seen(sql_store, "gone") == []
