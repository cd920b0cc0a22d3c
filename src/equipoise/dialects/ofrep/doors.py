"""The doors of evaluation: one flag, all of them, and the stream that says when to ask again."""

from asyncio import sleep
from collections.abc import AsyncIterator, Callable
from functools import partial
from hashlib import sha256
from urllib.parse import parse_qs, quote

import msgspec

from equipoise.application.answers import Answer, has_already
from equipoise.application.serving import Framing, Key, Update
from equipoise.delivery import sse
from equipoise.dialects.ofrep.contexts import Parts, asked_for
from equipoise.dialects.ofrep.errors import refuse_at_door
from equipoise.dialects.ofrep.exposing import expose
from equipoise.dialects.ofrep.keys import environment, shown_to
from equipoise.dialects.ofrep.render import HEADERS, Showing, Showings, not_found, tag_of
from equipoise.domain.identity import Id
from equipoise.domain.limits import EVALUATION_BODY_BYTES_MAX
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision
from equipoise.evaluation.machine import Machine
from equipoise.translation.doors import Door, Stream, Visit
from equipoise.translation.wire import Ready

INACTIVITY_SECONDS = 120  # how long a page may be hidden before it lets go of its stream
AT_ONCE_MAX = 200  # flags; after so many, others have a turn
STREAMS = "/ofrep/v1/streams"
_encode = msgspec.json.Encoder().encode
_showings = Showings()


async def evaluate(visit: Visit) -> Answer | Ready:
    """One flag. Where it is under experiment, being asked is being exposed."""
    key = visit.path["key"]
    try:
        id, kind = await environment(visit.feed, visit.headers)
        live = await visit.feed.live(id)
        parts = asked_for(await visit.body()).parts
    except Exception as error:
        return refuse_at_door(error, key)
    served = live.snapshot.flags.get(key)
    if served is None or not shown_to(kind, served):
        return not_found(key)
    see = partial(expose, visit.outlets.exposures, id, parts)
    decision = _decided(live.machine, key, parts, see if served.targeting.prerequisites else None)
    if decision.reason.in_experiment:
        see(key, decision)
    return _showings.of(live).answer(key, decision)


def _decided(
    machine: Machine, key: str, parts: Parts, see: Callable[[str, Decision], None] | None
) -> Decision:
    """`see` is told of the flags that were needed first, where they are under experiment themselves."""
    if see is None:
        return machine.decide(key, Context(parts))

    def record(needed: str, decision: Decision, _: str) -> None:
        if decision.reason.in_experiment:
            see(needed, decision)

    return machine.decide(key, Context(parts), record=record)


async def evaluate_all(visit: Visit) -> Answer:
    """All flags, for clients that keep them: nobody has seen any yet, so nobody is exposed."""
    id, kind = await environment(visit.feed, visit.headers)
    showing = _showings.of(await visit.feed.live(id))
    known = parse_qs(visit.query).get("flagConfigEtag", [showing.tag])[-1]
    if known != showing.tag:  # another process told of a change before this one heard
        await visit.feed.snapshot(id)
        showing = _showings.of(await visit.feed.live(id))
    body = await visit.body()
    tag = f'"{sha256(f"{showing.tag}.{kind}.".encode() + body).hexdigest()[:32]}"'
    headers = (*HEADERS, ("ETag", tag))
    if has_already(tag, visit.headers.get("if-none-match", "")):
        return Answer(304, headers=headers[1:])
    return Answer(200, await _all(showing, kind, id, asked_for(body)), headers)


async def _all(showing: Showing, kind: Key, id: Id, context: Context) -> bytes:
    decide, said = showing.live.machine.decide, []
    for count, key in enumerate(showing.keys(kind), 1):
        said.append(showing.answer(key, decide(key, context)).body)
        if not count % AT_ONCE_MAX:
            await sleep(0)
    stream = {
        "type": "sse",
        "endpoint": {"requestUri": f"{STREAMS}/{quote(id, safe='')}"},
        "inactivityDelaySec": INACTIVITY_SECONDS,
    }
    return b'{"flags":[' + b",".join(said) + b'],"eventStreams":' + _encode([stream]) + b"}"


async def listen(visit: Visit) -> Stream:
    """Nothing but that something changed. It is named by the client-side id, which is no secret: a browser
    sends no header with it."""
    id = await visit.feed.environment(visit.path["environment"], Key.CLIENT)
    await visit.feed.snapshot(id)
    parts = visit.feed.listen(id, NOTICES)
    return Stream(200, _since(parts, visit.headers.get("last-event-id", "")), sse.HEADERS)


async def _since(parts: AsyncIterator[bytes], known: str) -> AsyncIterator[bytes]:
    """Without the first notice where it is the last that the client heard."""
    heard = _notice_of(known)
    async for part in parts:
        yield sse.HEARTBEAT if part == heard else part
        heard = b""


def notice(snapshot: Snapshot) -> bytes:
    return _notice_of(tag_of(snapshot))


def _notice_of(tag: str) -> bytes:
    said = _encode({"type": "refetchEvaluation", "etag": tag})
    return b"id: " + tag.encode() + b"\n" + sse.event("message", said)


def changed(update: Update) -> bytes:
    return notice(update.snapshot)


NOTICES = Framing(whole=notice, update=changed, heartbeat=sse.HEARTBEAT)
_REFUSALS = (400, 401, 413, 503)

DOORS = (
    Door(
        "POST",
        "/ofrep/v1/evaluate/flags/{key}",
        "evaluateFlag",
        "One flag for a context; inside an experiment, the unit is exposed.",
        evaluate,
        refuse_at_door,
        (200, 404, *_REFUSALS),
        EVALUATION_BODY_BYTES_MAX,
    ),
    Door(
        "POST",
        "/ofrep/v1/evaluate/flags",
        "evaluateFlagsBulk",
        "All flags for a context, for clients that keep them.",
        evaluate_all,
        refuse_at_door,
        (200, 304, *_REFUSALS),
        EVALUATION_BODY_BYTES_MAX,
    ),
    Door(
        "GET",
        f"{STREAMS}/{{environment}}",
        "streamNotices",
        "Says when to ask again; the environment is named by its client-side id.",
        listen,
        refuse_at_door,
        (200, 401, 503),
    ),
)
