"""Which environment an SDK speaks for, and what it is told when something is wrong."""

from collections.abc import Mapping

import msgspec

from equipoise.application.answers import Answer
from equipoise.application.serving import Feed, Key, NotReady
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import Id
from equipoise.translation.doors import Visit
from equipoise.translation.errors import Fault, Oversized, Unreadable
from equipoise.translation.intake import later, retry_after

SCHEME = "api_key "  # SDKs of phones say it before the key
NO_MOBILE_KEY = "This is no mobile key of any environment here."
NO_CLIENT_ID = "This is no client-side id of any environment here."
_PLAIN = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


async def environment(feed: Feed, headers: Mapping[str, str]) -> Id:
    """The environment whose key stands bare in Authorization. raises Unknown, NotReady"""
    key = headers.get("authorization", "").strip()
    if not key:  # an SDK blanks a key with a character that it does not expect
        raise Unknown
    return await feed.environment(key)


async def environment_of(kind: Key, visit: Visit) -> Id:
    """The environment that a browser or a phone names. raises Unknown, Missing, NotReady"""
    if kind is Key.MOBILE:
        key = visit.headers.get("authorization", "").strip()
        return await visit.feed.environment(key.removeprefix(SCHEME).strip(), kind)
    id = visit.path["envId"]
    try:
        return await visit.feed.environment(id, kind)
    except Unknown:
        raise Missing("environment", id) from None


class Unvouched(Exception):
    """The environment is in secure mode, and nobody who has its SDK key vouched for this context."""


def environment_header(environment: Id) -> tuple[str, str]:
    return ("X-LD-EnvID", environment)


def refuse(error: Exception) -> Answer:
    """401 stops some SDKs for good, so it is for a key that is nobody's; whatever may pass is 503.

    What is not expected here is raised again; it comes back as a Fault.
    """
    match error:
        case Unknown():
            return said(401, "unauthorized", "This is no server-side SDK key of any environment here.")
        case Missing():
            return said(404, "not_found", str(error))
        case Unreadable():
            return said(400, "invalid_request", f"This cannot be read: {error}.")
        case NotReady():
            return said(503, *later(error))
        case Fault():
            return said(500, "internal_error", str(error))
        case _:
            raise error


def refuse_client(error: Exception) -> Answer:
    """The same for browsers and phones, who ask again after 400 and 503, and not after 401, 404 and 413."""
    match error:
        case Unknown():
            return said(401, "unauthorized", NO_MOBILE_KEY)
        case Unreadable():
            return said(400, "invalid_request", f"This is no context: {error}.")
        case Oversized():
            return said(413, "request_too_large", f"A context has at most {error.most} bytes.")
        case Unvouched():
            return said(400, "invalid_request", "In secure mode a context comes with its hash.")
        case _:
            return refuse(error)


def said(status: int, code: str, message: str) -> Answer:
    """A refusal, with when to come again where that helps."""
    body = msgspec.json.encode({"code": code, "message": message})
    return Answer(status, body, (*_PLAIN, *retry_after(status)))
