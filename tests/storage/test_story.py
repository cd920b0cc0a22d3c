"""What happened to one subject, the newest first."""

from equipoise.application.ports import Store
from equipoise.domain.flag import FLAG
from equipoise.domain.labels import Describe, Rename
from tests.storage.desk import an_id, bear, change, flag


def test_a_subject_s_changes_are_told_newest_first_and_turned_by_number(any_store: Store) -> None:
    bear(any_store, FLAG, flag("one"), flag("two"))
    change(any_store, FLAG, an_id("one"), Rename("1"), Describe("first"))
    change(any_store, FLAG, an_id("two"), Rename("2"))
    change(any_store, FLAG, an_id("one"), Rename("3"))
    with any_store.read() as reader:
        told = reader.story(FLAG, an_id("one"), None, 10)
        assert [type(row.events[0]).__name__ for row in told] == [
            "Renamed",
            "Described",
            "Renamed",
            "Created",
        ]
        assert {row.id for row in told} == {an_id("one")}
        numbers = [row.number for row in told]
        assert numbers == sorted(numbers, reverse=True)
        assert reader.story(FLAG, an_id("one"), numbers[1], 10) == told[2:]
        assert reader.story(FLAG, an_id("one"), None, 2) == told[:2]
        assert reader.story(FLAG, an_id("one"), 2**70, 10) == told
        assert reader.story(FLAG, an_id("one"), 1, 10) == ()
        assert reader.story(FLAG, an_id("nobody"), None, 10) == ()
