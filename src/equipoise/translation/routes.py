"""Routes: matched on the raw path, one segment decoded at a time, so that %2F stays inside a key."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.security.permissions import Act
from equipoise.translation.errors import NoMethod, NoRoute, Unreadable

Endpoint = Callable[[Any], Answer]  # Any is a translation.call.Call; it runs in a worker thread


class Parameter(Struct, frozen=True):
    """A query parameter, for the OpenAPI document."""

    name: str
    about: str
    kind: str = "string"


class Route(Struct, frozen=True):
    """One operation of a surface. It declares what it does (`act`), or it is not served.

    path       segments, those in braces are parameters
    operation  its name in the OpenAPI document
    body       type of the request document; None for none
    bodiless   whether it may come without one all the same
    begins     how a parameter of the path begins, where the surface owns no path with another
    answers    success status → type of the answer's document; None for no body
    refusals   statuses it may refuse with, beyond those every route has
    media      content types of its body
    public     served without a credential
    brief      touches a handful of subjects, whatever is asked: it need not hop to a thread (hop.py)
    """

    method: str
    path: str
    act: Act
    endpoint: Endpoint
    operation: str
    answers: dict[int, Any]
    body: Any = None
    bodiless: bool = False
    begins: Mapping[str, str] = {}
    query: tuple[Parameter, ...] = ()
    refusals: tuple[int, ...] = ()
    about: str = ""
    media: tuple[str, ...] = ("application/json",)
    public: bool = False
    brief: bool = False

    @property
    def segments(self) -> tuple[str, ...]:
        return segments_of(self.path)


class Observer(Protocol):
    """Told of each request once it is answered."""

    def __call__(self, dialect: str, operation: str, method: str, status: int, seconds: float) -> None: ...


class Routed(Protocol):
    """What a router can find; its path is segments, those in braces are parameters."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routed)


class _Entry(Struct, Generic[R]):
    """Routes whose paths have one shape.

    fixed    (place, segment) of those that are no parameters
    methods  method → its route, and (name, place) of each parameter
    """

    segments: tuple[str, ...]
    fixed: tuple[tuple[int, str], ...]
    methods: dict[str, tuple[R, tuple[tuple[str, int], ...]]]


class Router(Generic[R]):
    """Finds the route of a request. Literal segments come before parameters."""

    def __init__(self, routes: Iterable[R], empties: bool = False) -> None:
        """empties  whether a slash at the end of a path begins a parameter that is empty, where one may
        stand there; without that, and elsewhere, it says nothing"""
        self._by_length: dict[int, list[_Entry[R]]] = {}
        self._empties = empties
        for route in routes:
            self._add(route)
        for entries in self._by_length.values():
            entries.sort(key=lambda entry: [segment.startswith("{") for segment in entry.segments])

    def _add(self, route: R) -> None:
        own = segments_of(route.path)
        entries = self._by_length.setdefault(len(own), [])
        named = tuple((name[1:-1], at) for at, name in enumerate(own) if name.startswith("{"))
        for entry in entries:
            if _shape(entry.segments) == _shape(own):
                if route.method in entry.methods:
                    raise ValueError(f"two routes for {route.method} {route.path}")
                entry.methods[route.method] = (route, named)
                return
        fixed = tuple((at, name) for at, name in enumerate(own) if not name.startswith("{"))
        entries.append(_Entry(own, fixed, {route.method: (route, named)}))

    def knows(self, raw_path: bytes) -> bool:
        """Whether any method is served at the path."""
        try:
            self.find("", raw_path)
        except (NoRoute, Unreadable):
            return False
        except NoMethod:
            pass
        return True

    def find(self, method: str, raw_path: bytes) -> tuple[R, dict[str, str]]:
        """The route and its path parameters. raises NoRoute, NoMethod, Unreadable"""
        segments = decoded(raw_path)
        if self._empties and raw_path.endswith(b"/"):
            with suppress(NoRoute):
                return self._match(method, [*segments, ""])
        return self._match(method, segments)

    def nearest(self, method: str, raw_path: bytes) -> R | None:
        """The route of a path that is unreadable, in whose words that is told; None where there is none."""
        pieces = raw_path.strip(b"/").split(b"/")
        try:
            return self._match(method, [unquote_to_bytes(each).decode(errors="replace") for each in pieces])[
                0
            ]
        except (NoRoute, NoMethod):
            return None

    def _match(self, method: str, segments: list[str]) -> tuple[R, dict[str, str]]:
        allowed: set[str] = set()
        for entry in self._by_length.get(len(segments), ()):
            for at, literal in entry.fixed:
                if segments[at] != literal:
                    break
            else:
                found = entry.methods.get(method)
                if found is not None:
                    route, named = found
                    return route, {name: segments[at] for name, at in named}
                allowed |= entry.methods.keys()
        if allowed:
            raise NoMethod(method, tuple(sorted(allowed)))
        raise NoRoute("/" + "/".join(segments))


def segments_of(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def decoded(raw_path: bytes) -> list[str]:
    """The segments of a raw path, each percent-decoded. raises Unreadable"""
    try:
        segments = raw_path.decode().strip("/").split("/")
        if b"%" in raw_path:
            segments = [unquote_to_bytes(part).decode() for part in segments]
    except UnicodeDecodeError:
        raise Unreadable("the path is not UTF-8") from None
    if (b"\0" in raw_path or b"%00" in raw_path) and any("\0" in segment for segment in segments):
        raise Unreadable("the path holds a NUL character")
    return segments


def _shape(segments: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("{}" if segment.startswith("{") else segment for segment in segments)
