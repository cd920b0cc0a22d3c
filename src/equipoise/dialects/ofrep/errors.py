"""What goes wrong, as the protocol says it: a code that clients know, and why."""

import msgspec
from msgspec import UNSET, UnsetType

from equipoise.application.answers import Answer
from equipoise.application.lake import Full
from equipoise.application.serving import NotReady
from equipoise.dialects.ofrep.documents import Failure
from equipoise.domain.errors import (
    Conflict,
    DomainError,
    Exceeded,
    Forbidden,
    Held,
    Invalid,
    Missing,
    Refused,
    Reused,
    Stale,
    Undefined,
    Unknown,
)
from equipoise.translation.errors import (
    Fault,
    Hurried,
    NoMethod,
    NoRoute,
    Oversized,
    TransportError,
    Unreadable,
    encodable,
    headers,
)
from equipoise.translation.intake import later, retry_after
from equipoise.translation.intents import PatchFailed

PARSE_ERROR = "PARSE_ERROR"
NO_TARGETING_KEY = "TARGETING_KEY_MISSING"
INVALID_CONTEXT = "INVALID_CONTEXT"
FLAG_NOT_FOUND = "FLAG_NOT_FOUND"
GENERAL = "GENERAL"

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    Invalid: (400, PARSE_ERROR),
    Exceeded: (400, GENERAL),
    Undefined: (400, GENERAL),
    Unreadable: (400, PARSE_ERROR),
    Unknown: (401, GENERAL),
    Forbidden: (403, GENERAL),
    Missing: (404, GENERAL),
    NoRoute: (404, FLAG_NOT_FOUND),
    NoMethod: (405, GENERAL),
    Refused: (409, GENERAL),
    Conflict: (409, GENERAL),
    Held: (409, GENERAL),
    Stale: (412, GENERAL),
    Oversized: (413, GENERAL),
    Reused: (422, GENERAL),
    PatchFailed: (422, GENERAL),
    Hurried: (429, GENERAL),
    Fault: (500, GENERAL),
}


class Unfit(Exception):
    """The request can be read, and holds no context that anything is decided for."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        super().__init__(why)


class Unvouched(Exception):
    """The environment is in secure mode, and nobody who has its SDK key vouched for this context."""


def failed(status: int, code: str, why: str, key: str | None = None) -> Answer:
    """A refusal. The key is that of the flag which was asked for."""
    said: str | UnsetType = UNSET if key is None else encodable(key)
    document = Failure(code, encodable(why), said)
    return Answer(
        status, msgspec.json.encode(document), (("Cache-Control", "no-store"), *retry_after(status))
    )


def refuse(error: DomainError | TransportError, key: str | None = None) -> Answer:
    """The answer to what went wrong, of those kinds that every surface knows."""
    status, code = ANSWERS[type(error)]
    answer = failed(status, code, str(error), key)
    return msgspec.structs.replace(answer, headers=(*answer.headers, *headers(error)))


def refuse_at_door(error: Exception, key: str | None = None) -> Answer:
    """The same for whoever comes with an SDK key; what is not expected here is raised again."""
    match error:
        case Unfit():
            return failed(400, error.code, str(error), key)
        case Unvouched():
            return failed(403, GENERAL, "In secure mode a context comes with its hash.", key)
        case Unknown():
            return failed(401, GENERAL, "This is no key of any environment here.")
        case NotReady() | Missing() | Full() | OSError():
            _, why = later(error)
            return failed(503, GENERAL, why, key)
        case DomainError() | TransportError():
            return refuse(error, key)
        case _:
            raise error
