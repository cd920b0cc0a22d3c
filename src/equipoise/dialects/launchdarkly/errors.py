"""What goes wrong, as LaunchDarkly says it."""

import msgspec
from msgspec import UNSET

from equipoise.application.answers import Answer
from equipoise.dialects.launchdarkly.documents import Error, Violated
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
)
from equipoise.translation.intents import PatchFailed

ANSWERS: dict[type[Exception], tuple[int, str]] = {
    Invalid: (400, "invalid_request"),
    Refused: (400, "invalid_request"),
    Exceeded: (400, "invalid_request"),
    Undefined: (400, "invalid_request"),
    Unreadable: (400, "invalid_request"),
    Unknown: (401, "unauthorized"),
    Forbidden: (403, "forbidden"),
    Missing: (404, "not_found"),
    NoRoute: (404, "not_found"),
    NoMethod: (405, "method_not_allowed"),
    Conflict: (409, "optimistic_locking_error"),
    Held: (409, "conflict"),
    Stale: (412, "precondition_failed"),
    Oversized: (413, "request_too_large"),
    Reused: (422, "idempotency_key_reused"),
    PatchFailed: (422, "patch_failed"),
    Hurried: (429, "rate_limited"),
    Fault: (500, "internal_error"),
}
_SAID = {Unknown: "Invalid access token", Missing: "Invalid resource identifier"}


def refuse(error: DomainError | TransportError) -> Answer:
    """The answer to what went wrong."""
    status, code = ANSWERS[type(error)]
    document = Error(
        code=code,
        message=_message(error),
        id=error.reference if isinstance(error, Fault) else UNSET,
        errors=_violated(error) if isinstance(error, Invalid) else UNSET,
    )
    return Answer(status, msgspec.json.encode(document), _headers(error))


def _message(error: DomainError | TransportError) -> str:
    general = _SAID.get(type(error))
    if general is None:
        return encodable(str(error))
    return general if isinstance(error, Unknown) else encodable(f"{general}: {error}")


def _violated(error: Invalid) -> list[Violated]:
    return [Violated(encodable(each.where), encodable(each.rule)) for each in error.violations]


def _headers(error: DomainError | TransportError) -> tuple[tuple[str, str], ...]:
    if isinstance(error, NoMethod):
        return (("Allow", ", ".join(error.allowed)),)
    return ()
