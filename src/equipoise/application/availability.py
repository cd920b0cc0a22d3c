"""Which flags exist for whoever comes with a kind of key, and which changes concern them."""

from equipoise.application.serving import Key, Update
from equipoise.domain.flag.state import Flag
from equipoise.domain.snapshot import Served, Snapshot


def available(flag: Flag, key: Key) -> bool:
    """Whether such a key may know of the flag at all."""
    if key is Key.SERVER:
        return True
    return flag.mobile if key is Key.MOBILE else flag.client_side


def reach(snapshot: Snapshot, key: Key) -> dict[str, Served]:
    """The flags that are available, and all that these need: what is served depends on no others."""
    reached: dict[str, Served] = {}
    waiting = [name for name, served in snapshot.flags.items() if available(served.flag, key)]
    while waiting:
        name = waiting.pop()
        served = snapshot.flags.get(name)
        if served is not None and name not in reached:
            reached[name] = served
            waiting += [each.flag for each in served.targeting.prerequisites]
    return reached


def concerns(update: Update, key: Key) -> bool:
    """Whether something may be served otherwise now to whoever has such a key."""
    moved = {*update.changed, *update.gone}
    return any(not moved.isdisjoint(reach(each, key)) for each in (update.before, update.snapshot))
