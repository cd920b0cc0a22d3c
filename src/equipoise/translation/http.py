"""The way in: bytes off the wire, a route, at most one hop to a worker thread, an answer back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import Executor
from functools import partial
from hashlib import sha256
from secrets import token_hex
from time import perf_counter
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.queries import Library
from equipoise.domain.errors import DomainError
from equipoise.security.permissions import Act, admit
from equipoise.translation.call import Call, etag
from equipoise.translation.dialect import Dialect
from equipoise.translation.errors import Fault, Hurried, NoRoute, Oversized, TransportError, Unreadable
from equipoise.translation.hop import BRIEF_BYTES_MAX, Hop
from equipoise.translation.limiter import Limiter
from equipoise.translation.openapi import document
from equipoise.translation.routes import Route, Router

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFLIGHT = Answer(
    204,
    headers=(
        ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
        ("Access-Control-Allow-Headers", "*, Authorization"),
        ("Access-Control-Max-Age", "300"),
    ),
)
OVERRIDABLE = ("PATCH", "PUT", "DELETE")


class Observer(Protocol):
    """Told of each request once it is answered."""

    def __call__(
        self, dialect: str, operation: str, method: str, status: int, seconds: float, request: str
    ) -> None: ...


class Services(Struct, frozen=True):
    """What the surfaces are served with.

    readers, writers  worker threads, for requests that would keep others waiting
    undisturbed       whether the store would answer at once (hop.py)
    """

    desk: Desk
    library: Library
    limiter: Limiter
    readers: Executor
    writers: Executor
    body_bytes_max: int
    observe: Observer
    undisturbed: Callable[[], bool] = lambda: False


class Gateway:
    """All dialects behind one ASGI callable."""

    def __init__(self, dialects: Sequence[Dialect], services: Services) -> None:
        self._services = services
        self._hop = Hop(services.undisturbed)
        self._surfaces = sorted(
            (
                (prefix.encode(), dialect, Router(dialect.routes))
                for dialect in dialects
                for prefix in dialect.prefixes
            ),
            key=lambda surface: -len(surface[0]),
        )
        self.documents = {dialect.name: document(dialect) for dialect in dialects}

    def serves(self, raw_path: bytes) -> bool:
        """Whether some dialect owns the path."""
        return self._surface(raw_path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        request = token_hex(8)
        raw_path = scope.get("raw_path") or scope["path"].encode()
        surface = self._surface(raw_path)
        if surface is None:
            raise NoRoute(scope["path"])
        _, dialect, router = surface
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = _method(scope["method"], headers)
        operation = ""
        try:
            if method == "OPTIONS" and "access-control-request-method" in headers:
                await _send(send, PREFLIGHT, method, headers, request)
                return
            route, path = router.find("GET" if method == "HEAD" else method, raw_path)
            operation = route.operation
            answer = await self._answer(dialect, route, path, scope, headers, receive, request)
        except (DomainError, TransportError) as error:
            answer = dialect.refuse(error)
        except Exception:
            logging.getLogger("equipoise").exception("request %s failed", request)
            answer = dialect.refuse(Fault(request))
        answer = _cached(answer, dialect.name, method, headers)
        self._services.observe(
            dialect.name, operation, method, answer.status, perf_counter() - began, request
        )
        await _send(send, answer, method, headers, request)

    def _surface(self, raw_path: bytes) -> tuple[bytes, Dialect, Router] | None:
        for surface in self._surfaces:
            prefix = surface[0]
            if raw_path == prefix or raw_path.startswith(prefix + b"/"):
                return surface
        return None

    async def _answer(
        self,
        dialect: Dialect,
        route: Route,
        path: Mapping[str, str],
        scope: Scope,
        headers: Mapping[str, str],
        receive: Receive,
        request: str,
    ) -> Answer:
        services = self._services
        who = sha256(dialect.credential(headers).encode("utf-8", "surrogateescape")).hexdigest()
        quota = services.limiter.take(who, route.operation)
        counted = dialect.quotas(quota)
        if quota.refused:
            now = services.desk.clock()
            refused = dialect.refuse(Hurried(max((quota.reset_at - now) // 1000, 0) + 1))
            return replace(refused, headers=(*refused.headers, *counted))
        body = await _body(receive, services.body_bytes_max)
        query = scope["query_string"].decode("latin-1")
        call = Call(
            dialect=dialect,
            route=route,
            path=path,
            raw_target=(scope.get("raw_path") or b"") + b"?" + scope["query_string"],
            query_string=query,
            headers=headers,
            body=body,
            request=request,
            desk=services.desk,
            library=services.library,
        )
        threads = services.readers if route.act is Act.READ else services.writers
        try:
            if self._hop.needed(route, len(body)):
                answer = await asyncio.get_running_loop().run_in_executor(threads, _served, call)
            else:
                answer = self._hop.timed(route.operation, partial(_served, call))
        except (DomainError, TransportError) as error:
            answer = dialect.refuse(error)
        return replace(answer, headers=(*answer.headers, *counted))


def _served(call: Call) -> Answer:
    """Asks the endpoint. What is wrong with a request is for those who might make it."""
    if len(call.body) > BRIEF_BYTES_MAX:
        _admit(call)  # before it is read, since reading it costs
    try:
        return call.route.endpoint(call)
    except (DomainError, Unreadable):
        _admit(call)
        raise


def _admit(call: Call) -> None:
    """raises Unknown, Forbidden"""
    if not call.route.public:
        admit(call.library.principal(call.credential), call.route.act)


def _method(method: str, headers: Mapping[str, str]) -> str:
    override = headers.get("x-http-method-override", "").upper()
    return override if method == "POST" and override in OVERRIDABLE else method


async def _body(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Oversized(most)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Oversized(most)
        if not message.get("more_body", False):
            return b"".join(parts)


def _cached(answer: Answer, dialect: str, method: str, headers: Mapping[str, str]) -> Answer:
    """The answer with its ETag; 304 when the reader has it already."""
    if not 200 <= answer.status < 300 or not answer.body:
        return answer
    if answer.revision is None and method not in ("GET", "HEAD"):
        return answer
    tag = etag(dialect, answer)
    tagged = replace(answer, headers=(*answer.headers, ("ETag", tag)))
    known = headers.get("if-none-match", "")
    tags = [each.strip().removeprefix("W/") for each in known.split(",")]
    if method in ("GET", "HEAD") and (tag in tags or tags == ["*"]):
        return replace(tagged, status=304, body=b"")
    return tagged


async def _send(send: Send, answer: Answer, method: str, asked: Mapping[str, str], request: str) -> None:
    headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in answer.headers]
    names = {name for name, _ in headers}
    if b"content-type" not in names and answer.body:
        headers.append((b"content-type", b"application/json"))
    headers.append((b"x-request-id", request.encode()))
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if "origin" in asked:
        headers += [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", b"*"),
        ]
    body = b"" if method == "HEAD" else answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
