"""The doors of our SDK. The key of an environment's server-side SDKs is the bearer token."""

from equipoise.application.answers import Answer
from equipoise.application.serving import Key
from equipoise.delivery import sse
from equipoise.delivery.polling import Polling
from equipoise.dialects.equipoise.sdk import events, payload
from equipoise.dialects.equipoise.sdk.refusals import refuse
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import Id
from equipoise.domain.limits import EVENT_BODY_BYTES_MAX, EVENT_BODY_UNPACKED_BYTES_MAX
from equipoise.translation.dialect import bearer
from equipoise.translation.doors import Door, Stream, Visit
from equipoise.translation.intake import Sender, take

SENDER = Sender("equipoise", events.counted, "idempotency-key")
_HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-cache"))
_rulesets = Polling(payload.document)


async def stream(visit: Visit) -> Stream:
    environment = await _environment(visit)
    await visit.feed.snapshot(environment)  # what cannot be served is refused before the stream begins
    return Stream(200, visit.feed.listen(environment, payload.ALL), sse.HEADERS)


async def ruleset(visit: Visit) -> Answer:
    snapshot = await visit.feed.snapshot(await _environment(visit))
    return await _rulesets.answer(snapshot, visit.headers, _HEADERS)


async def take_events(visit: Visit) -> Answer:
    """Acknowledged once the body is durable, whatever its events say; the compactor finds the bad ones."""
    environment = await _environment(visit)
    await take(visit, SENDER, environment, await visit.body(), EVENT_BODY_UNPACKED_BYTES_MAX, Key.SERVER)
    return Answer(202)


async def _environment(visit: Visit) -> Id:
    key = bearer(visit.headers)
    if not key:
        raise Unknown
    return await visit.feed.environment(key)


DOORS = (
    Door(
        "GET",
        "/equipoise/v1/sdk/stream",
        "streamRuleset",
        "Our SDK, by stream: the whole ruleset at once, then each change.",
        stream,
        refuse,
        (200, 401, 503),
    ),
    Door(
        "GET",
        "/equipoise/v1/sdk/ruleset",
        "getRuleset",
        "Our SDK, by polling: the whole ruleset.",
        ruleset,
        refuse,
        (200, 304, 401, 503),
    ),
    Door(
        "POST",
        "/equipoise/v1/sdk/events",
        "postExposuresAndOutcomes",
        "What our SDK saw and what came of it, one event a line: durable before it is acknowledged.",
        take_events,
        refuse,
        (202, 400, 401, 413, 503),
        EVENT_BODY_BYTES_MAX,
    ),
)
