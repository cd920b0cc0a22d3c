"""When each key was last seen, and by which client: kept in memory, written now and then."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import lru_cache

from equipoise.application.ports import Clock, Sighting
from equipoise.application.serving import Feed, Framing, Key, Live
from equipoise.domain.identity import Id
from equipoise.domain.limits import CLIENT_NAME_LENGTH_MAX, CLIENTS_PER_KEY_MAX
from equipoise.domain.snapshot import Snapshot
from equipoise.security.tokens import digest

_ODD = re.compile("[^ -~]")
NAMES_KNOWN_MAX = 1_000  # whose spelling is remembered
DAY_MS = 86_400_000
NAMELESS, OTHERS = "unnamed", "others"


class Sightings:
    """What one process has seen since it was asked last. For one event loop.

    news  called when a client uses a key for the first time in a day: somebody may be waiting for it. Of each
          key the first CLIENTS_PER_KEY_MAX are news, since whoever has one may say any name
    """

    def __init__(self, clock: Clock, news: Callable[[], None] = lambda: None) -> None:
        self._clock, self._news = clock, news
        self._met: dict[tuple[Id, str], set[str]] = {}
        self._met_on = 0  # days since 1970
        self._seen: dict[tuple[Id, str], dict[str, int]] = {}

    def see(self, environment: Id, key: str, client: str) -> None:
        """Clients beyond CLIENTS_PER_KEY_MAX count as others: whoever has a key may say any name."""
        self._see(environment, key, client, self._clock())

    def take(self) -> tuple[Sighting, ...]:
        """All of it; it is forgotten here."""
        seen, self._seen = self._seen, {}
        return tuple(
            Sighting(environment, key, client, at)
            for (environment, key), clients in seen.items()
            for client, at in clients.items()
        )

    def give_back(self, taken: tuple[Sighting, ...]) -> None:
        """What could not be written; what was seen since then counts."""
        for each in taken:
            self._see(each.environment, each.key, each.client, each.at)

    def _see(self, environment: Id, key: str, client: str, at: int) -> None:
        clients = self._seen.setdefault((environment, key), {})
        if client not in clients and len(clients) >= CLIENTS_PER_KEY_MAX:
            client = OTHERS
        if client not in clients:
            self._meet(environment, key, client, at // DAY_MS)
        clients[client] = max(at, clients.get(client, 0))

    def _meet(self, environment: Id, key: str, client: str, day: int) -> None:
        if day > self._met_on:
            self._met, self._met_on = {}, day
        met = self._met.setdefault((environment, key), set())
        if client not in met and len(met) < CLIENTS_PER_KEY_MAX:
            met.add(client)
            self._news()


class Recognised:
    """The feed as one visit has it: it remembers which key led to which environment."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._found: tuple[Id, str, Key] | None = None

    @property
    def found(self) -> tuple[Id, str] | None:
        """The environment, and what the key is known by."""
        if self._found is None:
            return None
        id, key, kind = self._found
        return id, key_known(key, kind)

    async def environment(self, key: str, kind: Key = Key.SERVER) -> Id:
        id = await self._feed.environment(key, kind)
        self._found = id, key, kind
        return id

    def recognised(self, key: str, kind: Key = Key.SERVER) -> Id | None:
        id = self._feed.recognised(key, kind)
        if id is not None:
            self._found = id, key, kind
        return id

    def ready(self, environment: Id) -> Live | None:
        return self._feed.ready(environment)

    async def live(self, environment: Id) -> Live:
        return await self._feed.live(environment)

    async def snapshot(self, environment: Id) -> Snapshot:
        return await self._feed.snapshot(environment)

    def listen(self, environment: Id, framing: Framing) -> AsyncIterator[bytes]:
        return self._feed.listen(environment, framing)


@lru_cache(NAMES_KNOWN_MAX)
def key_known(key: str, kind: Key) -> str:
    """What a key is known by where it is not kept."""
    return key if kind is Key.CLIENT else digest(key)


def client_said(headers: Mapping[str, str], names: Iterable[str] = ()) -> str:
    """The client that a request names itself as: printable ASCII, of a length. Names of headers are in lower
    case.

    names  headers that say it before `User-Agent` does, which browsers set themselves
    """
    said = headers.get("user-agent") or ""
    for name in names:
        said = headers.get(name) or said
    return _shown(said)


@lru_cache(NAMES_KNOWN_MAX)
def _shown(said: str) -> str:
    return _ODD.sub("?", said[:CLIENT_NAME_LENGTH_MAX]).strip() or NAMELESS
