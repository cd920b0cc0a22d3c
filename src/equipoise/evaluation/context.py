"""Contexts: whom a flag is evaluated for. One kind (a user, a device), or several at once."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.evaluation.reference import Path

_KIND = re.compile(r"[-a-zA-Z0-9._]+", re.ASCII)
_RESERVED = ("kind", "multi")
SHOWN_LENGTH_MAX = 80
_NOT_READ = ("_meta", "kind", "custom", "privateAttributeNames")


class Context(Struct, frozen=True):
    """parts  kind → attributes, with `key`, `kind` and `anonymous` among them; none is null
    error     why this is no context; "" when it is one. With an error there are no parts
    """

    parts: Mapping[str, Mapping[str, Json]]
    error: str = ""


def context(document: Json) -> Context:
    """The context that a JSON document describes.

    document  an object with `kind` and `key`; of kind `multi` it holds an object for each kind;
              without `kind` it is a user in the older form, whose own attributes stand under `custom`
    returns   a context whose `error` says what to mend, where the document describes none
    """
    try:
        parts = dict(_parts(document))
    except _Bad as bad:
        return Context({}, str(bad))
    return Context(parts) if parts else Context({}, "a multi-kind context needs at least one kind")


def kind_fault(kind: object) -> str:
    """Why no context is of such a kind; "" where one may be."""
    if isinstance(kind, str) and _KIND.fullmatch(kind) and kind not in _RESERVED:
        return ""
    rule = "a kind is letters, digits, '.', '_' and '-', and is not called kind or multi"
    return f"{rule}: {repr(kind)[:SHOWN_LENGTH_MAX]}"


def dig(part: Mapping[str, Json], path: Path) -> Json:
    """The value at a path of at least one name; None when there is none."""
    found: Any = part
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


class _Bad(Exception):
    """Not a context; the text says why."""


def _parts(document: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    if not isinstance(document, Mapping):
        raise _Bad("a context must be a JSON object with a kind and a key")
    if "kind" not in document:
        yield "user", _part("user", _flattened(document), older=True)
    elif document["kind"] == "multi":
        for kind, inner in document.items():
            if kind != "kind":
                yield kind, _part(kind, inner)
    else:
        kind = document["kind"]
        yield kind, _part(kind, document)


def _part(kind: Json, given: Json, older: bool = False) -> Mapping[str, Json]:
    fault = kind_fault(kind)
    if fault:
        raise _Bad(fault)
    if not isinstance(given, Mapping):
        raise _Bad(f"kind {kind} of a multi-kind context must be a JSON object")
    _check(kind, given, older)
    part = {name: value for name, value in given.items() if value is not None and name not in _skipped(older)}
    part["kind"] = kind
    part.setdefault("anonymous", False)
    return part


def _check(kind: str, given: Mapping[str, Json], older: bool) -> None:
    key, name, anonymous = given.get("key"), given.get("name"), given.get("anonymous", False)
    if not isinstance(key, str) or not (key or older):
        raise _Bad(f"the key of kind {kind} must be a string that is not empty")
    if name is not None and not isinstance(name, str):
        raise _Bad(f"the name of kind {kind} must be a string")
    if not isinstance(anonymous, bool) and not (older and anonymous is None):
        raise _Bad(f"anonymous of kind {kind} must be true or false")
    if "" in given:
        raise _Bad(f"an attribute of kind {kind} has an empty name")


def _skipped(older: bool) -> tuple[str, ...]:
    return _NOT_READ if older else _NOT_READ[:2]


def _flattened(document: Mapping[str, Json]) -> Mapping[str, Json]:
    custom = document.get("custom")
    if custom is None:
        return document
    if not isinstance(custom, Mapping):
        raise _Bad("custom of a user must be a JSON object")
    return {**custom, **document}
