"""Which environment an SDK speaks for, and what it is told when something is wrong."""

from collections.abc import Mapping

import msgspec

from equipoise.application.answers import Answer
from equipoise.application.serving import Feed, NotReady
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import Id
from equipoise.translation.errors import Fault

RETRY_AFTER_SECONDS = 1
_PLAIN = (("Content-Type", "application/json"), ("Cache-Control", "no-store"))


async def environment(feed: Feed, headers: Mapping[str, str]) -> Id:
    """The environment whose key stands bare in Authorization. raises Unknown, NotReady"""
    key = headers.get("authorization", "").strip()
    if not key:  # an SDK blanks a key with a character that it does not expect
        raise Unknown
    return await feed.environment(key)


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
        case NotReady():
            return said(503, "not_ready", f"Try again in a moment: {error}.")
        case Fault():
            return said(500, "internal_error", str(error))
        case _:
            raise error


def said(status: int, code: str, message: str) -> Answer:
    """A refusal, with when to come again where that helps."""
    body = msgspec.json.encode({"code": code, "message": message})
    later = (("Retry-After", str(RETRY_AFTER_SECONDS)),) if status == 503 else ()
    return Answer(status, body, (*_PLAIN, *later))
