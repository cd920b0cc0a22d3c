"""All pages behind one ASGI callable: a route, a worker thread, an answer with its headers."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from hashlib import sha256
from secrets import token_hex
from threading import Thread
from time import perf_counter

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer, has_already
from equipoise.application.clients import Client
from equipoise.application.queries import Library
from equipoise.application.sign_in import Reception
from equipoise.domain.errors import DomainError, Unknown
from equipoise.translation.errors import TransportError
from equipoise.translation.routes import Observer, Router
from equipoise.translation.wire import Receive, Scope, Send, body_of, headers_of, raw_path_of, send_answer
from equipoise.web import (
    catalog,
    connect,
    doorway,
    experiment,
    experiments,
    explain,
    problems,
    result,
    sharing,
)
from equipoise.web.files import FILES
from equipoise.web.html import HEADERS
from equipoise.web.visit import FORM_BYTES_MAX, HOME, ForeignForm, Reports, Visit

DIALECT = "web"  # as it is counted


class Page(Struct, frozen=True):
    """One page, or what a form is sent to; counted by its name."""

    name: str
    method: str
    path: str
    show: Callable[[Visit], Answer]
    about: str


_ALL = "/ui/projects/{project}/environments/{environment}/experiments"
_ONE = _ALL + "/{key}"
_CATALOG = "/ui/projects/{project}/environments/{environment}/catalog"
_CONNECT = "/ui/projects/{project}/environments/{environment}/connect"
_SHARING = "/ui/projects/{project}/environments/{environment}/sharing"
_EXPLAIN = "/ui/projects/{project}/environments/{environment}/explain"

PAGES = (
    Page("home", "GET", "/ui", doorway.home, "Leads to the experiments of the first environment."),
    Page("askToSignIn", "GET", "/ui/sign-in", doorway.ask, "The form to sign in with an API token."),
    Page("signIn", "POST", "/ui/sign-in", doorway.enter, "Signs in with an API token."),
    Page(
        "greet",
        "GET",
        "/ui/sign-in/{code}",
        doorway.greet,
        "The page a one-time link opens; using it takes a click.",
    ),
    Page("redeem", "POST", "/ui/sign-in/{code}", doorway.redeem, "Signs in with a one-time link."),
    Page("signOut", "POST", "/ui/sign-out", doorway.leave, "Signs out."),
    Page("go", "GET", "/ui/go", doorway.go, "Leads to the environment that was chosen."),
    Page("experiments", "GET", _ALL, experiments.show, "The experiments of an environment."),
    Page("catalog", "GET", _CATALOG, catalog.show, "Every experiment and flag, whoever runs it."),
    Page(
        "connect", "GET", _CONNECT, connect.show, "Keys, when each was last seen, and code for each client."
    ),
    Page("explain", "GET", _EXPLAIN, explain.show, "Why a context is served what it is served."),
    Page("sharing", "GET", _SHARING, sharing.show, "Layers and holdouts: who shares the traffic."),
    Page("experiment", "GET", _ONE, experiment.show, "One experiment: design, arms, life, changes."),
    Page("result", "GET", _ONE + "/result", result.show, "Its result."),
    Page("resultDocument", "GET", _ONE + "/result.json", result.document, "Its result as JSON."),
    Page(
        "chart",
        "GET",
        _ONE + "/result/{chart}",
        result.chart,
        "A chart: forest, interval or exposures, .svg or .json.",
    ),
    Page(
        "file",
        "GET",
        "/ui/static/{file}",
        lambda visit: FILES.answer(visit.path["file"], visit.headers.get("accept-encoding", "")),
        "Style, script and icon.",
    ),
)


def _unobserved(dialect: str, operation: str, method: str, status: int, seconds: float) -> None:
    """Nobody counts."""


class Pages:
    """Serves everything under /ui."""

    def __init__(
        self,
        library: Library,
        reception: Reception,
        reports: Reports,
        threads: Executor,
        observe: Observer = _unobserved,
        ahead: Callable[[], None] = lambda: None,
        url: str = "",
        clients: tuple[Client, ...] = (),
    ) -> None:
        """`ahead` is done beside the first page: what later pages would keep a reader waiting for. `url` is
        where clients reach the server."""
        self._library, self._reception, self._reports, self._threads = library, reception, reports, threads
        self._observe, self._ahead, self._url, self._clients = observe, ahead, url, clients
        self._router = Router(PAGES)
        self._visited = False

    def serves(self, raw_path: bytes) -> bool:
        home = HOME.encode()
        return raw_path == home or raw_path.startswith(home + b"/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, request = perf_counter(), token_hex(8)
        headers, method, name = headers_of(scope), scope["method"], ""
        self._begin()
        try:
            page, path = self._router.find("GET" if method == "HEAD" else method, raw_path_of(scope))
            name = page.name
            visit = Visit(
                method=method,
                raw_path=raw_path_of(scope).decode("latin-1"),
                path=path,
                query_string=scope["query_string"].decode("latin-1"),
                headers=headers,
                body=await body_of(receive, FORM_BYTES_MAX) if method == "POST" else b"",
                secure=scope.get("scheme") == "https",
                request=request,
                library=self._library,
                reception=self._reception,
                reports=self._reports,
                url=self._url,
                clients=self._clients,
            )
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, _shown, page, visit)
        except TransportError as error:
            answer = problems.refused(error)
        answer = _tagged(answer, headers, method)
        answer = replace(answer, headers=(*answer.headers, *HEADERS))
        self._observe(DIALECT, name, method, answer.status, perf_counter() - began)
        await send_answer(send, answer, method, {}, request)

    def _begin(self) -> None:
        """With the first visit: whoever never looks at pages pays for none."""
        if not self._visited:
            self._visited = True
            Thread(target=self._ahead, name="pages-ahead", daemon=True).start()


def _shown(page: Page, visit: Visit) -> Answer:
    try:
        if visit.method == "POST":
            visit.expect_own_form()
        return page.show(visit)
    except Unknown:
        return doorway.unknown(visit)
    except (DomainError, TransportError, ForeignForm) as error:
        return problems.refused(error, _who(visit))
    except Exception:
        logging.getLogger("equipoise").exception("request %s failed", visit.request)
        return problems.fault(visit.request)


def _who(visit: Visit) -> str | None:
    try:
        return visit.principal.name
    except Unknown:
        return None


def _tagged(answer: Answer, headers: dict[str, str], method: str) -> Answer:
    """With its ETag; 304 when the reader has it already."""
    if answer.status != 200 or method not in ("GET", "HEAD"):
        return answer
    tag = f'"{sha256(answer.body).hexdigest()[:24]}"'
    answer = replace(answer, headers=(*answer.headers, ("ETag", tag)))
    known = has_already(tag, headers.get("if-none-match", ""))
    return replace(answer, status=304, body=b"") if known else answer
