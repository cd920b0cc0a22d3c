"""What goes wrong, as Vercel says it."""

import msgspec
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.dialects.vercel.documents import Error, Limit, Said
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
    Violation,
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
from equipoise.translation.intents import PatchFailed


class Declined(DomainError):
    """What this surface refuses by a code of its own."""

    def __init__(self, message: str, code: str, status: int) -> None:
        self.code, self.status = code, status
        super().__init__(message)


ANSWERS: dict[type[Exception], tuple[int, str]] = {
    Invalid: (400, "bad_request"),
    Exceeded: (400, "bad_request"),
    Undefined: (400, "bad_request"),
    Unreadable: (400, "bad_request"),
    Unknown: (401, "forbidden"),
    Forbidden: (403, "forbidden"),
    Missing: (404, "not_found"),
    NoRoute: (404, "not_found"),
    NoMethod: (405, "method_unknown"),
    Refused: (409, "conflict"),
    Conflict: (409, "conflict"),
    Held: (409, "conflict"),
    Stale: (412, "precondition_failed"),
    Oversized: (413, "payload_too_large"),
    Reused: (422, "idempotency_key_reused"),
    PatchFailed: (422, "patch_failed"),
    Hurried: (429, "rate_limited"),
    Fault: (500, "internal_server_error"),
}


def refuse(error: DomainError | TransportError) -> Answer:
    """The answer to what went wrong."""
    status, code = (error.status, error.code) if isinstance(error, Declined) else ANSWERS[type(error)]
    document = Error(_said(error, code))
    return Answer(status, msgspec.json.encode(document), headers(error))


def _said(error: DomainError | TransportError, code: str) -> Said:
    said = Said(code, encodable(_message(error)))
    match error:
        case Unknown(presented=True):
            return replace(said, invalidToken=True)
        case Unknown():
            return replace(said, missingToken=True)
        case Hurried():
            window = Limit(0, error.reset_at // 1_000, error.reset_at, error.total)
            return replace(said, limit=window)
    return said


def _message(error: DomainError | TransportError) -> str:
    match error:
        case Unknown(presented=True):
            return "Not authorized"
        case Unknown():
            return "The request is missing an authentication token"
        case Forbidden():
            return "You do not have permission to access this resource."
        case Missing():
            return f"The {error.noun} does not exist."
        case Stale():
            return "What is there is not what you last read; read it again, and send the ETag of that."
        case NoRoute():
            return "There is no such endpoint."
        case Invalid():
            found = (Violation(each.where, each.rule) for each in error.violations)
            return (
                f"Invalid request: {Invalid(*found)}."  # what was found may be a secret, wherever it stands
            )
    return str(error)
