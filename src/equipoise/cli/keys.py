"""`equipoise token create` and `equipoise sdk-key show`: what clients are set up with."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from equipoise import server
from equipoise.application import administration
from equipoise.application.serving import Key
from equipoise.cli.options import (
    AsJson,
    ConfigFile,
    Database,
    DataFolder,
    Environment,
    Problem,
    Project,
    opened,
    settings,
    tell,
)
from equipoise.domain.errors import Missing
from equipoise.domain.identity import Place

tokens = typer.Typer(help="Tokens of the interfaces.", no_args_is_help=True)
sdk_keys = typer.Typer(help="Keys of the SDKs.", no_args_is_help=True)


class Role(StrEnum):
    READER = "reader"
    WRITER = "writer"
    ADMIN = "admin"


class Act(StrEnum):
    READ = "read"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@tokens.callback()
@sdk_keys.callback()
def _group() -> None: ...


@tokens.command("create")
def create(
    role: Annotated[Role, typer.Option("--role", help="What its bearer may do.")],
    acts: Annotated[
        list[Act] | None, typer.Option("--act", help="Narrow it to this; may be said several times.")
    ] = None,
    project: Project = "",
    environment: Environment = "",
    name: Annotated[str, typer.Option("--name", metavar="N", help="For people to know it by.")] = "",
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print its secret, this once: for one environment, for all of a project where none
    is named, or for the whole instance where no project is named either. Narrowed to some
    acts, it administers nothing and makes no others."""
    if environment and not project:
        raise Problem("An environment is of a project.", "Name it with --project.")
    place = Place(project, environment)
    narrowed = tuple(act.value for act in dict.fromkeys(acts or ()))
    with instance_of(data, database, config, place) as instance:
        minted = administration.make_token(instance.desk, place, role.value, name, narrowed)
    tell({"secret": minted.secret, "client_id": minted.id, "client_secret": minted.secret}, as_json)


@sdk_keys.command("show")
def show(
    project: Project = administration.HOME.project,
    environment: Environment = administration.HOME.environment,
    kind: Annotated[Key | None, typer.Option("--kind", help="This key alone, for a variable.")] = None,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the keys that SDKs need for one environment."""
    place = Place(project, environment)
    with instance_of(data, database, config, place) as instance:
        keys = administration.sdk_keys(instance.store, instance.vault, place)
    held = {"server_key": keys.server, "mobile_key": keys.mobile, "client_side_id": keys.client_side}
    if kind is None or as_json:
        tell(held, as_json)
    else:
        typer.echo(held["client_side_id" if kind is Key.CLIENT else f"{kind.value}_key"])


@contextmanager
def instance_of(
    data: Path | None, database: str | None, config: Path | None, place: Place
) -> Iterator[server.Instance]:
    """The instance, for a command on one environment. raises Problem when that is not there"""
    said = settings(config, data=data, database=database)
    with opened(said) as instance:
        try:
            yield instance
        except Missing as error:
            with instance.store.read() as reader:
                there = ", ".join(map(str, administration.places(reader)))
            step = f"There are {there}." if there else "`equipoise serve` makes the first one."
            raise Problem(f"There is no {error.noun} “{error.name}” for {place}.", step) from error
