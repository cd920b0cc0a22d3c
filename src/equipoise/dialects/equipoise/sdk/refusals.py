"""What our SDK is told when something is wrong: 503 for whatever may pass."""

import msgspec

from equipoise.application.answers import Answer
from equipoise.application.lake import Full
from equipoise.application.serving import NotReady
from equipoise.dialects.equipoise.documents import Error
from equipoise.dialects.equipoise.errors import refuse as refuse_request
from equipoise.domain.errors import DomainError, Unknown
from equipoise.translation.errors import TransportError

RETRY_AFTER_SECONDS = 1


def refuse(error: Exception) -> Answer:
    """What is not expected here is raised again; it comes back as a Fault."""
    match error:
        case Unknown():
            return _said(401, "unauthorized", "This is no server-side SDK key of any environment here.")
        case NotReady():
            return _said(503, "not_ready", f"Try again in a moment: {error}.")
        case Full():
            return _said(503, "busy", f"Events are not taken just now: {error}.")
        case OSError():
            return _said(503, "busy", f"Events cannot be stored just now: {error.strerror}.")
        case DomainError() | TransportError():
            return refuse_request(error)
        case _:
            raise error


def _said(status: int, code: str, message: str) -> Answer:
    later = (("Retry-After", str(RETRY_AFTER_SECONDS)),) if status == 503 else ()
    return Answer(status, msgspec.json.encode(Error(code, message)), (("Cache-Control", "no-store"), *later))
