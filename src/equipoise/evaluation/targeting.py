"""Contexts as OpenFeature has them: a targeting key, and attributes beside it."""

from collections.abc import Iterator, Mapping
from typing import Any

from equipoise.domain.limits import CONTEXT_KINDS_PER_PROJECT_MAX
from equipoise.evaluation.context import Context, kind_fault

USER, MULTI = "user", "multi"
TARGETING_KEY = "targetingKey"


class Untargeted(Exception):
    """Not a context; the text says why.

    keyless  it is one but for a key: nobody is named
    """

    def __init__(self, why: str, keyless: bool = False) -> None:
        self.keyless = keyless
        super().__init__(why)


def targeted(said: dict[str, Any]) -> Context:
    """The context of a targeting key and attributes: a user's, or of the kind that `kind` names. Of kind
    `multi`, each attribute is the object of one kind, and a targeting key beside them is the user's, where
    that one has no key. Where there is no `targetingKey`, `key` stands for it. Null attributes are left out.

    said    JSON values by name, `targetingKey` among them; it is used up, as are the objects in it
    raises  Untargeted
    cost    one pass over the attributes
    """
    kind = said.pop("kind", None)
    if kind is None or kind == USER:
        return Context({USER: _part(USER, said)})
    if kind == MULTI:
        return Context(_several(said))
    return Context({kind: _part(_checked(kind), said)})


def _several(said: dict[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    beside = said.pop(TARGETING_KEY, None)
    found = dict(_parts(said, beside))
    if USER not in found and beside is not None and beside != "":
        found[USER] = _part(USER, {}, beside)
    if not found:
        raise Untargeted("a context of several kinds needs one at least", keyless=True)
    if len(found) > CONTEXT_KINDS_PER_PROJECT_MAX:
        raise Untargeted(f"a context has at most {CONTEXT_KINDS_PER_PROJECT_MAX} kinds")
    return found


def _parts(said: dict[str, Any], beside: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind, inner in said.items():
        if inner is None:
            continue
        if not isinstance(inner, dict):
            raise Untargeted(f"{str(kind)[:80]} of a context of several kinds must be an object")
        inner.pop("kind", None)
        yield _checked(kind), _part(kind, inner, beside if kind == USER else None)


def _checked(kind: Any) -> str:
    fault = kind_fault(kind)
    if fault:
        raise Untargeted(fault)
    named: str = kind
    return named


def _part(kind: str, said: dict[str, Any], beside: Any = None) -> Mapping[str, Any]:
    """beside  a key for where there is none"""
    key = said.pop(TARGETING_KEY, None)
    if not key or not isinstance(key, str):
        key = _first(kind, key, said.get("key"), beside)
    part = (
        {name: value for name, value in said.items() if value is not None} if None in said.values() else said
    )
    part["key"], part["kind"] = key, kind
    part.setdefault("anonymous", False)
    return part


def _first(kind: str, *keys: Any) -> str:
    """The first key that is there."""
    for key in keys:
        if key is not None and key != "":
            if not isinstance(key, str):
                raise Untargeted(f"the {TARGETING_KEY} of kind {kind} must be a string")
            return key
    raise Untargeted(f"the context of kind {kind} has no {TARGETING_KEY}", keyless=True)
