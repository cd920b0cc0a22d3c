"""All pages behind one ASGI callable: a route, a worker thread, an answer with its headers."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from hashlib import sha256
from secrets import token_hex

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.queries import Library
from equipoise.application.sign_in import Reception
from equipoise.domain.errors import DomainError, Unknown
from equipoise.translation.errors import TransportError
from equipoise.translation.routes import Router
from equipoise.translation.wire import Receive, Scope, Send, body_of, headers_of, raw_path_of, send_answer
from equipoise.web import doorway, experiment, experiments, problems, result
from equipoise.web.files import FILES
from equipoise.web.html import HEADERS
from equipoise.web.visit import FORM_BYTES_MAX, HOME, Reports, Visit


class Page(Struct, frozen=True):
    """One page, or what a form is sent to."""

    method: str
    path: str
    show: Callable[[Visit], Answer]
    about: str

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path.strip("/").split("/"))


_ALL = "/ui/projects/{project}/environments/{environment}/experiments"
_ONE = _ALL + "/{key}"

PAGES = (
    Page("GET", "/ui", doorway.home, "Leads to the experiments of the first environment."),
    Page("GET", "/ui/sign-in", doorway.ask, "The form to sign in with an API token."),
    Page("POST", "/ui/sign-in", doorway.enter, "Signs in with an API token."),
    Page(
        "GET", "/ui/sign-in/{code}", doorway.greet, "The page a one-time link opens; using it takes a click."
    ),
    Page("POST", "/ui/sign-in/{code}", doorway.redeem, "Signs in with a one-time link."),
    Page("POST", "/ui/sign-out", doorway.leave, "Signs out."),
    Page("GET", "/ui/go", doorway.go, "Leads to the environment that was chosen."),
    Page("GET", _ALL, experiments.show, "The experiments of an environment."),
    Page("GET", _ONE, experiment.show, "One experiment: design, arms, life, changes."),
    Page("GET", _ONE + "/result", result.show, "Its result."),
    Page("GET", _ONE + "/result.json", result.document, "Its result as JSON."),
    Page(
        "GET",
        _ONE + "/result/{chart}",
        result.chart,
        "A chart: forest, interval or exposures, .svg or .json.",
    ),
    Page(
        "GET",
        "/ui/static/{file}",
        lambda visit: FILES.answer(visit.path["file"], visit.headers.get("accept-encoding", "")),
        "Style, script and icon.",
    ),
)


class Pages:
    """Serves everything under /ui."""

    def __init__(self, library: Library, reception: Reception, reports: Reports, threads: Executor) -> None:
        self._library, self._reception, self._reports, self._threads = library, reception, reports, threads
        self._router = Router(PAGES)

    def serves(self, raw_path: bytes) -> bool:
        home = HOME.encode()
        return raw_path == home or raw_path.startswith(home + b"/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, method = headers_of(scope), scope["method"]
        request = token_hex(8)
        try:
            page, path = self._router.find("GET" if method == "HEAD" else method, raw_path_of(scope))
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
            )
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, _shown, page, visit)
        except TransportError as error:
            answer = problems.refused(error)
        answer = _tagged(answer, headers, method)
        answer = replace(answer, headers=(*answer.headers, *HEADERS))
        await send_answer(send, answer, method, {}, request)


def _shown(page: Page, visit: Visit) -> Answer:
    try:
        if visit.method == "POST":
            visit.expect_own_form()
        return page.show(visit)
    except Unknown:
        return doorway.unknown(visit)
    except (DomainError, TransportError) as error:
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
    known = [each.strip().removeprefix("W/") for each in headers.get("if-none-match", "").split(",")]
    return replace(answer, status=304, body=b"") if tag in known else answer
