"""What SDKs are served with: environments by key, what they serve, and every change to it."""

from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from equipoise.domain.environment.state import Environment
from equipoise.domain.identity import Id
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.machine import Machine


class Key(StrEnum):
    """What an application names its environment by. A client-side id is no secret."""

    SERVER = "server"
    MOBILE = "mobile"
    CLIENT = "client"


class Live(Struct, frozen=True):
    """What an environment serves now, ready to be evaluated. Swapped whole."""

    snapshot: Snapshot
    machine: Machine


class Update(Struct, frozen=True):
    """What an environment serves now, and how it differs from before.

    before   what it served until now
    changed  keys of flags that are new or other than before
    gone     flag key → the version at which it went: greater than any it was served under
    """

    before: Snapshot
    snapshot: Snapshot
    changed: tuple[str, ...]
    gone: dict[str, int]


class Framing(Struct, frozen=True):
    """How a dialect says it on a stream: all of it, one update; an update without bytes is not told. The
    bytes of an update are made once, however many listen. Compare by identity: a dialect has one for each
    kind of stream."""

    whole: Callable[[Snapshot], bytes]
    update: Callable[[Update], bytes]
    heartbeat: bytes

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class NotReady(Exception):
    """The environment is still being loaded, or the store does not answer; ask again."""


# Whether a text, hashed with the SDK key of an environment, gives this hash. The key itself is not told.
Fits = Callable[[Environment, str, str], bool]


def nothing_fits(environment: Environment, text: str, said: str) -> bool:
    """Where there are no keys to hash with."""
    return False


class Feed(Protocol):
    """Follows the change log. For one event loop."""

    async def environment(self, key: str, kind: Key = Key.SERVER) -> Id:
        """The environment whose key of this kind it is; one that is not known here is asked of the store
        first, since it may be a moment old. raises Unknown, NotReady"""
        ...

    def recognised(self, key: str, kind: Key = Key.SERVER) -> Id | None:
        """The same, where it is known without asking; None where it is not."""
        ...

    async def live(self, environment: Id) -> Live:
        """What it serves, as far as it is followed: a change is here within milliseconds, and nothing is read
        to find out. raises Missing, NotReady"""
        ...

    def ready(self, environment: Id) -> Live | None:
        """The same, where nothing need be waited for; None where something must."""
        ...

    async def snapshot(self, environment: Id) -> Snapshot:
        """What it serves now. raises Missing, NotReady"""
        ...

    def listen(self, environment: Id, framing: Framing) -> AsyncIterator[bytes]:
        """All of it at once, then each change, and a heartbeat when nothing else was said for long.
        It ends when the server stops or the environment is gone; a listener that is too slow is cut off."""
        ...
