"""Writes down when keys were used, beside everything else: once a minute, and soon where a client is new."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from equipoise.application.ports import Sighting
from equipoise.application.sightings import Sightings

NOTE_SECONDS, NEWS_SECONDS = 60.0, 0.5  # what is new within so long is written together


async def noting(
    sightings: Sightings, note: Callable[[Sequence[Sighting]], None], news: asyncio.Event
) -> None:
    """For as long as the process serves. What cannot be written is written the next time.

    news  set where somebody may be waiting for what was seen
    """
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(NOTE_SECONDS):
                await news.wait()
                await asyncio.sleep(NEWS_SECONDS)
        news.clear()
        await noted(sightings, note)


async def noted(sightings: Sightings, note: Callable[[Sequence[Sighting]], None]) -> None:
    """All that was seen since the last time."""
    taken = sightings.take()
    if not taken:
        return
    try:
        await asyncio.to_thread(note, taken)
    except Exception as error:
        sightings.give_back(taken)
        structlog.get_logger("equipoise").warning("sightings are not written", error=str(error))
