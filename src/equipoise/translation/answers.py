"""Documents into answers."""

import msgspec
from msgspec import Struct

from equipoise.application.answers import Answer

_ENCODER = msgspec.json.Encoder()
GONE = Answer(204)
HIDDEN = "********"  # in the place of a secret that was shown once


def said(document: Struct, revision: int | None = None, status: int = 200) -> Answer:
    """A document as JSON; `revision` is the subject's, for its ETag."""
    return Answer(status, _ENCODER.encode(document), revision=revision)


def made(document: Struct, revision: int) -> Answer:
    return said(document, revision, 201)


def shown_once(document: Struct, redacted: Struct, revision: int | None, status: int = 201) -> Answer:
    """A document that holds a secret; a replay under the same idempotency key gets the redacted one."""
    answer = said(document, revision, status)
    return msgspec.structs.replace(answer, kept=_ENCODER.encode(redacted))
