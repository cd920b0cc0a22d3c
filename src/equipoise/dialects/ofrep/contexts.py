"""Contexts of the protocol as those of evaluation, and what is wrong with those that are none."""

from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.dialects.ofrep.documents import Request
from equipoise.dialects.ofrep.errors import INVALID_CONTEXT, NO_TARGETING_KEY, PARSE_ERROR, Unfit
from equipoise.domain.limits import BODY_NESTING_MAX
from equipoise.evaluation.context import Context
from equipoise.evaluation.targeting import Untargeted, targeted
from equipoise.translation.decode import readable

_decode = msgspec.json.Decoder(Request).decode

GZIP_MAGIC = b"\x1f\x8b"
PACKED = "the body is packed; contexts come as they are, without Content-Encoding"

Parts = Mapping[str, Mapping[str, Any]]


def asked_for(body: bytes) -> Context:
    """The context of a request. raises Unreadable, Unfit"""
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > BODY_NESTING_MAX:
        readable(body)  # of anything else the decoder finds all faults by itself
    try:
        said = _decode(body).context
    except msgspec.ValidationError as error:
        raise Unfit(INVALID_CONTEXT, f"the body is no evaluation request: {error}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        why = PACKED if body.startswith(GZIP_MAGIC) else f"the body is not JSON: {error}"
        raise Unfit(PARSE_ERROR, why) from None
    return _targeted(said)


def parts(said: dict[str, Any]) -> Parts:
    """Kind → attributes, with `key`, `kind` and `anonymous` among them; what is said is used up.

    raises  Unfit
    """
    return _targeted(said).parts


def _targeted(said: dict[str, Any]) -> Context:
    try:
        return targeted(said)
    except Untargeted as error:
        raise Unfit(NO_TARGETING_KEY if error.keyless else INVALID_CONTEXT, str(error)) from None
