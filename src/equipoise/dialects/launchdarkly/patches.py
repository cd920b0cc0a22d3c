"""The three patch formats, told apart as the vendor does: by media type, then by the body's shape."""

from typing import Any

from msgspec import Struct

from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.identity import text_rule
from equipoise.domain.limits import COMMENT_LENGTH_MAX
from equipoise.translation.call import Call

SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"


class Patch(Struct, frozen=True):
    """A patch as it was meant: instructions, or a JSON patch (a list) or merge patch (an object)."""

    comment: str
    environment: str = ""
    instructions: Any = None
    edit: Any = None


def patch_of(call: Call) -> Patch:
    """The patch in a request's body. raises Unreadable, Invalid"""
    body = call.json()
    if isinstance(body, list):
        return Patch("", edit=body)
    if not isinstance(body, dict):
        raise Invalid(Violation("", "a patch is an object or a list of operations", body))
    comment = _text(body, "comment")
    check(text_rule("comment", comment, COMMENT_LENGTH_MAX))
    if is_semantic(call.headers.get("content-type", "")) or "instructions" in body:
        if not isinstance(body.get("instructions"), list):
            raise Invalid(Violation("instructions", "is required: a list of instructions"))
        return Patch(comment, _text(body, "environmentKey"), instructions=body["instructions"])
    if "patch" in body:
        if not isinstance(body["patch"], list):
            raise Invalid(Violation("patch", "must be a list of operations", body["patch"]))
        return Patch(comment, edit=body["patch"])
    if isinstance(body.get("merge"), dict):
        return Patch(comment, edit=body["merge"])
    return Patch(comment, edit=body)


def is_semantic(content_type: str) -> bool:
    """Whether a media type carries the vendor's parameter, in any case and spacing."""
    parameters = [part.strip().lower() for part in content_type.split(";")[1:]]
    pairs = [tuple(side.strip().strip('"') for side in part.split("=", 1)) for part in parameters]
    return ("domain-model", "launchdarkly.semanticpatch") in pairs


def _text(body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise Invalid(Violation(name, "must be a string", text))
    return text
