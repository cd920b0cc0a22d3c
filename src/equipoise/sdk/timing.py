"""How long the SDK waits for what. Tests make it quick."""

from collections.abc import Callable

from msgspec import Struct


class Timing(Struct, frozen=True):
    """All in seconds, but for `fallback_after`.

    silence         of a stream before it counts as dead; the server says something every 20
    steady          a stream that lived so long has worked
    fallback_after  streams that failed one after the other, until polling takes over
    stream_again    from then until a stream is tried again
    backoff         of the first retry, doubled for each that follows
    """

    connect: float = 10.0
    answer: float = 10.0
    silence: float = 60.0
    steady: float = 10.0
    fallback_after: int = 3
    stream_again: float = 60.0
    backoff: float = 1.0
    backoff_max: float = 30.0
    retry_after_max: float = 300.0
    poll: float = 30.0
    flush: float = 5.0
    exposure_window: float = 600.0


TIMING = Timing()


def delay(timing: Timing, failures: int, asked: float, luck: Callable[[], float]) -> float:
    """Until the next attempt, in seconds.

    failures  one after the other, from 1
    asked     what the server asked for; 0 for nothing
    luck      from 0 to 1; half of the delay hangs on it, so that many clients do not come back at once
    """
    most = min(timing.backoff * 2.0 ** min(failures - 1, 30), timing.backoff_max)
    return max(most * (0.5 + luck() / 2), min(asked, timing.retry_after_max))
