"""What our SDK is told when something is wrong: 503 for whatever may pass."""

import msgspec

from equipoise.application.answers import Answer
from equipoise.application.lake import Full
from equipoise.application.serving import NotReady
from equipoise.dialects.equipoise.documents import Error
from equipoise.dialects.equipoise.errors import refuse as refuse_request
from equipoise.domain.errors import DomainError, Unknown
from equipoise.translation.errors import TransportError
from equipoise.translation.intake import later, retry_after


def refuse(error: Exception) -> Answer:
    """What is not expected here is raised again; it comes back as a Fault."""
    match error:
        case Unknown():
            return _said(401, "unauthorized", "This is no server-side SDK key of any environment here.")
        case NotReady() | Full() | OSError():
            return _said(503, *later(error))
        case DomainError() | TransportError():
            return refuse_request(error)
        case _:
            raise error


def _said(status: int, code: str, message: str) -> Answer:
    headers = (("Cache-Control", "no-store"), *retry_after(status))
    return Answer(status, msgspec.json.encode(Error(code, message)), headers)
