"""How the bodies of the world become intents: three shapes, one helper each.

Three rules keep them one: a command replaces a whole value that bears an invariant; absent, null and
empty differ; an intent may refuse what the domain allows, never allow what it refuses.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

import jsonpatch
import jsonpointer
import msgspec
from msgspec import UNSET, Struct
from msgspec.structs import replace

from equipoise.application.intents import Step
from equipoise.application.world import World
from equipoise.domain.change import Command, Noun, Outcome
from equipoise.domain.clauses import same
from equipoise.domain.errors import DomainError, Invalid, Violation
from equipoise.domain.limits import within

R = TypeVar("R")
S = TypeVar("S")
Y = TypeVar("Y")
Z = TypeVar("Z")

Steps = Generator[Step, Outcome[Any], Any]
Instruct = Callable[[Any, World], Steps]  # (instruction document, world) → steps
Field = Callable[[Any, Any], Iterable[Command]]  # (value said, state now) → commands


_INAPPLICABLE = (
    jsonpatch.JsonPatchException,
    jsonpointer.JsonPointerException,
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
)


class PatchFailed(DomainError):
    """A JSON patch that cannot be applied: a path that is not there, a test that does not hold."""


def by_kind(instructions: Sequence[Struct], table: Mapping[type[Struct], Instruct], world: World) -> Steps:
    """Follows instructions in the client's order, each on what those before it left.

    raises  Invalid with the violations of every instruction, each under its place
    """
    found: list[Violation] = []
    for index, instruction in enumerate(instructions):
        try:
            yield from table[type(instruction)](instruction, world)
        except Invalid as error:
            found += error.under(f"instructions[{index}]").violations
    if found:
        raise Invalid(*found)


def by_field(
    said: Mapping[str, Any],
    table: Mapping[str | tuple[str, ...], Field],
    noun: Noun[Any],
    subject: Any,
) -> Steps:
    """Each field said, in the table's order. A key of several names is one whole value: its function
    gets the mapping of those that were said. Fields that are UNSET were not said.

    raises  Invalid with the violations of every field
    """
    found: list[Violation] = []
    now = subject
    for key, field in table.items():
        names = (key,) if isinstance(key, str) else key
        given = {name: said[name] for name in names if said.get(name, UNSET) is not UNSET}
        if not given:
            continue
        value = given[key] if isinstance(key, str) else given
        try:
            for command in field(value, now):
                outcome = yield noun, subject, command
                now = outcome.after
        except Invalid as error:
            found += error.violations
    if found:
        raise Invalid(*found)


def by_edit(patch: Any, rendered: dict[str, Any]) -> dict[str, Any]:
    """The top-level fields that a JSON patch (a list) or a merge patch (an object) changes in a rendering,
    with their new values; a field that was taken away is None.

    raises  PatchFailed, Invalid
    """
    edited = _json_patched(patch, rendered) if isinstance(patch, list) else merged(rendered, patch)
    if not isinstance(edited, dict):
        raise PatchFailed("the patch leaves no object")
    names = {**rendered, **edited}
    return {name: edited.get(name) for name in names if not _alike(name, edited, rendered)}


def _alike(name: str, edited: dict[str, Any], rendered: dict[str, Any]) -> bool:
    """Whether a field is the same JSON, or absent, in both."""
    if name in edited and name in rendered:
        return same(edited[name], rendered[name])
    return name not in edited and name not in rendered


def _json_patched(patch: list[Any], rendered: dict[str, Any]) -> Any:
    found = [violation for index, each in enumerate(patch) for violation in _malformed(index, each)]
    if found:
        raise Invalid(*found)
    within("PATCH_OPERATIONS_MAX", len(patch))
    edited = deepcopy(rendered)
    for index, operation in enumerate(patch):
        edited = _applied(index, operation, edited)
    return edited


def _applied(index: int, operation: dict[str, Any], edited: Any) -> Any:
    try:
        edited = jsonpatch.JsonPatch([operation]).apply(edited, in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        raise PatchFailed(f"[{index}]: the test of {operation['path']} does not hold") from None
    except _INAPPLICABLE:
        raise PatchFailed(f"[{index}]: {operation['op']} cannot be done at {operation['path']}") from None
    if operation["op"] == "copy":  # copies of copies double
        within("BODY_BYTES_MAX", len(msgspec.json.encode(edited)))
    return edited


def _malformed(index: int, operation: Any) -> list[Violation]:
    where = f"[{index}]"
    if not isinstance(operation, dict):
        return [Violation(where, "must be an operation", operation)]
    found = []
    if operation.get("op") not in ("add", "remove", "replace", "move", "copy", "test"):
        found.append(
            Violation(
                f"{where}.op",
                "must be add, remove, replace, move, copy or test",
                operation.get("op"),
            )
        )
    for name in ("path", *(("from",) if operation.get("op") in ("move", "copy") else ())):
        pointer = operation.get(name)
        if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
            found.append(Violation(f"{where}.{name}", "must be a JSON pointer", pointer))
    if operation.get("op") in ("add", "replace", "test") and "value" not in operation:
        found.append(Violation(f"{where}.value", "is required"))
    return found


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386: an object is merged into, null takes away, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def worded(steps: Generator[Y, Z, R], words: Mapping[str, str]) -> Generator[Y, Z, R]:
    """The same steps; what they find invalid stands under the wire's names: ours → theirs."""
    try:
        return (yield from steps)
    except Invalid as error:
        raise in_words(error, words) from None


def in_words(error: Invalid, words: Mapping[str, str]) -> Invalid:
    return Invalid(*(replace(each, where=words.get(each.where, each.where)) for each in error.violations))
