"""The doors for events of server-side SDKs: `/bulk`, and `/diagnostic`, which is taken and not kept.

An SDK stops sending until it is restarted when it is answered 401, 403, 404, 413 or 422, so only a key that
is nobody's is told 401. What cannot be read is 400, what may pass is 503: both are sent once more.
"""

from equipoise.application.answers import Answer
from equipoise.application.lake import Full
from equipoise.application.serving import Key
from equipoise.dialects.launchdarkly.sdk import events, keys
from equipoise.domain.errors import Missing
from equipoise.domain.limits import EVENT_BODY_BYTES_MAX, EVENT_BODY_UNPACKED_BYTES_MAX
from equipoise.translation.doors import Door, Visit
from equipoise.translation.errors import Oversized, Unreadable
from equipoise.translation.intake import Sender, later, take

# An SDK retries diagnostics at the door of events: they are no array, so nothing is counted in them.
SENDER = Sender("launchdarkly", events.counted, "x-launchdarkly-payload-id")
ACCEPTED = Answer(202)


async def bulk(visit: Visit) -> Answer:
    environment = await keys.environment(visit.feed, visit.headers)
    await take(visit, SENDER, environment, await visit.body(), EVENT_BODY_UNPACKED_BYTES_MAX, Key.SERVER)
    return ACCEPTED


async def diagnostic(visit: Visit) -> Answer:
    """What an SDK says of itself is counted as a request, and not read."""
    await keys.environment(visit.feed, visit.headers)
    await visit.body()
    return ACCEPTED


def refuse(error: Exception) -> Answer:
    match error:
        case Oversized() | Unreadable():
            return keys.said(400, "invalid_request", f"These events cannot be read: {error}.")
        case Missing() | Full() | OSError():
            return keys.said(503, *later(error))
        case _:
            return keys.refuse(error)


_ANSWERS = (202, 400, 401, 503)

DOORS = (
    Door(
        "POST",
        "/bulk",
        "postEvents",
        "Events of server-side SDKs: durable before they are acknowledged.",
        bulk,
        refuse,
        _ANSWERS,
        EVENT_BODY_BYTES_MAX,
    ),
    Door(
        "POST",
        "/diagnostic",
        "postDiagnostic",
        "What SDKs say of themselves: taken, counted, not kept.",
        diagnostic,
        refuse,
        _ANSWERS,
        EVENT_BODY_BYTES_MAX,
    ),
)
