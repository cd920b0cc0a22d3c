"""Browsers and phones: they are told what flags serve one context, and no more of a flag than that."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from equipoise.application.serving import Framing, Key, Update
from equipoise.delivery import sse
from equipoise.domain.flag.state import Flag
from equipoise.domain.snapshot import Snapshot

PING = sse.event("ping", b" ")  # whoever hears it asks again; without data a browser would not hear it

Available = Callable[[Flag], bool]


class Audience(Struct, frozen=True):
    """Those who come with keys of one kind.

    available  whether they may know of a flag at all
    stream     how they hear of changes
    """

    key: Key
    available: Available
    stream: Framing


def _audience(key: Key, available: Available) -> Audience:
    stream = Framing(
        whole=lambda _: PING,
        update=lambda update: PING if concerns(update, available) else b"",
        heartbeat=sse.HEARTBEAT,
    )
    return Audience(key, available, stream)


def concerns(update: Update, available: Available) -> bool:
    """Whether something may be served otherwise now: a flag they know of changed, or one that it needs."""
    moved = {*update.changed, *update.gone}
    return any(not moved.isdisjoint(_reach(each, available)) for each in (update.before, update.snapshot))


def _reach(snapshot: Snapshot, available: Available) -> set[str]:
    """Keys of the flags that are available, and of all that these need."""
    reached: set[str] = set()
    waiting: Iterable[str] = [key for key, served in snapshot.flags.items() if available(served.flag)]
    while waiting:
        reached.update(waiting)
        needed = [
            each.flag
            for key in waiting
            if key in snapshot.flags
            for each in snapshot.flags[key].targeting.prerequisites
        ]
        waiting = {key for key in needed if key not in reached}
    return reached


BROWSERS = _audience(Key.CLIENT, lambda flag: flag.client_side)
PHONES = _audience(Key.MOBILE, lambda flag: flag.mobile)
