"""What can be read of a document that is not whole, so that the rest of its rules can still be asked."""

from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UNSET, Struct, UnsetType

from equipoise.domain.errors import VIOLATIONS_MAX, Invalid, Violation, check
from equipoise.translation.decode import convert, members

T = TypeVar("T")
Found = tuple[Violation, ...]

ITEMS_MAX = 1_000  # of a list: a hundred faults are named, and all of it is refused
_NEUTRAL: dict[Any, Any] = {str: "", bool: False, int: 0, dict: {}, list: []}


def read(value: Any, document: type[T]) -> tuple[T, Found]:
    """The document and what is wrong with it; where something is, a neutral value stands in its place."""
    try:
        return convert(value, document), ()
    except Invalid as error:
        readable: T = _salvaged(value, document)
        return readable, error.violations


def settle(unreadable: Found, findings: Iterable[bool | Violation]) -> None:
    """Nothing, when all could be read and every finding holds. A finding that is a mere consequence of what
    could not be read is left out. raises Invalid with all the rest"""
    found = (each for each in findings if isinstance(each, Violation))
    own = (each for each in found if not any(_within(each.where, wrong.where) for wrong in unreadable))
    room = max(VIOLATIONS_MAX + 1 - len(unreadable), 0)
    check(*unreadable, *islice(own, room))


def _within(where: str, place: str) -> bool:
    return where == place or not place or where.startswith((f"{place}.", f"{place}["))


def _salvaged(value: Any, expected: Any) -> Any:
    try:
        return msgspec.convert(value, expected)
    except msgspec.ValidationError:
        pass
    kinds = members(expected)
    kind = kinds[0]
    if UnsetType in kinds and not _holds_documents(value, kind):
        return UNSET
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _fields(value if isinstance(value, dict) else {}, kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list and isinstance(value, list):
        return [_salvaged(each, arguments[0]) for each in value[:ITEMS_MAX]]
    if origin is dict and isinstance(value, dict):
        return {key: _salvaged(each, arguments[1]) for key, each in value.items()}
    return arguments[0] if origin is Literal else _NEUTRAL[origin or kind]


def _holds_documents(value: Any, kind: Any) -> bool:
    """Whether it is a list or an object of documents, each of which is salvaged for itself."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin not in (list, dict) or not isinstance(value, origin):
        return False
    return isinstance(arguments[-1], type) and issubclass(arguments[-1], Struct)


@cache
def _hints(struct: type[Struct]) -> dict[str, Any]:
    return get_type_hints(struct)


def _fields(given: dict[str, Any], struct: type[Struct]) -> Struct:
    hints = _hints(struct)
    said = {
        each.name: _salvaged(given.get(each.encode_name), hints[each.name])
        for each in msgspec.structs.fields(struct)
        if each.encode_name in given or (each.default is NODEFAULT and each.default_factory is NODEFAULT)
    }
    return struct(**said)
