"""Contexts of the protocol as those of evaluation: a targeting key and attributes, of the kind `user`.

`kind` names another kind; of kind `multi`, a context holds an object for each (LIMITS.md).
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.dialects.ofrep.documents import Request
from equipoise.dialects.ofrep.errors import INVALID_CONTEXT, NO_TARGETING_KEY, PARSE_ERROR, Unfit
from equipoise.domain.limits import BODY_NESTING_MAX, CONTEXT_KINDS_PER_PROJECT_MAX
from equipoise.evaluation.context import Context
from equipoise.translation.decode import readable

USER, MULTI = "user", "multi"
TARGETING_KEY = "targetingKey"
_KIND = re.compile(r"(?!(?:kind|multi)\Z)[-a-zA-Z0-9._]+", re.ASCII)
_decode = msgspec.json.Decoder(Request).decode

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
        raise Unfit(PARSE_ERROR, f"the body is not JSON: {error}") from None
    return Context(parts(said))


def parts(said: dict[str, Any]) -> Parts:
    """Kind → attributes, with `key`, `kind` and `anonymous` among them; what is said is used up.

    raises  Unfit
    """
    kind = said.pop("kind", USER)
    if kind == MULTI:
        return dict(_several(said))
    return {kind: _part(kind, said)} if kind == USER else {_checked(kind): _part(kind, said)}


def _several(said: dict[str, Any]) -> Parts:
    """Of each kind its own object; a targeting key beside them is a user's, where none is among them."""
    key = said.pop(TARGETING_KEY, None)
    found: dict[str, Mapping[str, Any]] = {}
    for kind, inner in said.items():
        if not isinstance(inner, dict):
            raise Unfit(INVALID_CONTEXT, f"{kind} of a context of several kinds must be an object")
        inner.pop("kind", None)
        inner.setdefault(TARGETING_KEY, inner.get("key"))
        found[_checked(kind)] = _part(kind, inner)
    if key is not None and USER not in found:
        found[USER] = _part(USER, {TARGETING_KEY: key})
    if not found:
        raise Unfit(NO_TARGETING_KEY, "a context of several kinds needs one at least")
    if len(found) > CONTEXT_KINDS_PER_PROJECT_MAX:
        raise Unfit(INVALID_CONTEXT, f"a context has at most {CONTEXT_KINDS_PER_PROJECT_MAX} kinds")
    return found


def _checked(kind: Any) -> str:
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        rule = "a kind is letters, digits, '.', '_' and '-', and is not called kind or multi"
        raise Unfit(INVALID_CONTEXT, f"{rule}: {str(kind)[:80]!r}")
    return kind


def _part(kind: str, said: dict[str, Any]) -> Mapping[str, Any]:
    """The attributes as they are said, but for those that are null."""
    key = said.pop(TARGETING_KEY, None)
    if key is None or key == "":
        raise Unfit(NO_TARGETING_KEY, f"the context of kind {kind} has no {TARGETING_KEY}")
    if not isinstance(key, str):
        raise Unfit(INVALID_CONTEXT, f"the {TARGETING_KEY} of kind {kind} must be a string")
    part = (
        {name: value for name, value in said.items() if value is not None} if None in said.values() else said
    )
    part["key"], part["kind"] = key, kind
    part.setdefault("anonymous", False)
    return part
