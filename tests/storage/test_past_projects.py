"""What a key meant before it was given again."""

from equipoise.application.ports import AsOf
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Delete
from equipoise.domain.project import PROJECT
from equipoise.storage import SqlStore
from tests.domain.builders import a_flag, a_project
from tests.storage.desk import an_id, bear, change, named

HOME = Place("shop")


def test_the_next_project_of_a_key_does_not_read_the_past_of_the_last(sql_store: SqlStore) -> None:
    bear(sql_store, PROJECT, a_project(id=an_id("first"), key="shop"))
    bear(sql_store, FLAG, a_flag(id=an_id("flag"), key="secret", project="shop"))
    assert named(sql_store, FLAG, HOME, "secret", AsOf(number=1)) is not None
    change(sql_store, FLAG, an_id("flag"), Delete())
    change(sql_store, PROJECT, an_id("first"), Delete())
    assert named(sql_store, FLAG, HOME, "secret", AsOf(number=1)) is not None  # it may still be looked up
    bear(sql_store, PROJECT, a_project(id=an_id("second"), key="shop"))
    assert named(sql_store, FLAG, HOME, "secret", AsOf(number=1)) is None
    assert named(sql_store, PROJECT, INSTANCE, "shop", AsOf(number=1_000)).id == an_id("second")
