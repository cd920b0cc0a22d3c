"""Typed parameters: a flag that has them serves objects, with a value for each.

A variation is what it overrides of the defaults. Only its whole value is stored: an override differs from
the default, so the one follows from the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from equipoise.domain.clauses import Json, same
from equipoise.domain.errors import Violation
from equipoise.domain.flag.state import Parameter, Variation

TYPES: Mapping[str, Any] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "array": (list, tuple),
    "object": dict,
}


def fits(type: str, value: Json) -> bool:
    """Whether a value is of a parameter's type; true and false are no numbers. An unknown type has none."""
    return isinstance(value, TYPES.get(type, ())) and (type == "boolean" or not isinstance(value, bool))


def configured(parameters: Iterable[Parameter], overrides: Mapping[str, Json]) -> dict[str, Json]:
    """The value of a variation: the defaults, and what it overrides."""
    return {each.key: overrides.get(each.key, each.default) for each in parameters}


def overrides(parameters: Iterable[Parameter], value: Mapping[str, Json]) -> dict[str, Json]:
    """What a variation of this value overrides: parameter → its value there."""
    return {each.key: value[each.key] for each in parameters if not same(value[each.key], each.default)}


def reconfigured(
    variations: Iterable[Variation], was: tuple[Parameter, ...], parameters: tuple[Parameter, ...]
) -> tuple[Variation, ...]:
    """The variations under other parameters: each keeps what it overrides, and takes the defaults else."""
    return tuple(
        replace(each, value=configured(parameters, overrides(was, each.value))) for each in variations
    )


def lost(
    variations: Iterable[Variation], was: tuple[Parameter, ...], parameters: tuple[Parameter, ...]
) -> Iterator[Violation]:
    """What variations override of parameters that would be gone, or of another type."""
    types = {each.key: each.type for each in parameters}
    for variation in variations:
        for key, value in overrides(was, variation.value).items():
            if key not in types or not fits(types[key], value):
                rule = f"variation {variation.name or variation.id!r} overrides it with a {_type(was, key)}"
                yield Violation(f"parameters.{key}", rule)


def _type(parameters: tuple[Parameter, ...], key: str) -> str:
    return next(each.type for each in parameters if each.key == key)
