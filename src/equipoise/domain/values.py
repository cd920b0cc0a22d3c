"""JSON values that every client can read: some stop at one that is not, and serve nothing any more."""

import sys
from typing import Any

from equipoise.domain.errors import Violation
from equipoise.domain.limits import VALUE_LEVELS_MAX

_RULE = f"must be nested no deeper than {VALUE_LEVELS_MAX} levels, and its numbers fit into a double"


def value_rule(where: str, value: Any) -> bool | Violation:
    return plain(value, 1) or Violation(where, _RULE)


def plain(value: Any, level: int = 0) -> bool:
    """Whether it is nested no deeper than VALUE_LEVELS_MAX, and every number fits into a double.

    level  how deep it stands in a list of what is served
    """
    if isinstance(value, str):
        return True
    if isinstance(value, int | float):
        return abs(value) <= sys.float_info.max
    if not isinstance(value, list | tuple | dict):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return level <= VALUE_LEVELS_MAX and all(plain(each, level + 1) for each in inner)
