"""The way in: bytes off the wire, a route, at most one hop to a worker thread, an answer back."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from hashlib import sha256
from itertools import count
from secrets import token_hex
from time import perf_counter

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer, has_already
from equipoise.application.changes import Desk
from equipoise.application.queries import Library
from equipoise.application.results import ResultsDesk
from equipoise.domain.errors import DomainError
from equipoise.domain.identity import Place
from equipoise.domain.limits import CONFIG_STORE_BYTES_MAX
from equipoise.security.permissions import Act, admit
from equipoise.translation.call import Call, etag, unshown
from equipoise.translation.dialect import Dialect, abroad
from equipoise.translation.doors import Outlets
from equipoise.translation.entrance import PREFLIGHT, AtOnce, Entrance
from equipoise.translation.errors import (
    Fault,
    Hurried,
    TransportError,
    Unreadable,
)
from equipoise.translation.hop import BRIEF_BYTES_MAX, Hop
from equipoise.translation.limiter import Limiter, Quota
from equipoise.translation.openapi import document
from equipoise.translation.routes import Observer, Route, Router
from equipoise.translation.wire import Receive, Scope, Send, body_of, headers_of, raw_path_of, send_answer

OVERRIDABLE = ("PATCH", "PUT", "DELETE")
BEGINNING = b"*"  # at the end of a prefix: all paths that begin so
UNSERVED = "-"  # what requests without a route are counted under


class Services(Struct, frozen=True):
    """What the surfaces are served with.

    readers, writers  worker threads, for requests that would keep others waiting
    outlets           what doors lead to; None serves none
    results           where results are asked for; None where there is no warehouse
    undisturbed       whether the store would answer at once (hop.py)
    url               where others reach this server, without a slash at the end
    pages             where, below `url`, an environment's experiments are shown, or the one of a key
    """

    desk: Desk
    library: Library
    limiter: Limiter
    readers: Executor
    writers: Executor
    body_bytes_max: int
    observe: Observer
    outlets: Outlets | None = None
    results: ResultsDesk | None = None
    undisturbed: Callable[[], bool] = lambda: False
    url: str = ""
    config_store_bytes_max: int = CONFIG_STORE_BYTES_MAX
    pages: Callable[[Place, str], str] = unshown


class Gateway:
    """All dialects behind one ASGI callable."""

    def __init__(self, dialects: Sequence[Dialect], services: Services) -> None:
        self._services = services
        self._process, self._numbers = token_hex(4), count()
        self._hop = Hop(services.undisturbed)
        self._abroad = abroad(dialects)
        self._surfaces = sorted(
            (
                (prefix.encode(), dialect, Router(dialect.routes))
                for dialect in dialects
                for prefix in dialect.prefixes
            ),
            key=lambda surface: -len(surface[0]),
        )
        self._entrance = self._opened(dialects)
        self.documents = {dialect.name: document(dialect) for dialect in dialects}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answers where some dialect owns the path; where none does nothing was done, and that is False."""
        raw_path = raw_path_of(scope)
        if self._entrance is not None and await self._entrance.enter(raw_path, scope, receive, send):
            return True
        surface = self._surface(raw_path)
        if surface is None:
            return False
        await self._ask(surface, raw_path, scope, receive, send)
        return True

    def at_once(self, method: bytes, target: bytes) -> AtOnce | None:
        """What answers such a request where it is read; None where it goes the longer way."""
        return None if self._entrance is None else self._entrance.at_once(method, target)

    def _opened(self, dialects: Sequence[Dialect]) -> Entrance | None:
        services = self._services
        if services.outlets is None:
            return None
        return Entrance(dialects, services.outlets, services.observe, self._name)

    async def _ask(
        self,
        surface: tuple[bytes, Dialect, Router[Route]],
        raw_path: bytes,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """By a route."""
        began, request = perf_counter(), self._name()
        _, dialect, router = surface
        headers = headers_of(scope)
        method = _method(scope["method"], headers)
        if method == "OPTIONS" and "access-control-request-method" in headers:
            await send_answer(send, PREFLIGHT, method, headers, request)
            return
        found = _found(router, "GET" if method == "HEAD" else method, raw_path)
        operation = "" if isinstance(found, TransportError) else found[0].operation
        quota = self._count(dialect, headers, operation or UNSERVED)
        try:
            if quota.refused:
                raise self._hurried(quota)
            if isinstance(found, TransportError):
                raise found
            answer = await self._answer(dialect, *found, scope, headers, receive, request)
        except (DomainError, TransportError) as error:
            answer = dialect.refuse(error)
        except Exception:
            logging.getLogger("equipoise").exception("request %s failed", request)
            answer = dialect.refuse(Fault(request))
        answer = replace(answer, headers=(*answer.headers, *dialect.quotas(quota)))
        answer = _cached(answer, dialect.name, method, headers)
        self._services.observe(dialect.name, operation, method, answer.status, perf_counter() - began)
        await send_answer(send, answer, method, headers, request)

    def _name(self) -> str:
        """An id for a request: of this process, and counted."""
        return f"{self._process}{next(self._numbers):08x}"

    def _surface(self, raw_path: bytes) -> tuple[bytes, Dialect, Router[Route]] | None:
        for surface in self._surfaces:
            prefix = surface[0]
            if prefix.endswith(BEGINNING):
                if raw_path.startswith(prefix.removesuffix(BEGINNING)):
                    return surface
            elif raw_path == prefix or raw_path.startswith(prefix + b"/"):
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
        body = await body_of(receive, services.body_bytes_max)
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
            reports=services.results,
            url=services.url,
            config_store_bytes_max=services.config_store_bytes_max,
            abroad=self._abroad,
            pages=services.pages,
        )
        if not self._hop.needed(route, len(body)):
            return self._hop.timed(route.operation, partial(_served, call))
        threads = services.readers if route.act is Act.READ else services.writers
        return await asyncio.get_running_loop().run_in_executor(threads, _served, call)

    def _count(self, dialect: Dialect, headers: Mapping[str, str], operation: str) -> Quota:
        who = sha256(dialect.credential(headers).encode("utf-8", "surrogateescape")).hexdigest()
        return self._services.limiter.take(who, operation)

    def _hurried(self, quota: Quota) -> Hurried:
        wait = max((quota.reset_at - self._services.desk.clock()) // 1_000, 0) + 1
        return Hurried(wait, quota.token_limit, quota.reset_at)


def _found(
    router: Router[Route], method: str, raw_path: bytes
) -> tuple[Route, dict[str, str]] | TransportError:
    """The route and its path parameters, or why there is none."""
    try:
        return router.find(method, raw_path)
    except TransportError as error:
        return error


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


def _cached(answer: Answer, dialect: str, method: str, headers: Mapping[str, str]) -> Answer:
    """The answer with its ETag; 304 when the reader has it already."""
    if not 200 <= answer.status < 300:
        return answer
    shows = answer.body and method in ("GET", "HEAD")
    if answer.revision is None and not shows:
        return answer
    tag = etag(dialect, answer)
    tagged = replace(answer, headers=(*answer.headers, ("ETag", tag)))
    if method in ("GET", "HEAD") and has_already(tag, headers.get("if-none-match", "")):
        return replace(tagged, status=304, body=b"")
    return tagged
