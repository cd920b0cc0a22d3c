"""What an environment serves as the ruleset that our SDK evaluates by itself."""

from collections.abc import Collection

from equipoise.application.serving import Framing, Update
from equipoise.delivery import sse
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.document import Changes, encode, encode_changes
from equipoise.evaluation.ruleset import Ruleset


def document(snapshot: Snapshot) -> bytes:
    """All of it, as a poller gets it."""
    return encode(compile(snapshot))


def whole(snapshot: Snapshot) -> bytes:
    """The first event of a stream; it takes the place of all an SDK knew."""
    return sse.event("put", document(snapshot))


def update(said: Update) -> bytes:
    """What changed, as one event, so that nobody serves half of it."""
    return sse.event("patch", encode_changes(changes(said)))


def changes(said: Update) -> Changes:
    """Flags that changed, and those that need one of them: a prerequisite is named by the index of a
    variation, which may have moved."""
    now, before = said.snapshot, said.before
    keys = _others(said)
    ruled = _compiled(now, keys)
    return Changes(
        flags={key: ruled.flags[key] for key in keys},
        segments={
            key: segment
            for key, segment in ruled.segments.items()
            if key not in before.segments or before.segments[key] != now.segments[key]
        },
        gone_flags=tuple(said.gone),
        gone_segments=tuple(key for key in before.segments if key not in now.segments),
    )


ALL = Framing(whole=whole, update=update, heartbeat=sse.HEARTBEAT)


def _others(said: Update) -> list[str]:
    """Keys of the flags that may be other than before."""
    moved = {*said.changed, *said.gone}
    return [
        key
        for key, served in said.snapshot.flags.items()
        if key in moved or any(each.flag in moved for each in served.targeting.prerequisites)
    ]


def _compiled(snapshot: Snapshot, keys: Collection[str]) -> Ruleset:
    """Of these flags, and those that they name: compiling all would cost as much as there are."""
    flags = snapshot.flags
    named = {each.flag for key in keys for each in flags[key].targeting.prerequisites}
    part = {key: flags[key] for key in {*keys, *named} & flags.keys()}
    return compile(Snapshot(snapshot.environment, snapshot.number, part, snapshot.segments))
