"""Bodies into documents: limits first, then every violation at once."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UNSET, Meta, Struct

from equipoise.domain.errors import VIOLATIONS_MAX, Invalid, Violation
from equipoise.domain.limits import BODY_NESTING_MAX
from equipoise.translation.errors import Unreadable

T = TypeVar("T")

# A string that is not closed goes to the end: it is not looked for again from each quote inside it.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def readable(body: bytes) -> None:
    """Nothing, when the bytes may be parsed: UTF-8, no NUL, no deeper than BODY_NESTING_MAX.

    raises  Unreadable
    """
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8 (byte {error.start})") from None
    if b"\0" in body or (b"\\u0000" in body and _NUL.search(body)):
        raise Unreadable("the body holds a NUL character")
    if body.count(b"[") + body.count(b"{") > BODY_NESTING_MAX and _depth(body) > BODY_NESTING_MAX:
        raise Unreadable(f"the body is nested deeper than {BODY_NESTING_MAX}")


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > BODY_NESTING_MAX:
            break
    return deepest


def parse(body: bytes) -> Any:
    """The JSON value. raises Unreadable"""
    readable(body)
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Unreadable(f"the body is not JSON: {error}") from None


def decode(body: bytes, document: type[T]) -> T:
    """The body as a typed document; unknown fields are ignored, unless the document forbids them.

    raises  Unreadable when it is no JSON; Invalid with every violation when it is another document
    """
    readable(body)
    try:
        return msgspec.json.decode(body, type=document)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, UnicodeError):
        return convert(parse(body), document)


def convert(value: Any, document: type[T]) -> T:
    """A parsed JSON value as a typed document. raises Invalid with every violation"""
    try:
        return msgspec.convert(value, document)
    except msgspec.ValidationError as error:
        found = tuple(islice(_violations("", value, document), VIOLATIONS_MAX + 1))
        found = found or (Violation("", str(error)),)
        raise Invalid(*found) from None


def _violations(place: str, value: Any, expected: Any) -> Iterator[Violation]:
    """Each place inside `value` that is not as expected; what is whole is not looked into."""
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError as error:
        inner = _inner(place, value, expected)
        first = next(inner, Violation(place, _rule(error, expected), value))
        yield first
        yield from inner


def _rule(error: msgspec.ValidationError, expected: Any) -> str:
    said = str(error).split(" - at ")[0]
    literals = (each for each in members(expected) if get_origin(each) is Literal)
    known = [value for each in literals for value in get_args(each)]
    if known and "enum" in said:
        return f"must be one of {', '.join(map(str, known))}"
    words = next(_words(expected), "") if "regex" in said else ""
    return f"must be {words}" if words else said


def _words(expected: Any) -> Iterator[str]:
    """What is noted beside a pattern, since nobody reads that."""
    notes = getattr(expected, "__metadata__", ())
    yield from (each.description for each in notes if isinstance(each, Meta) and each.description)
    for each in get_args(expected):
        yield from _words(each)


def _inner(place: str, value: Any, expected: Any) -> Iterator[Violation]:
    if isinstance(value, dict):
        struct, inside = _struct(value, expected), _arguments(expected, dict)
        if struct is not None:
            yield from _fields(place, value, struct)
        elif inside:
            for key, each in value.items():
                yield from _violations(_join(place, key), each, inside[1])
    if isinstance(value, list):
        inside = _arguments(expected, list, tuple)
        if inside:
            for index, each in enumerate(value):
                yield from _violations(f"{place}[{index}]", each, inside[0])


@cache
def _hints(struct: type[Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _fields(place: str, value: dict[str, Any], struct: type[Struct]) -> Iterator[Violation]:
    hints = _hints(struct)
    for field in msgspec.structs.fields(struct):
        where = _join(place, field.encode_name)
        given = value.get(field.encode_name, UNSET)
        if given is not UNSET:
            yield from _violations(where, given, hints[field.name])
        elif field.default is NODEFAULT and field.default_factory is NODEFAULT:
            yield Violation(where, "is required")
    if struct.__struct_config__.forbid_unknown_fields:
        known = {field.encode_name for field in msgspec.structs.fields(struct)}
        tag = struct.__struct_config__.tag_field
        known |= {tag} if tag else set()
        yield from (Violation(_join(place, name), "is not known here") for name in value if name not in known)


def members(expected: Any) -> tuple[Any, ...]:
    """The types it may be of, without what is noted beside them."""
    origin, arguments = get_origin(expected), get_args(expected)
    if origin is Annotated:
        return members(arguments[0])
    if origin in (Union, UnionType):
        return tuple(member for each in arguments for member in members(each))
    return (expected,)


def _arguments(expected: Any, *origins: type) -> tuple[Any, ...]:
    """Of the first type it may be of that is made by one of these; () where none is."""
    return next((get_args(each) for each in members(expected) if get_origin(each) in origins), ())


def _struct(value: dict[str, Any], expected: Any) -> type[Struct] | None:
    """The struct that an object is meant to be; of a tagged union, the one it names."""
    structs = [each for each in members(expected) if isinstance(each, type) and issubclass(each, Struct)]
    if len(structs) < 2:
        return structs[0] if structs else None
    for struct in structs:
        config = struct.__struct_config__
        if config.tag_field and value.get(config.tag_field) == config.tag:
            return struct
    return None


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
