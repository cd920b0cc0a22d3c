"""When keys were used last, as one process keeps it."""

import asyncio
from typing import Any

import pytest

from equipoise.application.ports import Sighting
from equipoise.application.serving import Key
from equipoise.application.sightings import DAY_MS, OTHERS, Recognised, Sightings, client_said
from equipoise.domain.errors import Unknown
from equipoise.domain.limits import CLIENT_NAME_LENGTH_MAX, CLIENTS_PER_KEY_MAX
from equipoise.security.tokens import digest
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


def test_a_client_is_news_once_a_day_and_ever_new_names_are_not(clock: FakeClock) -> None:
    told: list[int] = []
    sightings = Sightings(clock, lambda: told.append(clock()))

    def news(*clients: str, key: str = "key") -> int:
        before = len(told)
        for client in clients:
            sightings.see("env", key, client)
        return len(told) - before

    assert news("Python/1", "Python/1", "Node/2", "Python/1") == 2
    sightings.take()
    assert news("Python/1") == 0, "though it is seen anew"
    assert news("Python/1", key="other") == 1
    assert news(*(f"made-up-{number}" for number in range(1_000))) == CLIENTS_PER_KEY_MAX - 2
    clock.pass_ms(DAY_MS)
    sightings.take()
    assert news("made-up-again", "Python/1") >= 1


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
