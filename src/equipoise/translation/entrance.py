"""The way in by doors: found once for each path, entered on the event loop."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.translation.dialect import Dialect
from equipoise.translation.doors import Door, Outlets, pass_at_once, pass_through, refusing
from equipoise.translation.errors import NoMethod, NoRoute, Unreadable
from equipoise.translation.routes import Observer, Router
from equipoise.translation.wire import Receive, Scope, Send, headers_of, send_answer

PREFLIGHT = Answer(
    204,
    headers=(
        ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
        ("Access-Control-Allow-Headers", "*, Authorization"),
        ("Access-Control-Max-Age", "300"),
    ),
)
DOORS_KNOWN_MAX = 4_096  # paths whose door is remembered
PATH_KNOWN_BYTES_MAX = 256

# Answers a request whose body is here: its status, and the rest of it as it stands on the wire. None where
# something must be waited for.
AtOnce = Callable[[Scope, bytes], tuple[int, bytes] | None]


class _Found(Struct, frozen=True):
    """A door, what its path says, and what its requests are counted under."""

    door: Door
    path: Mapping[str, str]
    counted: tuple[str, str, str]


class Entrance:
    """All doors of all dialects.

    observe  told of each request once it is answered
    name     an id for a request
    """

    def __init__(
        self, dialects: Sequence[Dialect], outlets: Outlets, observe: Observer, name: Callable[[], str]
    ) -> None:
        self._outlets, self._observe, self._name = outlets, observe, name
        self._doors: Router[Door] = Router((door for each in dialects for door in each.doors), empties=True)
        self._owners = {door.operation: dialect.name for dialect in dialects for door in dialect.doors}
        self._known = lru_cache(DOORS_KNOWN_MAX)(self._find)
        self._brief = lru_cache(DOORS_KNOWN_MAX)(self._find_brief)

    async def enter(self, raw_path: bytes, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether there is a door; then it has answered."""
        find, method = self._known if len(raw_path) <= PATH_KNOWN_BYTES_MAX else self._find, scope["method"]
        served = "GET" if method == "HEAD" else method
        try:
            found = find(served, raw_path)
        except NoRoute:
            return False
        except Unreadable as error:
            nearest = self._doors.nearest(served, raw_path)
            if nearest is None:
                return False
            found = self._counted(refusing(nearest, error), {})
        except NoMethod as error:
            headers = headers_of(scope)
            answer = self._beside(error, raw_path, method, headers)
            await send_answer(send, answer, method, headers, self._name())
            return True
        request = self._name()
        observe = partial(self._observe, *found.counted)
        await pass_through(found.door, found.path, self._outlets, scope, receive, send, request, observe)
        return True

    def at_once(self, method: bytes, target: bytes) -> AtOnce | None:
        """What answers such a request where it is read; None where it goes the longer way."""
        return self._brief(method, target) if len(target) <= PATH_KNOWN_BYTES_MAX else None

    def _find(self, method: str, raw_path: bytes) -> _Found:
        """raises NoRoute, NoMethod, Unreadable"""
        door, path = self._doors.find(method, raw_path)
        return self._counted(door, MappingProxyType(path))  # handed to many

    def _counted(self, door: Door, path: Mapping[str, str]) -> _Found:
        return _Found(door, path, (self._owners[door.operation], door.operation, door.method))

    def _find_brief(self, method: bytes, target: bytes) -> AtOnce | None:
        if b"?" in target:
            return None
        try:
            found = self._find(method.decode("latin-1"), target)
        except (NoRoute, NoMethod, Unreadable):
            return None
        return None if found.door.at_once is None else partial(self._pass_at_once, found)

    def _pass_at_once(self, found: _Found, scope: Scope, body: bytes) -> tuple[int, bytes] | None:
        request = self._name()
        scope["query_string"] = b""
        observe = partial(self._observe, *found.counted)
        return pass_at_once(found.door, found.path, self._outlets, scope, body, request, observe)

    def _beside(self, error: NoMethod, raw_path: bytes, method: str, headers: Mapping[str, str]) -> Answer:
        """Doors have few methods: another is 405 without a word, but for OPTIONS, which asks for them."""
        cors = self._doors.find(error.allowed[0], raw_path)[0].cors
        allow = ("Allow", ", ".join(error.allowed))
        if method == "OPTIONS" and cors:
            return Answer(204, headers=(allow, *cors))
        if method == "OPTIONS" and "access-control-request-method" in headers:
            return PREFLIGHT
        return Answer(405, headers=(allow, *cors))
