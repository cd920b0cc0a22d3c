"""The doors of evaluation: one flag, all of them, and the stream that says when to ask again."""

from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from hashlib import sha256
from urllib.parse import parse_qs, quote

import msgspec

from equipoise.application.answers import Answer, has_already
from equipoise.application.availability import available, concerns
from equipoise.application.serving import Framing, Key, Live, Update
from equipoise.application.vouching import vouched
from equipoise.delivery import sse
from equipoise.dialects.ofrep.contexts import asked_for
from equipoise.dialects.ofrep.errors import Unvouched, refuse_at_door
from equipoise.dialects.ofrep.exposing import expose
from equipoise.dialects.ofrep.keys import environment, live_at_once
from equipoise.dialects.ofrep.render import HEADERS, Showing, Showings, not_found, tag_of
from equipoise.domain.identity import Id
from equipoise.domain.limits import EVALUATION_BODY_BYTES_MAX
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.context import Context
from equipoise.evaluation.decision import Decision, Recorder
from equipoise.translation.doors import Door, Stream, Visit
from equipoise.translation.wire import Ready, ready, with_headers

INACTIVITY_SECONDS = 120  # how long a page may be hidden before it lets go of its stream
AT_ONCE_MAX = 200  # flags; after so many, others have a turn
STREAMS = "/ofrep/v1/streams"
HASH = "x-equipoise-hash"
_encode = msgspec.json.Encoder().encode
_showings = Showings()
_UNCHANGED = ready(Answer(304, headers=HEADERS[1:]))

Headers = tuple[tuple[str, str], ...]


async def evaluate(visit: Visit) -> Answer | Ready:
    """One flag. Where it is under experiment, being asked is being exposed."""
    try:
        id, kind = await environment(visit.feed, visit.headers)
        live = await visit.feed.live(id)
        return _evaluated(visit, kind, live, await visit.body())
    except Exception as error:
        return refuse_at_door(error, visit.path["key"])


def evaluate_at_once(visit: Visit, body: bytes) -> Answer | Ready | None:
    """The same, where the environment is known and ready."""
    known = live_at_once(visit.feed, visit.headers)
    if known is None:
        return None
    live, kind = known
    try:
        return _evaluated(visit, kind, live, body)
    except Exception as error:
        return refuse_at_door(error, visit.path["key"])


def _evaluated(visit: Visit, kind: Key, live: Live, body: bytes) -> Answer | Ready:
    """raises what `refuse_at_door` knows"""
    key, context = visit.path["key"], asked_for(body)
    _vouched(visit, kind, live, context)
    served = live.snapshot.flags.get(key)
    if served is None or not available(served.flag, kind):
        return not_found(key)
    if served.targeting.prerequisites:
        record = _seeing(partial(_exposed, visit, live, context), live.snapshot, kind)
        decision = live.machine.decide(key, context, record=record)
    else:
        decision = live.machine.decide(key, context)
    if decision.reason.in_experiment:
        _exposed(visit, live, context, key, decision)
    return _showings.of(live).answer(key, decision)


def _exposed(visit: Visit, live: Live, context: Context, key: str, decision: Decision) -> None:
    expose(visit.outlets.exposures, live.snapshot.environment.id, context.parts, key, decision)


def _vouched(visit: Visit, kind: Key, live: Live, context: Context) -> None:
    """Nothing, where such a key may ask for this context. raises Unvouched"""
    if kind is not Key.CLIENT:
        return
    said = visit.headers.get(HASH, "") or _query(visit, "h")
    if not vouched(live.snapshot.environment, kind, context, visit.fits, said):
        raise Unvouched


def _query(visit: Visit, name: str) -> str:
    """The last value of a name; "" for none."""
    return parse_qs(visit.query).get(name, [""])[-1] if visit.query else ""


def _seeing(see: Callable[[str, Decision], None], snapshot: Snapshot, kind: Key) -> Recorder:
    """Sees the flags that were needed first, where they are under experiment themselves and available."""

    def record(needed: str, decision: Decision, _: str) -> None:
        if decision.reason.in_experiment and available(snapshot.flags[needed].flag, kind):
            see(needed, decision)

    return record


async def evaluate_all(visit: Visit) -> Answer | Ready:
    """All flags, for clients that keep them: nobody has seen any yet, so nobody is exposed."""
    id, kind = await environment(visit.feed, visit.headers)
    showing = _showings.of(await visit.feed.live(id))
    known = _query(visit, "flagConfigEtag")
    if known and known != showing.tag(kind):  # another process told of a change before this one heard
        await visit.feed.snapshot(id)
        showing = _showings.of(await visit.feed.live(id))
    context, headers = _begun(visit, kind, showing, await visit.body())
    if context is None:
        return with_headers(_UNCHANGED, headers[-1:])
    said = []
    for count, answer in enumerate(_decided(showing, kind, context), 1):
        said.append(answer)
        if not count % AT_ONCE_MAX:
            await sleep(0)
    return Answer(200, _written(said, kind, id), headers)


def evaluate_all_at_once(visit: Visit, body: bytes) -> Answer | Ready | None:
    """The same, where the environment is known and ready, and not so large that others would wait."""
    known = live_at_once(visit.feed, visit.headers)
    if known is None or len(known[0].snapshot.flags) > AT_ONCE_MAX:
        return None
    live, kind = known
    showing = _showings.of(live)
    context, headers = _begun(visit, kind, showing, body)
    if context is None:
        return with_headers(_UNCHANGED, headers[-1:])
    said = _decided(showing, kind, context)
    return Answer(200, _written(said, kind, live.snapshot.environment.id), headers)


def _begun(visit: Visit, kind: Key, showing: Showing, body: bytes) -> tuple[Context | None, Headers]:
    """Whom all flags are asked for, None for who has the answer already, and what the answer says of itself.
    raises what `refuse_at_door` knows"""
    tag = f'"{sha256(f"{showing.tag(kind)}.{kind}.".encode() + body).hexdigest()[:32]}"'
    headers, known = (*HEADERS, ("ETag", tag)), visit.headers.get("if-none-match", "")
    if tag in known and kind is not Key.CLIENT:  # this very body was read before
        return None, headers
    context = asked_for(body)
    _vouched(visit, kind, showing.live, context)
    return (None if has_already(tag, known) else context), headers


def _decided(showing: Showing, kind: Key, context: Context) -> Iterator[bytes]:
    decide = showing.live.machine.decide
    return (showing.answer(key, decide(key, context)).body for key in showing.keys(kind))


def _written(said: Iterable[bytes], kind: Key, id: Id) -> bytes:
    return b'{"flags":[' + b",".join(said) + b'],"eventStreams":' + _encode(_streams(kind, id)) + b"}"


def _streams(kind: Key, id: Id) -> list[object]:
    """Whoever comes with an SDK key has none: what they see may not be told on a stream for anyone."""
    if kind is Key.SERVER:
        return []
    path = f"{STREAMS}/{quote(id, safe='')}"
    address = path if kind is Key.CLIENT else f"{path}?for={kind}"
    return [
        {"type": "sse", "endpoint": {"requestUri": address}, "inactivityDelaySec": INACTIVITY_SECONDS},
    ]


async def listen(visit: Visit) -> Stream:
    """Nothing but that something changed that is available to browsers, or to phones. It is named by the
    client-side id, which is no secret: a browser sends no header with it."""
    id = await visit.feed.environment(visit.path["environment"], Key.CLIENT)
    await visit.feed.snapshot(id)
    parts = visit.feed.listen(id, NOTICES[Key.MOBILE if _query(visit, "for") == Key.MOBILE else Key.CLIENT])
    return Stream(200, _since(parts, visit.headers.get("last-event-id", "")), sse.HEADERS)


async def _since(parts: AsyncIterator[bytes], known: str) -> AsyncIterator[bytes]:
    """Without the first notice where it is the last that the client heard."""
    heard = _notice_of(known)
    async for part in parts:
        yield sse.HEARTBEAT if part == heard else part
        heard = b""


def notice(kind: Key, snapshot: Snapshot) -> bytes:
    return _notice_of(tag_of(snapshot, kind))


def _notice_of(tag: str) -> bytes:
    said = _encode({"type": "refetchEvaluation", "etag": tag})
    return b"id: " + tag.encode() + b"\n" + sse.event("message", said)


def changed(kind: Key, update: Update) -> bytes:
    return notice(kind, update.snapshot) if concerns(update, kind) else b""


NOTICES = {
    kind: Framing(whole=partial(notice, kind), update=partial(changed, kind), heartbeat=sse.HEARTBEAT)
    for kind in (Key.CLIENT, Key.MOBILE)
}
_REFUSALS = (400, 401, 403, 413, 503)

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
        at_once=evaluate_at_once,
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
        at_once=evaluate_all_at_once,
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
