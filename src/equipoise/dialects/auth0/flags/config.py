"""Parameters and overrides as they are said, and as a flag holds them.

A flag that another surface made has values without parameters. It is shown with one, `value`, whose default
is what the flag serves when it is off; what this surface edits of it has no other words.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from equipoise.dialects.auth0.flags import documents
from equipoise.dialects.auth0.flags.documents import (
    PARAMETER_DESCRIPTION_LENGTH_MAX,
    PARAMETERS_MAX,
    VALUE_BYTES_MAX,
    Override,
)
from equipoise.domain.clauses import same
from equipoise.domain.errors import Violation
from equipoise.domain.flag.parameters import TYPES, configured, fits, overrides
from equipoise.domain.flag.state import Flag, Parameter, Variation
from equipoise.domain.identity import name_rule, text_rule

VALUE = "value"
Findings = Iterator[bool | Violation]


def of_parameters(where: str, said: Mapping[str, documents.Parameter]) -> Findings:
    """What must hold of parameters as they are said."""
    count, most = len(said), PARAMETERS_MAX
    yield 1 <= count <= most or Violation(where, f"must be 1 to {most} parameters", count)
    for key, each in said.items():
        here = f"{where}.{key}"
        yield name_rule(here, key)
        yield text_rule(f"{here}.description", each.description or "", PARAMETER_DESCRIPTION_LENGTH_MAX)
        yield from _of_value(f"{here}.value", each.value, each.type)


def of_overrides(where: str, said: Mapping[str, Override], parameters: tuple[Parameter, ...]) -> Findings:
    """Each overrides a parameter with another value of its type."""
    known = {each.key: each for each in parameters}
    for key, each in said.items():
        here = f"{where}.{key}"
        parameter = known.get(key)
        if parameter is None:
            names = ", ".join(known) or "there are none"
            yield Violation(here, f"must be one of the flag's parameters: {names}")
            continue
        yield from _of_value(f"{here}.value", each.value, parameter.type)
        differs = not same(each.value, parameter.default)
        yield differs or Violation(f"{here}.value", "must differ from the flag's default", each.value)


def _of_value(where: str, value: Any, type: str) -> Findings:
    size = len(msgspec.json.encode(value))
    yield size <= VALUE_BYTES_MAX or Violation(where, f"must be at most {VALUE_BYTES_MAX} bytes", size)
    yield type not in TYPES or fits(type, value) or Violation(where, f"must be of the type {type}", value)


def parameters_of(said: Mapping[str, documents.Parameter]) -> tuple[Parameter, ...]:
    return tuple(Parameter(key, each.type, each.value, each.description or "") for key, each in said.items())


def value_of(said: Mapping[str, Override], parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """The whole value of a variation that overrides these."""
    return configured(parameters, {key: each.value for key, each in said.items()})


# as they are shown


def parameters_shown(flag: Flag) -> dict[str, documents.Parameter]:
    return {
        each.key: documents.Parameter(each.type, each.default, each.description or UNSET)  # type: ignore[arg-type]
        for each in _shown(flag)
    }


def overrides_shown(flag: Flag, variation: Variation) -> dict[str, Override]:
    shown = _shown(flag)
    if flag.parameters:
        changed = overrides(flag.parameters, variation.value)
    elif shown and same(variation.value, shown[0].default):
        changed = {}
    else:
        changed = {VALUE: variation.value}
    return {key: Override(value) for key, value in changed.items()}


def _shown(flag: Flag) -> tuple[Parameter, ...]:
    """Its parameters, or the one that stands for its values where they are of one type."""
    off = flag.variation(flag.off_variation)
    if flag.parameters or off is None:
        return flag.parameters
    types = (type for type in TYPES if all(fits(type, each.value) for each in flag.variations))
    return tuple(Parameter(VALUE, type, off.value) for type in types)[:1]
