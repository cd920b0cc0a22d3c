"""The doors of server-side SDKs: the stream, the poll, single flags, and the newer protocol that is not
spoken, whose SDKs are sent to the poll. A payload filter (`?filter=`) is taken and leaves nothing out."""

from equipoise.application.answers import Answer
from equipoise.delivery import sse
from equipoise.delivery.polling import Polling
from equipoise.dialects.launchdarkly.sdk import payload
from equipoise.dialects.launchdarkly.sdk.keys import environment, environment_header, refuse, said
from equipoise.domain.errors import Missing
from equipoise.domain.snapshot import Snapshot
from equipoise.translation.doors import Door, Stream, Visit

FALLBACK = ("X-LD-FD-Fallback", "true")  # an SDK that reads it polls `/sdk/latest-all` from then on
_JSON = ("Content-Type", "application/json")
_latest, _flags = Polling(payload.document), Polling(payload.flags_alone)


async def stream_all(visit: Visit) -> Stream:
    id = await environment(visit.feed, visit.headers)
    await visit.feed.snapshot(id)  # what cannot be served is refused before the stream begins
    return Stream(200, visit.feed.listen(id, payload.ALL), (*sse.HEADERS, environment_header(id)))


async def latest_all(visit: Visit) -> Answer:
    return await _latest.answer(*await _asked(visit))


async def flags(visit: Visit) -> Answer:
    return await _flags.answer(*await _asked(visit))


async def flag(visit: Visit) -> Answer:
    served = await _snapshot(visit)
    key = visit.path["key"]
    if key not in served.flags:
        raise Missing("flag", key)
    body = payload.flag(served.flags[key], served.flags)
    return Answer(200, body, (_JSON, environment_header(served.id)))


async def segment(visit: Visit) -> Answer:
    served, key = await _snapshot(visit), visit.path["key"]
    if key not in served.segments:
        raise Missing("segment", key)
    return Answer(200, payload.segment(served.segments[key]), (_JSON, environment_header(served.id)))


async def not_spoken(visit: Visit) -> Answer:
    refused = said(404, "not_found", "This protocol is not spoken here; /sdk/latest-all is.")
    return Answer(refused.status, refused.body, (*refused.headers, FALLBACK))


async def _snapshot(visit: Visit) -> Snapshot:
    return await visit.feed.snapshot(await environment(visit.feed, visit.headers))


async def _asked(visit: Visit) -> tuple[Snapshot, dict[str, str], tuple[tuple[str, str], ...]]:
    snapshot = await _snapshot(visit)
    headers = (_JSON, ("Cache-Control", "no-cache"), environment_header(snapshot.id))
    return snapshot, dict(visit.headers), headers


DOORS = (
    Door(
        "GET",
        "/all",
        "streamAll",
        "Server-side SDKs, by stream: all flags at once, then each change.",
        stream_all,
        refuse,
        (200, 401, 503),
    ),
    Door(
        "GET",
        "/sdk/latest-all",
        "pollAll",
        "Server-side SDKs, by polling: all flags.",
        latest_all,
        refuse,
        (200, 304, 401, 503),
    ),
    Door("GET", "/sdk/flags", "pollFlags", "All flags, by key.", flags, refuse, (200, 304, 401, 503)),
    Door("GET", "/sdk/flags/{key}", "pollFlag", "One flag.", flag, refuse, (200, 401, 404, 503)),
    Door("GET", "/sdk/segments/{key}", "pollSegment", "One segment.", segment, refuse, (200, 401, 404, 503)),
    *(
        Door(
            "GET",
            path,
            operation,
            "Sends SDKs of the newer protocol to `/sdk/latest-all`.",
            not_spoken,
            refuse,
            (404,),
        )
        for path, operation in (("/sdk/poll", "pollNewer"), ("/sdk/stream", "streamNewer"))
    ),
)
