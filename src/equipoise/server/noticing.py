"""Writes down when keys were used: once a minute, beside everything else."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from equipoise.application.ports import Sighting
from equipoise.application.sightings import Sightings

NOTE_SECONDS = 60.0


async def noting(sightings: Sightings, note: Callable[[Sequence[Sighting]], None]) -> None:
    """For as long as the process serves. What cannot be written is written the next time."""
    while True:
        await asyncio.sleep(NOTE_SECONDS)
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
