"""What a process does as soon as it is told to stop, before its server waits for open answers.

A server closes its connections once their answers have ended; a stream ends when it is told to.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def when_told_to_stop(do: Callable[[], None]) -> Iterator[None]:
    """Calls `do` on the running loop, then whatever else hears the signal. Only the main thread hears any."""
    if current_thread() is not main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    ours = {number: _beside(heard, loop, do) for number, heard in before.items() if callable(heard)}
    for number, handler in ours.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler in ours.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, before[number])


def _beside(
    heard: Callable[[int, FrameType | None], Any], loop: asyncio.AbstractEventLoop, do: Callable[[], None]
) -> Callable[[int, FrameType | None], None]:
    def handler(number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(do)
        heard(number, frame)

    return handler
