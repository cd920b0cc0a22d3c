"""The doors for events of browsers and phones. Whoever has the page or the application can send them, so a
body has less room here than one that comes with an SDK key."""

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qs

from equipoise.application.answers import Answer
from equipoise.application.serving import Key
from equipoise.dialects.launchdarkly.sdk.contexts import unpacked
from equipoise.dialects.launchdarkly.sdk.cors import CORS
from equipoise.dialects.launchdarkly.sdk.ingest_doors import ACCEPTED, SENDER, refuse
from equipoise.dialects.launchdarkly.sdk.keys import NO_CLIENT_ID, NO_MOBILE_KEY, environment_of, said
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.limits import CLIENT_EVENT_BODY_BYTES_MAX, CLIENT_EVENT_BODY_UNPACKED_BYTES_MAX
from equipoise.translation.doors import Door, Visit
from equipoise.translation.intake import take

GIF = ".gif"
_PIXEL = bytes.fromhex(  # one by one, and nothing to be seen
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_SHOWN = Answer(200, _PIXEL, (("Content-Type", "image/gif"), ("Cache-Control", "no-store")))


async def bulk(key: Key, visit: Visit) -> Answer:
    environment = await environment_of(key, visit)
    await take(visit, SENDER, environment, await visit.body(), CLIENT_EVENT_BODY_UNPACKED_BYTES_MAX, key)
    return ACCEPTED


async def diagnostic(key: Key, visit: Visit) -> Answer:
    await environment_of(key, visit)
    await visit.body()
    return ACCEPTED


async def pixel(visit: Visit) -> Answer:
    """For pages that cannot send anything but a request for an image."""
    id, found, _ = visit.path["image"].rpartition(GIF)
    environment = await visit.feed.environment(id if found else "", Key.CLIENT)
    packed = parse_qs(visit.query).get("d", [""])[0]
    body = unpacked(packed, CLIENT_EVENT_BODY_BYTES_MAX)
    await take(visit, SENDER, environment, body, CLIENT_EVENT_BODY_UNPACKED_BYTES_MAX, Key.CLIENT)
    return _SHOWN


def refuse_browser(error: Exception) -> Answer:
    match error:
        case Unknown() | Missing():
            return said(404, "not_found", NO_CLIENT_ID)
        case _:
            return refuse(error)


def refuse_phone(error: Exception) -> Answer:
    match error:
        case Unknown():
            return said(401, "unauthorized", NO_MOBILE_KEY)
        case _:
            return refuse(error)


def _phone(path: str, operation: str, about: str, enter: Callable[[Key, Visit], Awaitable[Answer]]) -> Door:
    entering = partial(enter, Key.MOBILE)
    return Door("POST", path, operation, about, entering, refuse_phone, (202, 400, 401, 503), _MOST)


def _browser(path: str, operation: str, about: str, enter: Callable[[Key, Visit], Awaitable[Answer]]) -> Door:
    entering = partial(enter, Key.CLIENT)
    return Door("POST", path, operation, about, entering, refuse_browser, (202, 400, 404, 503), _MOST, CORS)


_MOST = CLIENT_EVENT_BODY_BYTES_MAX
_TAKEN = "durable before they are acknowledged."
_NOT_KEPT = "say of themselves: taken, counted, not kept."

DOORS = (
    _browser("/events/bulk/{envId}", "postBrowserEvents", f"Events of browsers: {_TAKEN}", bulk),
    _browser("/events/diagnostic/{envId}", "postBrowserDiagnostic", f"What browsers {_NOT_KEPT}", diagnostic),
    Door(
        "GET",
        "/a/{image}",
        "getPixel",
        "The same events in the query, as `?d=BASE64`; the image is the client-side id and `.gif`.",
        pixel,
        refuse_browser,
        (200, 400, 404, 503),
        cors=CORS,
    ),
    *(
        _phone(path, f"postPhoneEvents{number}", f"Events of phones: {_TAKEN}", bulk)
        for number, path in enumerate(("/mobile/events/bulk", "/mobile/events", "/mobile"))
    ),
    _phone("/mobile/events/diagnostic", "postPhoneDiagnostic", f"What phones {_NOT_KEPT}", diagnostic),
)
