"""When something happened, by a client's clock, which may be wrong."""

from equipoise.domain.limits import EVENT_CLOCK_AHEAD_HOURS_MAX

EARLIEST_MS = 946_684_800_000  # the year 2000: before it, a clock was never set
AHEAD_US = EVENT_CLOCK_AHEAD_HOURS_MAX * 3_600_000_000


def happened_at(created_ms: float, received_at: int) -> int | None:
    """In microseconds; None when the clock is far off. One that is a little ahead is held back to the time
    of receipt."""
    if created_ms < EARLIEST_MS or created_ms * 1_000 > received_at + AHEAD_US:
        return None
    return min(int(created_ms) * 1_000, received_at)
