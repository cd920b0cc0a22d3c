"""Who listens is told all of it, then each change, in order; on every store."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.ports import Store
from equipoise.application.serving import Key, NotReady
from equipoise.delivery import feed as feeds
from equipoise.delivery.channel import PIECES_WAITING_MAX
from equipoise.delivery.following import Known, look
from equipoise.domain import labels
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.commands import ReplaceMobileKey, ReplaceSdkKey
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.commands import Switch
from equipoise.security.tokens import digest
from tests.delivery.rooms import (
    HEARTBEAT,
    PRODUCTION,
    TEST,
    a_framing,
    counted,
    environment,
    fed,
    furnish,
    listening,
    update,
)
from tests.domain.builders import a_targeting
from tests.storage.desk import an_id, bear, change, flag


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 60))


def turn(store: Store, key: str, on: bool) -> None:
    change(store, FLAG, an_id(key), Switch("production", on))


def test_a_listener_hears_all_of_it_and_then_each_change(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a", "b")
        async with fed(any_store) as feed, listening(feed) as heard:
            assert await heard() == b"all a@3,b@4"
            turn(any_store, "a", on=False)
            assert await heard() == b"a@5"
            bear(any_store, FLAG, flag("c"))
            assert await heard() == b"c@6"

    run(scene())


def test_what_goes_and_comes_again_has_greater_versions_each_time(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed) as heard:
            assert await heard() == b"all a@3"
            change(any_store, FLAG, an_id("a"), labels.Delete())
            assert await heard() == b"a gone@4"
            bear(any_store, FLAG, flag("a"))
            assert await heard() == b"a@5"
            change(any_store, FLAG, an_id("a"), labels.Delete())
            assert await heard() == b"a gone@6"

    run(scene())


def test_an_environment_hears_nothing_of_what_changes_in_another(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed, TEST) as heard:
            assert await heard() == b"all a@3"
            turn(any_store, "a", on=False)
            bear(any_store, FLAG, flag("b"))
            assert await heard() == b"b@5"

    run(scene())


def test_silence_is_broken_by_heartbeats(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store)
        async with fed(any_store, heartbeat_seconds=0.01) as feed, listening(feed) as heard:
            assert await heard() == b"all "
            assert await heard() == HEARTBEAT
            assert await heard() == HEARTBEAT

    run(scene())


def test_a_key_leads_to_its_environment_even_when_it_was_made_just_now(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store)
        async with fed(any_store) as feed:
            assert await feed.environment("sdk-production") == PRODUCTION
            bear(any_store, ENVIRONMENT, environment("third"))
            assert await feed.environment("sdk-third") == an_id("third")
            with pytest.raises(Unknown):
                await feed.environment("sdk-fourth")

    run(scene())


def test_a_key_that_is_replaced_is_nobodys_and_whoever_came_with_it_is_sent_away(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed) as heard:
            await heard()
            key = SealedKey("sealed", digest("sdk-new"))
            change(any_store, ENVIRONMENT, PRODUCTION, ReplaceSdkKey(key))
            assert await heard() is None
            assert await feed.environment("sdk-new") == PRODUCTION
            with pytest.raises(Unknown):
                await feed.environment("sdk-production")
            async with listening(feed) as again:
                assert await again() == b"all a@3"

    run(scene())


def test_whoever_came_with_a_mobile_key_is_sent_away_when_it_is_replaced(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed) as heard:
            await heard()
            key = SealedKey("sealed", digest("mob-new"))
            change(any_store, ENVIRONMENT, PRODUCTION, ReplaceMobileKey(key))
            assert await heard() is None
            assert await feed.environment("mob-new", Key.MOBILE) == PRODUCTION

    run(scene())


def test_an_update_without_bytes_is_not_told(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        quiet = replace(a_framing(), update=lambda told: update(told) if "b" in told.changed else b"")
        async with fed(any_store) as feed, listening(feed, framing=quiet) as heard:
            await heard()
            bear(any_store, FLAG, flag("c"))
            await feed.snapshot(PRODUCTION)
            bear(any_store, FLAG, flag("b"))
            assert await heard() == b"b@5"

    run(scene())


def test_each_kind_of_key_leads_to_its_environment_and_to_no_other_door(any_store: Store) -> None:
    async def scene() -> None:
        phone = SealedKey("sealed", digest("mob-production"))
        production = replace(environment("production"), mobile_key=phone)
        bear(any_store, ENVIRONMENT, production)
        async with fed(any_store) as feed:
            assert await feed.environment("mob-production", Key.MOBILE) == PRODUCTION
            assert await feed.environment(PRODUCTION, Key.CLIENT) == PRODUCTION
            for key, kind in (("mob-production", Key.SERVER), ("sdk-production", Key.CLIENT)):
                with pytest.raises(Unknown):
                    await feed.environment(key, kind)

    run(scene())


def test_what_is_evaluated_follows_each_change_and_keeps_what_did_not_change(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed) as heard:
            await heard()
            before = await feed.live(PRODUCTION)
            assert await feed.live(PRODUCTION) is before
            bear(any_store, FLAG, flag("b", targeting={"production": a_targeting()}))
            await heard()
            now = await feed.live(PRODUCTION)
            assert (list(before.machine.ruleset.flags), list(now.machine.ruleset.flags)) == (
                ["a"],
                ["a", "b"],
            )
            with pytest.raises(Missing):
                await feed.live(an_id("nowhere"))

    run(scene())


def test_an_environment_that_is_deleted_is_missing_and_its_streams_end(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store)
        async with fed(any_store) as feed, listening(feed, TEST) as heard:
            await heard()
            change(any_store, ENVIRONMENT, TEST, labels.Delete())
            assert await heard() is None
            with pytest.raises(Missing):
                await feed.snapshot(TEST)

    run(scene())


def test_a_snapshot_is_as_new_as_the_question(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed:
            for on in (False, True, False):
                turn(any_store, "a", on)
                assert (await feed.snapshot(PRODUCTION)).flags["a"].targeting.on is on

    run(scene())


def test_a_thousand_who_come_at_once_are_served_by_one_look_and_one_rendering(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def counting(*said: Any) -> Known:
        looks.append(1)
        return look(*said)

    monkeypatch.setattr(feeds, "look", counting)

    async def scene() -> None:
        furnish(any_store, "a")
        calls: list[str] = []
        framing = counted(calls)
        async with fed(any_store) as feed, AsyncExitStack() as stack:
            came = [await stack.enter_async_context(listening(feed, framing=framing)) for _ in range(1_000)]
            before = len(looks)
            first = await asyncio.gather(*(heard() for heard in came))
            assert set(first) == {b"all a@3"}
            assert len(looks) - before < 20  # the bell rings meanwhile
            turn(any_store, "a", on=False)
            assert set(await asyncio.gather(*(heard() for heard in came))) == {b"a@4"}
        assert calls == ["whole", "update"]

    run(scene())


def test_a_listener_that_is_too_slow_is_cut_off_and_the_others_are_not(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed) as slow, listening(feed) as quick:
            await slow()
            await quick()
            for number in range(PIECES_WAITING_MAX + 1):
                turn(any_store, "a", on=bool(number % 2))
                assert await quick() == f"a@{4 + number}".encode()
            assert await slow() is None
            assert feed.listening == 1

    run(scene())


def test_when_it_stops_every_stream_ends_and_nobody_may_come(any_store: Store) -> None:
    async def scene() -> None:
        furnish(any_store)
        async with fed(any_store) as feed, listening(feed) as heard:
            await heard()
            feed.stop()
            assert await heard() is None
            with pytest.raises(NotReady):
                await feed.snapshot(PRODUCTION)
            with pytest.raises(NotReady):
                await feed.environment("sdk-unheard-of")

    run(scene())


class Shaky:
    """A store that may be away."""

    def __init__(self, store: Store) -> None:
        self._store, self.away = store, False

    @contextmanager
    def read(self) -> Iterator[Any]:
        if self.away:
            raise OSError("no route to the database")
        with self._store.read() as reader:
            yield reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_while_the_store_is_away_what_is_known_is_served_and_nothing_is_called_unknown(
    any_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        furnish(any_store, "a")
        shaky: Any = Shaky(any_store)
        async with fed(shaky) as feed, listening(feed) as heard:
            await heard()
            shaky.away = True
            for _ in range(3):
                with pytest.raises(NotReady):
                    await feed.environment("sdk-unheard-of")
                with pytest.raises(NotReady):
                    await feed.snapshot(TEST)
            assert await feed.environment("sdk-production") == PRODUCTION
            assert list((await feed.snapshot(PRODUCTION)).flags) == ["a"]
            turn(any_store, "a", on=False)
            shaky.away = False
            assert await heard() == b"a@4"
            with pytest.raises(Unknown):
                await feed.environment("sdk-unheard-of")

    run(scene())
    assert sum("serves what it knows" in record.message for record in caplog.records) == 1


def test_environments_nobody_asks_for_are_forgotten(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "IDLE_SECONDS", 0.0)

    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed, listening(feed) as heard:
            await heard()
            await feed.snapshot(TEST)
            while TEST in feed._channels:
                await asyncio.sleep(0.01)
            assert PRODUCTION in feed._channels
            assert list((await feed.snapshot(TEST)).flags) == ["a"]

    run(scene())


def test_a_framing_that_fails_ends_its_stream_and_the_next_one_works(any_store: Store) -> None:
    def broken(_: Any) -> bytes:
        raise RuntimeError("no such bytes")

    async def scene() -> None:
        furnish(any_store, "a")
        async with fed(any_store) as feed:
            async with listening(feed, framing=replace(a_framing(), update=broken)) as heard:
                await heard()
                turn(any_store, "a", on=False)
                assert await heard() is None
            async with listening(feed) as again:
                assert await again() == b"all a@4"

    run(scene())


def test_what_could_not_be_made_whole_is_made_for_whoever_comes_next(any_store: Store) -> None:
    troubles = [RuntimeError("no such bytes")]

    def whole(_: Any) -> bytes:
        if troubles:
            raise troubles.pop()
        return b"all"

    async def scene() -> None:
        furnish(any_store, "a")
        framing = replace(a_framing(), whole=whole)
        async with fed(any_store) as feed:
            async with listening(feed, framing=framing) as heard:
                with pytest.raises(RuntimeError):
                    await heard()
            async with listening(feed, framing=framing) as again:
                assert await again() == b"all"

    run(scene())
