"""The desk: what a change may rely on, and what it hands out."""

from collections.abc import Callable, Generator
from typing import Any

import pytest

from equipoise.application.administration import ITSELF
from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.founding import found
from equipoise.application.intents import Step
from equipoise.application.ports import Query, Store
from equipoise.application.requests import ChangeRequest, Target
from equipoise.application.world import World
from equipoise.domain.change import Noun, Outcome
from equipoise.domain.errors import Forbidden
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Create
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.labels import Delete, Describe
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.storage import SqlStore
from tests.domain.builders import a_flag
from tests.fakes import FakeClock, FakeEntropy, FakeVault, MemoryStore
from tests.storage.desk import an_id, bear

PLACE = Place("default")
Steps = Generator[Step, Outcome[Any], Any]


def a_desk(store: Store) -> Desk:
    return Desk(store, FakeClock(), FakeEntropy("desk"), FakeVault())


def ask(store: Store, intent: Callable[[World], Steps], principal: Principal = ITSELF, **said: Any) -> Answer:
    request = ChangeRequest(
        credential=principal,
        act=Act.UPDATE,
        place=PLACE,
        intent=intent,
        surface="tests",
        refuse=lambda error: Answer(400, str(error).encode()),
        **said,
    )

    def answer(_: World, now: Any) -> Answer:
        return Answer(200, b"done", revision=getattr(now, "revision", None))

    return a_desk(store).change(request, answer)


def every(store: Store, noun: Noun[Any]) -> list[str]:
    with store.read() as reader:
        return [state.key for state in reader.select(noun, Query(PLACE)).items]


def describe(world: World) -> Steps:
    described = yield FLAG, world.named(FLAG, PLACE, "checkout"), Describe("as it would be")
    return described.state


def test_what_joins_a_list_after_it_was_read_is_not_left_behind(postgresql_store: SqlStore) -> None:
    """On PostgreSQL alone: elsewhere nothing joins meanwhile. Without a target nothing is locked first."""
    store = postgresql_store
    found(store, FakeClock(), FakeEntropy("founding"), FakeVault())
    bear(store, FLAG, a_flag(id=an_id("early"), key="early"))
    latecomers = ["late"]

    def make(key: str) -> None:
        def intent(world: World) -> Steps:
            world.named(PROJECT, INSTANCE, "default")
            yield FLAG, None, Create(a_flag(id=an_id(key), key=key))

        ask(store, intent)

    def remove(world: World) -> Steps:
        project = world.named(PROJECT, INSTANCE, "default")
        flags = world.select(FLAG, Query(PLACE)).items
        if latecomers:
            make(latecomers.pop())
        for flag in flags:
            yield FLAG, flag, Delete()
        yield PROJECT, project, Delete()

    ask(store, remove)
    assert every(store, FLAG) == []
    with store.read() as reader:
        assert reader.named(PROJECT, INSTANCE, "default") is None


def test_a_dry_run_hands_out_no_revision_that_another_change_may_take() -> None:
    store = MemoryStore()
    bear(store, FLAG, a_flag(key="checkout"))
    assert ask(store, describe, dry_run=True).revision is None
    assert ask(store, describe).revision == 2


def test_whoever_may_not_change_a_subject_does_not_wait_for_it(postgresql_store: SqlStore) -> None:
    """Nor does anybody wait for them."""
    reader = Principal(token="t", member="m", role="reader")
    bear(postgresql_store, FLAG, a_flag(key="checkout"))
    with postgresql_store.write() as another:
        another.seize(FLAG, PLACE, "checkout")
        with pytest.raises(Forbidden):
            ask(postgresql_store, describe, reader, target=Target(FLAG, PLACE, "checkout"))
