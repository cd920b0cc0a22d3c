"""What goes wrong, as our own interface says it."""

import msgspec
from msgspec import UNSET

from equipoise.application.answers import Answer
from equipoise.dialects.equipoise.documents import Error, Violated
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

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    Invalid: (400, "invalid"),
    Exceeded: (400, "limit_exceeded"),
    Undefined: (400, "undefined"),
    Unreadable: (400, "unreadable"),
    Unknown: (401, "unauthorized"),
    Forbidden: (403, "forbidden"),
    Missing: (404, "not_found"),
    NoRoute: (404, "not_found"),
    NoMethod: (405, "method_not_allowed"),
    Refused: (409, "refused"),
    Conflict: (409, "conflict"),
    Held: (409, "held"),
    Stale: (412, "stale"),
    Oversized: (413, "too_large"),
    Reused: (422, "idempotency_key_reused"),
    PatchFailed: (422, "patch_failed"),
    Hurried: (429, "rate_limited"),
    Fault: (500, "internal_error"),
}


def refuse(error: DomainError | TransportError) -> Answer:
    """The answer to what went wrong."""
    status, code = ANSWERS[type(error)]
    violations = error.violations if isinstance(error, Invalid) else ()
    document = Error(
        code=code,
        message=encodable(str(error)),
        violations=[Violated(encodable(each.where), encodable(each.rule)) for each in violations] or UNSET,
        reference=error.reference if isinstance(error, Fault) else UNSET,
    )
    return Answer(status, msgspec.json.encode(document), headers(error))
