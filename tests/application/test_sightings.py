"""When keys were used last, as one process keeps it."""

import asyncio
from typing import Any

import pytest

from equipoise.application.ports import Sighting
from equipoise.application.serving import Key
from equipoise.application.sightings import OTHERS, Recognised, Sightings, client_said
from equipoise.domain.errors import Unknown
from equipoise.domain.limits import CLIENT_NAME_LENGTH_MAX, CLIENTS_PER_KEY_MAX
from equipoise.security.tokens import digest
from equipoise.server import noticing
from equipoise.server.noticing import noted, noting
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_of_each_client_the_last_use_is_kept_and_taken_once(clock: FakeClock) -> None:
    sightings = Sightings(clock)
    sightings.see("env", "key", "Python/1")
    clock.pass_ms(5)
    sightings.see("env", "key", "Python/1")
    sightings.see("env", "key", "Node/2")
    now = clock()
    assert set(sightings.take()) == {
        Sighting("env", "key", "Python/1", now),
        Sighting("env", "key", "Node/2", now),
    }
    assert sightings.take() == ()


def test_whoever_says_ever_new_names_fills_no_memory(clock: FakeClock) -> None:
    sightings = Sightings(clock)
    for number in range(1_000):
        sightings.see("env", "key", f"client-{number}")
    clients = {each.client for each in sightings.take()}
    assert len(clients) == CLIENTS_PER_KEY_MAX + 1
    assert OTHERS in clients


def test_what_cannot_be_written_is_written_the_next_time(clock: FakeClock) -> None:
    sightings, written = Sightings(clock), list[Any]()
    sightings.see("env", "key", "Python/1")

    def fails(taken: Any) -> None:
        raise OSError("no disk")

    asyncio.run(noted(sightings, fails))
    clock.pass_ms(7)
    sightings.see("env", "other", "Node/2")
    asyncio.run(noted(sightings, written.extend))
    asyncio.run(noted(sightings, fails))  # nothing is left, so nothing is tried
    assert [(each.key, clock() - each.at) for each in sorted(written, key=lambda each: each.key)] == [
        ("key", 7),
        ("other", 0),
    ]


def test_a_client_that_is_new_is_written_down_at_once_and_then_with_the_others(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "NEWS_SECONDS", 0.01)
    sightings, written = Sightings(clock), list[Any]()

    async def use(client: str, times: int) -> int:
        """How many are written a while after it was seen so often."""
        before = len(written)
        for _ in range(times):
            sightings.see("env", "key", client)
            await asyncio.sleep(0.1)
        return len(written) - before

    async def used() -> None:
        task = asyncio.create_task(noting(sightings, written.extend))
        assert await use("Python/1", 1) == 1
        assert await use("Python/1", 3) == 0
        assert await use("Node/2", 1) == 2, "it, and what was seen since then"
        names = [f"made-up-{number}" for number in range(3 * CLIENTS_PER_KEY_MAX)]
        for name in names:
            sightings.see("env", "key", name)
        await asyncio.sleep(0.1)
        assert await use("made-up-again", 2) == 0, "who says ever new names is no news"
        task.cancel()

    asyncio.run(used())


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ({"user-agent": "PythonClient/9.18.2"}, "PythonClient/9.18.2"),
        ({"user-agent": "Mozilla", "x-client": "JSClient/4.10.3"}, "JSClient/4.10.3"),
        ({}, "unnamed"),
        ({"user-agent": " \t "}, "?"),
        ({"user-agent": "\x1b[31mred\x85é"}, "?[31mred??"),
        ({"user-agent": "x" * 5_000}, "x" * CLIENT_NAME_LENGTH_MAX),
    ],
)
def test_a_client_is_known_by_harmless_characters(headers: dict[str, str], client: str) -> None:
    assert client_said(headers, ("x-client",)) == client


class OneKey:
    """A feed that knows one key of each kind."""

    async def environment(self, key: str, kind: Key = Key.SERVER) -> str:
        if key == "nobody's":
            raise Unknown
        return "env"


def test_a_key_is_known_by_its_digest_and_a_client_side_id_by_itself() -> None:
    async def found(key: str, kind: Key) -> Any:
        feed = Recognised(OneKey())  # type: ignore[arg-type]
        await feed.environment(key, kind)
        return feed.found

    assert asyncio.run(found("sdk-1", Key.SERVER)) == ("env", digest("sdk-1"))
    assert asyncio.run(found("0123", Key.CLIENT)) == ("env", "0123")
