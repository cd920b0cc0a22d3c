"""What a dialect's requests look like: a scene to ask them in, and one valid request per operation.

Each dialect has a module `tests/conformance/requests/NAME.py` with

    scene(ask, name) -> Scene           makes a project of that name and what stands in it, by requests alone
    conforms(response, operation)       holds an answer to what the vendor published
    error_schema()                      of what the vendor published for errors; {} where it is not at hand
    PUBLIC                              the operations that need no token
    AT_HOME                             whether every request is about the environment its token is at home in
    OF_ADMINS                           the reads that answer 404 to readers
    OF_NOW                              names of fields that `?asOf=` shows as they are now
    UNKNOWN_FIELDS                      what a request's unknown field is: "ignored" or "refused"
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import quote

import httpx
import msgspec
from msgspec import Struct

from equipoise.application.administration import HOME
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act
from equipoise.server import discovered
from equipoise.translation.dialect import Dialect
from equipoise.translation.routes import Route

NEW = "of-a-request"  # in the keys of what requests make; a request that comes often replaces it
DIALECTS = {dialect.name: dialect for dialect in discovered()}


class Ask(Protocol):
    """Sends a request as an admin of the instance, at home where it is said; the document it is answered
    with."""

    def __call__(
        self, method: str, path: str, body: Any, media: str = "application/json", home: Place = HOME
    ) -> Any: ...


class Golden(Struct, frozen=True):
    """A valid request of one operation.

    path      path parameters, none of them encoded
    body      None for none
    half_bad  of a patch: a body whose beginning is good and whose end is not
    shown_by  of a write: the operation that shows what it changes, where that is not the GET of its own path
    local     whether the path names, by an id alone, what is of the scene's environment and of no other
    missing   what it may be answered where a part of the path names nothing
    home      whether it is about the environment that the token is at home in
    open      whether unknown fields are ignored here, where the dialect refuses them elsewhere
    makes     whether it makes what its path names, if that is not there
    unseen    whether what it changes is never shown
    """

    path: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: Any = None
    media: str = "application/json"
    half_bad: Any = None
    shown_by: str = ""
    local: bool = False
    missing: tuple[int, ...] = (404,)
    home: bool = False
    open: bool = False
    makes: bool = False
    unseen: bool = False

    @property
    def content(self) -> bytes | None:
        return None if self.body is None else msgspec.json.encode(self.body)


class Scene(Struct, frozen=True):
    """A project with two environments, and requests that speak of it.

    project      its key
    environment  the one that the requests speak of
    sibling      the other, in which something stands too
    requests     operation → request; each is accepted while the others have not been sent
    """

    project: str
    environment: str
    sibling: str
    requests: Mapping[str, Golden]

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)


class Requests(Protocol):
    """The module of a dialect."""

    PUBLIC: set[str]
    AT_HOME: bool
    OF_ADMINS: set[str]
    OF_NOW: frozenset[str]
    UNKNOWN_FIELDS: str

    def scene(self, ask: Ask, name: str) -> Scene: ...

    def conforms(self, response: httpx.Response, operation: str) -> Any: ...

    def error_schema(self) -> dict[str, Any]: ...


def requests_of(dialect: Dialect) -> Requests:
    module: Any = import_module(f"tests.conformance.requests.{dialect.name}")
    return module  # type: ignore[no-any-return]


def path_of(route: Route, values: Mapping[str, str]) -> str:
    """The path of a request, every value percent-encoded."""
    parts = (values[part[1:-1]] if part.startswith("{") else part for part in route.segments)
    return "/" + "/".join(quote(part, safe="") for part in parts)


def route_of(dialect: Dialect, operation: str) -> Route:
    return next(route for route in dialect.routes if route.operation == operation)


def success(route: Route) -> int:
    """The status that a valid request is answered with."""
    status: int = next(iter(route.answers))
    return status


def addressed(route: Route) -> bool:
    """Whether the request names something that is not the instance itself."""
    return "{" in route.path


def private(route: Route) -> bool:
    return not route.public


def reads(route: Route) -> bool:
    return route.method == "GET"


def writes(route: Route) -> bool:
    return route.act is not Act.READ
