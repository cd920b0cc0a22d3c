"""Values that others give a meaning to: kept as said, bounded in size; and fields that may stay unsaid."""

from sys import float_info
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import asdict

from equipoise.domain.clauses import Json, same
from equipoise.domain.errors import Violation
from equipoise.domain.limits import RESOURCE_FIELD_BYTES_MAX

_DOUBLE_MAX = float_info.max


def size_rule(where: str, value: Json, most: int = RESOURCE_FIELD_BYTES_MAX) -> bool | Violation:
    """At most so many bytes as JSON; what is UNSET has none."""
    size = 0 if value is UNSET else len(msgspec.json.encode(value))
    return size <= most or Violation(where, f"must be at most {most} bytes as JSON (found {size})")


def number_rule(where: str, number: int | float) -> bool | Violation:
    """One that a double holds: what is sent beyond is no number that anybody else would read."""
    return -_DOUBLE_MAX <= number <= _DOUBLE_MAX or Violation(where, "must be a number that a double holds")


def given(said: Struct) -> dict[str, Any]:
    """The fields that were said, by name."""
    return {name: value for name, value in asdict(said).items() if value is not UNSET}


def changed(now: Struct, said: Struct) -> dict[str, Any]:
    """Those of the fields said that are not so already; both have them under the same names."""
    return {name: value for name, value in given(said).items() if not same(getattr(now, name), value)}
