"""Routes: matched on the raw path, one segment decoded at a time, so that %2F stays inside a key."""

from collections.abc import Callable, Iterable, Mapping
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


class Routed(Protocol):
    """What a router can find; its path is segments, those in braces are parameters."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...


R = TypeVar("R", bound=Routed)


class Router(Generic[R]):
    """Finds the route of a request. Literal segments come before parameters."""

    def __init__(self, routes: Iterable[R]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], dict[str, R]]]] = {}
        for route in routes:
            self._add(route)
        for entries in self._by_length.values():
            entries.sort(key=lambda entry: [segment.startswith("{") for segment in entry[0]])

    def _add(self, route: R) -> None:
        own = segments_of(route.path)
        entries = self._by_length.setdefault(len(own), [])
        for segments, methods in entries:
            if _shape(segments) == _shape(own):
                if route.method in methods:
                    raise ValueError(f"two routes for {route.method} {route.path}")
                methods[route.method] = route
                return
        entries.append((own, {route.method: route}))

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
        allowed: set[str] = set()
        for template, methods in self._by_length.get(len(segments), ()):
            if not all(t.startswith("{") or t == s for t, s in zip(template, segments, strict=True)):
                continue
            if method in methods:
                route = methods[method]
                names = (name[1:-1] for name in segments_of(route.path) if name.startswith("{"))
                values = (s for t, s in zip(template, segments, strict=True) if t.startswith("{"))
                return route, dict(zip(names, values, strict=True))
            allowed |= methods.keys()
        if allowed:
            raise NoMethod(method, tuple(sorted(allowed)))
        raise NoRoute("/" + "/".join(segments))


def segments_of(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def decoded(raw_path: bytes) -> list[str]:
    """The segments of a raw path, each percent-decoded. raises Unreadable"""
    try:
        segments = [unquote_to_bytes(part).decode() for part in raw_path.strip(b"/").split(b"/")]
    except UnicodeDecodeError:
        raise Unreadable("the path is not UTF-8") from None
    if any("\0" in segment for segment in segments):
        raise Unreadable("the path holds a NUL character")
    return segments


def _shape(segments: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("{}" if segment.startswith("{") else segment for segment in segments)
