"""What goes wrong, as Auth0 says it."""

from http import HTTPStatus

import msgspec

from equipoise.application.answers import Answer
from equipoise.dialects.auth0.documents import Error
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
from equipoise.translation.intents import PatchFailed

SCOPES = {  # our acts → their scopes
    "read": "read:experimentation",
    "create": "create:experimentation",
    "change": "update:experimentation",
    "delete": "delete:experimentation",
}


class Declined(DomainError):
    """What this surface refuses by a code of its own."""

    def __init__(self, message: str, code: str, status: int = 400) -> None:
        self.code, self.status = code, status
        super().__init__(message)


ANSWERS: dict[type[Exception], tuple[int, str]] = {
    Invalid: (400, "invalid_request"),
    Refused: (400, "operation_not_allowed"),
    Exceeded: (400, "limit_exceeded"),
    Undefined: (400, "invalid_request"),
    Unreadable: (400, "invalid_body"),
    Unknown: (401, "invalid_token"),
    Forbidden: (403, "insufficient_scope"),
    Missing: (404, "not_found"),
    NoRoute: (404, "not_found"),
    NoMethod: (405, "method_not_allowed"),
    Conflict: (409, "conflict"),
    Held: (409, "conflict"),
    Stale: (412, "precondition_failed"),
    Oversized: (413, "payload_too_large"),
    Reused: (422, "idempotency_key_reused"),
    PatchFailed: (422, "patch_failed"),
    Hurried: (429, "too_many_requests"),
    Fault: (500, "internal_error"),
}


def refuse(error: DomainError | TransportError) -> Answer:
    """The answer to what went wrong."""
    status, code = _answer(error)
    document = Error(status, HTTPStatus(status).phrase, encodable(_message(error)), code)
    return Answer(status, msgspec.json.encode(document), headers(error))


def _answer(error: DomainError | TransportError) -> tuple[int, str]:
    if isinstance(error, Declined):
        return error.status, error.code
    status, code = ANSWERS[type(error)]
    if isinstance(error, Missing):
        return status, f"inexistent_{error.noun.replace(' ', '_')}"
    return status, code


def _message(error: DomainError | TransportError) -> str:
    match error:
        case Unknown():
            return "Invalid token"
        case Missing():
            return f"The {error.noun} does not exist."
        case Forbidden() if error.action in SCOPES:
            return f"Insufficient scope, expected any of: {SCOPES[error.action]} ({error})"
        case Stale():
            return "What is there is not what you last read; read it again, and send the ETag of that."
        case NoRoute():
            return "There is no such endpoint."
        case Invalid():
            return f"Payload validation error: {error}"
    return str(error)
