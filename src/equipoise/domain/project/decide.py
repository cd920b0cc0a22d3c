"""What the commands to a project lead to."""

from collections.abc import Iterator

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.errors import Refused, Violation, check
from equipoise.domain.identity import is_id, key_rule, name_rule, tags_rule, text_rule, unique
from equipoise.domain.limits import within
from equipoise.domain.project.commands import Create, PutContextKind, SetAvailability, SetUnits
from equipoise.domain.project.events import AvailabilitySet, ContextKindPut, Created, UnitsSet
from equipoise.domain.project.state import ContextKind, Project, RandomizationUnit

Events = tuple[Event, ...]
Findings = Iterator[bool | Violation]


def create(_: None, command: Create, _moment: Moment) -> Events:
    project = replace(command.project, tags=unique(command.project.tags))
    within("CONTEXT_KINDS_PER_PROJECT_MAX", len(project.context_kinds))
    kinds = tuple(kind.key for kind in project.context_kinds)
    members = tuple(member.id for member in project.members)
    check(
        is_id(project.id) or Violation("id", "must be 24 hexadecimal digits", project.id),
        key_rule("key", project.key),
        name_rule("name", project.name),
        tags_rule("tags", project.tags),
        unique(kinds) == kinds or Violation("context_kinds", "each key stands once", list(kinds)),
        unique(members) == members or Violation("members", "each id stands once", list(members)),
        *(finding for kind in project.context_kinds for finding in _of_kind(kind)),
        *_of_units(project, project.units),
    )
    return (Created(project),)


def set_availability(now: Project, command: SetAvailability, _: Moment) -> Events:
    if (command.client_side, command.mobile) == (now.client_side, now.mobile):
        return ()
    return (AvailabilitySet(command.client_side, command.mobile),)


def put_context_kind(now: Project, command: PutContextKind, moment: Moment) -> Events:
    was = now.context_kind(command.kind.key)
    if was is None:
        within("CONTEXT_KINDS_PER_PROJECT_MAX", len(now.context_kinds) + 1)
    check(*_of_kind(command.kind))
    if command.kind.archived and now.randomises(command.kind.key):
        subject = f"context kind {command.kind.key}"
        raise Refused("archive it", subject, "is a unit of randomisation")
    kind = _successor(was, command.kind, moment.at)
    return () if kind == was else (ContextKindPut(kind),)


def _successor(was: ContextKind | None, wanted: ContextKind, at: int) -> ContextKind:
    """The wanted kind with the version and the times it gets; `was` itself when nothing differs."""
    if was is None:
        return replace(wanted, version=1, created_at=at, changed_at=at)
    alike = replace(wanted, version=was.version, created_at=was.created_at, changed_at=was.changed_at)
    return was if alike == was else replace(alike, version=was.version + 1, changed_at=at)


def set_units(now: Project, command: SetUnits, _: Moment) -> Events:
    check(*_of_units(now, command.units))
    return () if command.units == now.units else (UnitsSet(command.units),)


def _of_kind(kind: ContextKind) -> Findings:
    yield key_rule("kind.key", kind.key)
    yield name_rule("kind.name", kind.name)
    yield text_rule("kind.description", kind.description)


def _of_units(project: Project, units: tuple[RandomizationUnit, ...]) -> Findings:
    kinds = tuple(unit.kind for unit in units)
    defaults = [unit.kind for unit in units if unit.default]
    yield unique(kinds) == kinds or Violation("units", "each kind stands once", list(kinds))
    yield len(defaults) <= 1 or Violation("units", "at most one is the default", defaults)
    for key in kinds:
        kind = project.context_kind(key)
        yield kind is not None or Violation("units", "must be a context kind of the project", key)
        yield not (kind and kind.archived) or Violation("units", "must not be archived", key)


DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Rename, labels.Tag, labels.Annotate, labels.Delete),
    Create: create,
    SetAvailability: set_availability,
    PutContextKind: put_context_kind,
    SetUnits: set_units,
}
