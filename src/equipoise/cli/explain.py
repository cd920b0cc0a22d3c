"""`equipoise explain`: why a context is served what it is served."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.tree import Tree

from equipoise.application.administration import HOME, ITSELF
from equipoise.application.explaining import Explained, explained
from equipoise.application.ports import Query
from equipoise.application.queries import ReadRequest
from equipoise.cli.keys import instance_of
from equipoise.cli.options import AsJson, ConfigFile, Database, DataFolder, Environment, Problem, Project
from equipoise.cli.results import escape
from equipoise.domain.errors import Missing
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Place
from equipoise.evaluation.context import Context
from equipoise.evaluation.steps import Belonged, Needed, Ruled, SegmentRuled
from equipoise.evaluation.telling import Told
from equipoise.security.permissions import Act
from equipoise.server import Instance
from equipoise.translation.contexts import context_said

FLAGS_SHOWN_MAX = 20
WIDTH_UNREAD = 100_000  # columns; what goes into a file or a pipe is not wrapped


def explain(
    flag: Annotated[str, typer.Argument(metavar="FLAG", help="Key of the flag.")],
    context: Annotated[
        str,
        typer.Option("--context", metavar="JSON|@FILE", help="The context as JSON; @- reads standard input."),
    ],
    project: Project = HOME.project,
    environment: Environment = HOME.environment,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show why a context is served what it is served: each step of the decision, with its bucket."""
    asked, place = _read(context), Place(project, environment)
    with instance_of(data, database, config, place) as instance:
        request = ReadRequest(ITSELF, Act.READ, place)
        try:
            found = instance.library.read(request, lambda world: explained(world, place, flag, asked))
        except Missing as error:
            if error.noun != FLAG.name:
                raise
            raise Problem(f"There is no flag “{flag}” for {place}.", _flags(instance, place)) from error
    if as_json:
        typer.echo(msgspec.json.encode(found))
    else:
        _show(found, Console() if sys.stdout.isatty() else Console(width=WIDTH_UNREAD))


def _flags(instance: Instance, place: Place) -> str:
    with instance.store.read() as reader:
        found = reader.select(FLAG, Query(Place(place.project), archived=False, limit=FLAGS_SHOWN_MAX))
    more = f" and {found.total - len(found.items)} more" if found.total > len(found.items) else ""
    there = ", ".join(each.key for each in found.items)
    return f"There are {there}{more}." if there else "Make one first."


def _read(said: str) -> Context:
    """raises Problem where it is no context"""
    try:
        text = _file(said[1:]) if said.startswith("@") else said
    except UnicodeDecodeError as error:
        raise Problem(f"{said[1:]} is not UTF-8.", "Name a file with JSON.") from error
    asked = context_said(text)
    if asked.error:
        step = """Write it as in --context '{"kind": "user", "key": "user-1"}'."""
        raise Problem(f"This is no context: {asked.error}.", step)
    return asked


def _file(name: str) -> str:
    return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")


def _show(found: Explained, console: Console) -> None:
    root = Tree(f"[bold]{escape(found.flag)}[/] in {escape(f'{found.project}/{found.environment}')}")
    for each in found.steps[:-1]:
        _grow(root, each)
    root.add(f"[bold]{escape(found.said)}[/]")
    console.print(root, highlight=False)


def _grow(tree: Tree, told: Told) -> None:
    branch = tree.add(_marked(told))
    for each in told.presented:
        _grow(branch, each)


def _marked(told: Told) -> str:
    """In the colour of its outcome, where it has one."""
    match told.step:
        case Ruled(held=held) | Belonged(held=held) | SegmentRuled(held=held) | Needed(met=held):
            colour = "yellow" if held is None else "green" if held else "dim"
            return f"[{colour}]{escape(told.said)}[/]"
    return escape(told.said)
