"""Instructions of a semantic patch, read so that the faults of all of them are named at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from equipoise.application.world import World
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.limits import within
from equipoise.translation.decode import convert
from equipoise.translation.intents import Instruct, Steps, by_kind

Table = Mapping[type[Struct], Instruct]


class Garbled(Struct, frozen=True):
    """An instruction that could not be read. It takes its turn, so that all faults are named at once."""

    violations: tuple[Violation, ...]


def kinds_of(table: Mapping[type[Struct], Any]) -> dict[str, type[Struct]]:
    """The kinds by name that documents are tagged with."""
    return {str(kind.__struct_config__.tag): kind for kind in table}


def instructed(said: Any, kinds: Mapping[str, type[Struct]]) -> Struct:
    """An instruction as it was said, or what is wrong with it."""
    kind = said.get("kind") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(kind, str) or kind not in kinds:
        place, found = ("kind", kind) if isinstance(said, dict) else ("", said)
        return Garbled((Violation(place, f"must be one of {', '.join(kinds)}", found),))
    try:
        return convert(said, kinds[kind])
    except Invalid as error:
        return Garbled(error.violations)


def followed(instructions: Sequence[Any], table: Table, world: World) -> Steps:
    """Every instruction in the client's order, all or none. raises Invalid, Exceeded"""
    within("INSTRUCTIONS_MAX", len(instructions))
    kinds = kinds_of(table)
    said = [instructed(each, kinds) for each in instructions]
    yield from by_kind(said, {**table, Garbled: _refused}, world)


def _refused(said: Garbled, _world: World) -> Steps:
    raise Invalid(*said.violations)
    yield
