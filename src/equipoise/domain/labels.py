"""What every noun may be asked alike: to be renamed, described, tagged, kept by somebody,
annotated, archived, restored, deleted.

A noun takes those of its fields: `DECIDE = {**labels.deciding(Rename, Tag), Switch: switch}`.
"""

from typing import Any

from msgspec.structs import replace

from equipoise.domain.change import Command, Decide, Event, Evolve, Moment
from equipoise.domain.clauses import Json, same
from equipoise.domain.errors import check
from equipoise.domain.identity import name_rule, tags_rule, text_rule, unique


class Rename(Command, frozen=True):
    name: str


class Describe(Command, frozen=True):
    description: str


class Tag(Command, frozen=True):
    """All tags; each is kept once."""

    tags: tuple[str, ...]


class AssignMaintainer(Command, frozen=True):
    """A member's id; "" for nobody."""

    maintainer: str


class Annotate(Command, frozen=True):
    """A field that only one surface has, opaque to us; None removes it. Kept under "dialect.name"."""

    dialect: str
    name: str
    value: Json


class Archive(Command, frozen=True): ...


class Restore(Command, frozen=True): ...


class Delete(Command, frozen=True): ...


class Renamed(Event, frozen=True):
    name: str


class Described(Event, frozen=True):
    description: str


class Tagged(Event, frozen=True):
    tags: tuple[str, ...]


class MaintainerAssigned(Event, frozen=True):
    maintainer: str


class Annotated(Event, frozen=True):
    field: str
    value: Json


class Archived(Event, frozen=True):
    at: int


class Restored(Event, frozen=True): ...


class Deleted(Event, frozen=True): ...


def rename(now: Any, command: Rename, _: Moment) -> tuple[Event, ...]:
    check(name_rule("name", command.name))
    return () if command.name == now.name else (Renamed(command.name),)


def describe(now: Any, command: Describe, _: Moment) -> tuple[Event, ...]:
    check(text_rule("description", command.description))
    return () if command.description == now.description else (Described(command.description),)


def tag(now: Any, command: Tag, _: Moment) -> tuple[Event, ...]:
    tags = unique(command.tags)
    check(tags_rule("tags", tags))
    return () if tags == now.tags else (Tagged(tags),)


def assign_maintainer(now: Any, command: AssignMaintainer, _: Moment) -> tuple[Event, ...]:
    check(text_rule("maintainer", command.maintainer))
    return () if command.maintainer == now.maintainer else (MaintainerAssigned(command.maintainer),)


def annotate(now: Any, command: Annotate, _: Moment) -> tuple[Event, ...]:
    field = f"{command.dialect}.{command.name}"
    if same(now.annotations.get(field), command.value):
        return ()
    return (Annotated(field, command.value),)


def archive(now: Any, _command: Archive, moment: Moment) -> tuple[Event, ...]:
    return () if now.archived_at is not None else (Archived(moment.at),)


def restore(now: Any, _command: Restore, _: Moment) -> tuple[Event, ...]:
    return () if now.archived_at is None else (Restored(),)


def delete(_now: Any, _command: Delete, _: Moment) -> tuple[Event, ...]:
    return (Deleted(),)


def annotations_with(annotations: dict[str, Json], field: str, value: Json) -> dict[str, Json]:
    """The annotations with one set, or left out where the value is None."""
    kept = {name: each for name, each in annotations.items() if name != field}
    return kept if value is None else {**kept, field: value}


_DECIDE: dict[type[Command], Decide] = {
    Rename: rename,
    Describe: describe,
    Tag: tag,
    AssignMaintainer: assign_maintainer,
    Annotate: annotate,
    Archive: archive,
    Restore: restore,
    Delete: delete,
}
EVOLVE: dict[type[Event], Evolve] = {
    Renamed: lambda now, event: replace(now, name=event.name),
    Described: lambda now, event: replace(now, description=event.description),
    Tagged: lambda now, event: replace(now, tags=event.tags),
    MaintainerAssigned: lambda now, event: replace(now, maintainer=event.maintainer),
    Annotated: lambda now, event: replace(
        now, annotations=annotations_with(now.annotations, event.field, event.value)
    ),
    Archived: lambda now, event: replace(now, archived_at=event.at),
    Restored: lambda now, event: replace(now, archived_at=None),
    Deleted: lambda now, event: None,
}
_EVENT: dict[type[Command], type[Event]] = {
    Rename: Renamed,
    Describe: Described,
    Tag: Tagged,
    AssignMaintainer: MaintainerAssigned,
    Annotate: Annotated,
    Archive: Archived,
    Restore: Restored,
    Delete: Deleted,
}


def deciding(*commands: type[Command]) -> dict[type[Command], Decide]:
    """The decisions for these commands."""
    return {command: _DECIDE[command] for command in commands}


def evolving(*commands: type[Command]) -> dict[type[Event], Evolve]:
    """The evolutions for the events that these commands lead to."""
    return {_EVENT[command]: EVOLVE[_EVENT[command]] for command in commands}
