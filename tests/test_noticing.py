"""When keys were used: written down beside everything else."""

import asyncio
from typing import Any

import pytest

from equipoise.application.sightings import Sightings
from equipoise.server import noticing
from equipoise.server.noticing import noted, noting
from tests.fakes import FakeClock

WAIT_SECONDS_MAX = 30


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


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


def test_news_is_written_down_soon_and_the_rest_with_it(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing, "NEWS_SECONDS", 0.01)

    async def used() -> list[list[str]]:
        news, wrote, loop = asyncio.Event(), asyncio.Event(), asyncio.get_running_loop()
        sightings, written = Sightings(clock, news.set), list[list[str]]()

        def note(taken: Any) -> None:
            written.append(sorted(each.client for each in taken))
            loop.call_soon_threadsafe(wrote.set)

        async def see(*clients: str) -> None:
            wrote.clear()
            for client in clients:
                sightings.see("env", "key", client)
            await asyncio.wait_for(wrote.wait(), WAIT_SECONDS_MAX)

        task = asyncio.create_task(noting(sightings, note, news))
        await see("Python/1")
        assert not news.is_set()
        await see("Python/1", "Node/2")
        task.cancel()
        return written

    assert asyncio.run(used()) == [["Python/1"], ["Node/2", "Python/1"]]
