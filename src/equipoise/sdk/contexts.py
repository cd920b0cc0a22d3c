"""Contexts as callers give them: the key of a user, a document, or one that is ready."""

from collections.abc import Mapping

from equipoise.domain.clauses import Json
from equipoise.evaluation.context import Context, context

Given = str | Mapping[str, Json] | Context
Units = tuple[tuple[str, str], ...]  # context kind and key


def prepare(given: Given) -> Context:
    """A context that is read once and may be used again and again. It never raises: what describes no
    context becomes one whose `error` says what to mend."""
    if isinstance(given, Context):
        return given
    if given.__class__ is str and given:
        return Context({"user": {"kind": "user", "key": given, "anonymous": False}})
    try:
        return context({"kind": "user", "key": given} if isinstance(given, str) else given)
    except Exception as error:
        return Context({}, f"the context cannot be read: {error}")


def units_of(context: Context) -> Units:
    parts = context.parts
    if len(parts) == 1:
        for kind, part in parts.items():
            return ((kind, part["key"]),)
    return tuple([(kind, part["key"]) for kind, part in parts.items()])
