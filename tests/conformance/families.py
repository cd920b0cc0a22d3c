"""Every family of what goes wrong, found by looking, with a sample of each."""

import inspect
from collections.abc import Iterator
from typing import Any, get_origin, get_type_hints

from equipoise.domain.errors import DomainError, Violation
from equipoise.translation.errors import TransportError

SAMPLES: dict[Any, Any] = {
    str: "a text",
    int: 7,
    int | None: 7,
    bool: True,
    object: "a fact",
    Any: "anything",
    object | None: None,
    tuple: ("GET", "HEAD"),
    Violation: Violation("name", "must not be blank", "\ud800"),
}


def families() -> list[type[DomainError | TransportError]]:
    """All that any dialect may be handed, the bases aside; tests' own are none of ours, and what one dialect
    says in words of its own never reaches another."""
    found = {each for base in (DomainError, TransportError) for each in _below(base)}
    ours = (each for each in found if each.__module__.startswith("equipoise."))
    shared = (each for each in ours if not each.__module__.startswith("equipoise.dialects."))
    return sorted(shared, key=lambda each: each.__name__)


def sample(family: type[Any]) -> Any:
    """One of the family, every argument given."""
    if family.__init__ is Exception.__init__:
        return family("a text")
    hints = get_type_hints(family.__init__)
    places, names = [], {}
    for parameter in inspect.signature(family).parameters.values():
        hint = hints.get(parameter.name, str)
        value = SAMPLES[get_origin(hint) if get_origin(hint) is tuple else hint]
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            names[parameter.name] = value
        else:
            places.append(value)
    return family(*places, **names)


def _below(base: type[Any]) -> Iterator[type[Any]]:
    for each in base.__subclasses__():
        yield each
        yield from _below(each)
