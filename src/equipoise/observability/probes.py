"""What machines ask about the process itself: is it alive, is it ready, what did it count."""

from collections.abc import Callable, Mapping

from msgspec import json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from equipoise.observability.metrics import CONTENT_TYPE

SERVICE = "equipoise"
PAGES = "/ui"  # where `/` leads a browser
_JSON = "application/json"


def routes(
    version: str,
    ready: Callable[[], None],
    counted: Callable[[], bytes],
    surfaces: tuple[tuple[str, str, tuple[str, ...]], ...],
    documents: Mapping[str, bytes],
) -> list[Route]:
    """Public routes.

    ready      raises when the store is not reachable or not migrated
    counted    the metrics as text
    surfaces   (name, title, prefixes) of what is served
    documents  name of a surface → its OpenAPI document
    """

    async def healthz(_: Request) -> Response:
        return _said({"status": "alive", "service": SERVICE, "version": version})

    async def readyz(_: Request) -> Response:
        try:
            await run_in_threadpool(ready)
        except Exception:
            # the reason may name hosts and paths, and anybody may ask
            why = "the store does not answer or is not migrated; `equipoise doctor` says more"
            return _said({"status": "not ready", "reason": why}, 503)
        return _said({"status": "ready"})

    async def metrics(_: Request) -> Response:
        return Response(await run_in_threadpool(counted), media_type=CONTENT_TYPE)

    async def home(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(PAGES, 303, {"Vary": "Accept"})
        served = [{"name": name, "title": title, "prefixes": paths} for name, title, paths in surfaces]
        return _said({"service": SERVICE, "version": version, "surfaces": served})

    async def openapi(request: Request) -> Response:
        found = documents.get(request.path_params["name"])
        return Response(found, media_type=_JSON) if found else await nothing(request, LookupError())

    async def own(_: Request) -> Response:
        return Response(documents[SERVICE], media_type=_JSON)

    return [
        Route("/", home),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/equipoise/v1/openapi.json", own),
        Route("/equipoise/v1/openapi/{name}.json", openapi),
    ]


async def nothing(_: Request, error: Exception) -> Response:
    """The answer where no route is: the error's status, 404 if it has none."""
    said = {"code": "not_found", "message": "Nothing is served here; / says what is."}
    status, headers = getattr(error, "status_code", 404), getattr(error, "headers", None)
    return Response(json.encode(said), status, headers, media_type=_JSON)


def _said(document: object, status: int = 200) -> Response:
    return Response(json.encode(document), status, media_type=_JSON)
