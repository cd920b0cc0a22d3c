"""The doors of browsers and phones: what flags serve a context, and streams that say when to ask again.

A browser names its environment in the path, by an id that is no secret; a phone by its mobile key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from urllib.parse import parse_qs

from equipoise.application.answers import Answer
from equipoise.application.serving import Key
from equipoise.application.vouching import vouched
from equipoise.delivery import sse
from equipoise.dialects.launchdarkly.sdk import evaluated
from equipoise.dialects.launchdarkly.sdk.audiences import BROWSERS, PHONES, Audience
from equipoise.dialects.launchdarkly.sdk.contexts import in_body, in_path
from equipoise.dialects.launchdarkly.sdk.cors import CORS
from equipoise.dialects.launchdarkly.sdk.doors import not_spoken
from equipoise.dialects.launchdarkly.sdk.keys import Unvouched, environment_of, refuse_client
from equipoise.domain.environment.state import Environment
from equipoise.domain.limits import CONTEXT_BYTES_MAX
from equipoise.evaluation.context import Context
from equipoise.translation.doors import Door, Stream, Visit

AT_ONCE_FLAGS_MAX = 200  # evaluating more than that would keep others waiting for milliseconds
_HEADERS = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))
_NO_GOALS = Answer(200, b"[]", _HEADERS)

Reading = Callable[[Visit], Awaitable[Context]]


async def values(audience: Audience, reading: Reading, visit: Visit) -> Answer:
    """What every flag that is available serves a context, as of now: whoever heard of a change from another
    process finds it here."""
    id = await environment_of(audience.key, visit)
    context = await reading(visit)
    _vouched(audience, (await visit.feed.snapshot(id)).environment, context, visit)
    live = await visit.feed.live(id)
    reasons = _query(visit, "withReasons") == "true"
    write = partial(evaluated.document, live, audience.key, context, reasons)
    few = len(live.snapshot.flags) <= AT_ONCE_FLAGS_MAX
    return Answer(200, write() if few else await asyncio.to_thread(write), _HEADERS)


async def stream(audience: Audience, reading: Reading, visit: Visit) -> Stream:
    """Tells a context when to ask again."""
    id = await environment_of(audience.key, visit)
    context = await reading(visit)
    _vouched(audience, (await visit.feed.snapshot(id)).environment, context, visit)
    return Stream(200, visit.feed.listen(id, audience.stream), sse.HEADERS)


async def pings(audience: Audience, visit: Visit) -> Stream:
    """The same for anyone."""
    id = await environment_of(audience.key, visit)
    await visit.feed.snapshot(id)
    return Stream(200, visit.feed.listen(id, audience.stream), sse.HEADERS)


async def goals(visit: Visit) -> Answer:
    """Clicks and page views that count: none, since what counts is tracked by its name."""
    await environment_of(Key.CLIENT, visit)
    return _NO_GOALS


def _vouched(audience: Audience, environment: Environment, context: Context, visit: Visit) -> None:
    """Nothing, where the page may ask for this context. raises Unvouched"""
    if not vouched(environment, audience.key, context, visit.fits, _query(visit, "h")):
        raise Unvouched


def _query(visit: Visit, name: str) -> str:
    """The first value of a name; "" for none."""
    return parse_qs(visit.query).get(name, [""])[0]


Enter = Callable[[Visit], Awaitable[Answer | Stream]]
_VALUES = "what each flag that is available to them serves a context."
_STREAM = "a stream that says when to ask again for what flags serve."


def _door(audience: Audience, method: str, path: str, operation: str, about: str, enter: Enter) -> Door:
    browser = audience is BROWSERS
    return Door(
        method,
        path,
        operation,
        f"{'Browsers' if browser else 'Phones'}: {about}",
        enter,
        refuse_client,
        (200, 400, 404 if browser else 401, 413, 503),
        CONTEXT_BYTES_MAX if method == "REPORT" else 0,
        CORS if browser else (),
    )


def _values(audience: Audience, base: str, named: str) -> Iterator[Door]:
    """A context by either name: what was a user once is a context of kind user."""
    for name in ("context", "user"):
        operation = f"{named}{name.capitalize()}"
        in_the_path, in_the_body = (partial(values, audience, reading) for reading in (in_path, in_body))
        yield _door(audience, "GET", f"{base}/{name}s/{{context}}", f"get{operation}", _VALUES, in_the_path)
        yield _door(audience, "REPORT", f"{base}/{name}", f"report{operation}", _VALUES, in_the_body)


def _streams(audience: Audience, base: str, ping: str, named: str) -> Iterator[Door]:
    in_the_path, in_the_body = (partial(stream, audience, reading) for reading in (in_path, in_body))
    yield _door(audience, "GET", f"{base}/{{context}}", f"stream{named}", _STREAM, in_the_path)
    yield _door(audience, "REPORT", base, f"reportStream{named}", _STREAM, in_the_body)
    yield _door(audience, "GET", ping, f"ping{named}", _STREAM, partial(pings, audience))


def _newer(method: str, path: str, operation: str) -> Door:
    about = "Sends browsers and phones of the newer protocol to the paths above."
    return Door(method, path, operation, about, not_spoken, refuse_client, (404,), CONTEXT_BYTES_MAX, CORS)


DOORS = (
    *_values(BROWSERS, "/sdk/evalx/{envId}", "Browser"),
    *_streams(BROWSERS, "/eval/{envId}", "/ping/{envId}", "Browser"),
    _door(
        BROWSERS, "GET", "/sdk/goals/{envId}", "getGoals", "clicks and page views that count: none.", goals
    ),
    *_values(PHONES, "/msdk/evalx", "Phone"),
    *_streams(PHONES, "/meval", "/mping", "Phone"),
    _newer("GET", "/sdk/poll/eval/{context}", "pollNewerContext"),
    _newer("POST", "/sdk/poll/eval", "pollNewerReported"),
    _newer("GET", "/sdk/stream/eval/{context}", "streamNewerContext"),
    _newer("POST", "/sdk/stream/eval", "streamNewerReported"),
)
