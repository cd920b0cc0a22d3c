"""Contexts as people write them: JSON in a query, a form or a command."""

from equipoise.domain.limits import CONTEXT_EXPLAINED_BYTES_MAX
from equipoise.evaluation.context import Context, context
from equipoise.translation.decode import parse
from equipoise.translation.errors import Unreadable


def context_said(text: str) -> Context:
    """The context of this JSON; one whose `error` says what to mend, where it is none."""
    if not text.strip():
        return Context({}, "is required: a JSON object with a kind and a key")
    said = text.encode("utf-8", "replace")
    if len(said) > CONTEXT_EXPLAINED_BYTES_MAX:
        return Context({}, f"must be at most {CONTEXT_EXPLAINED_BYTES_MAX} bytes")
    try:
        return context(parse(said))
    except Unreadable as error:
        return Context({}, str(error).removeprefix("the body "))
