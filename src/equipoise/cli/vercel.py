"""`equipoise vercel …`: a provider of Vercel's marketplace, its config stores, its users."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from equipoise import server
from equipoise.application import administration, installations
from equipoise.application.sign_on import code_for
from equipoise.cli.keys import instance_of
from equipoise.cli.options import (
    AsJson,
    ConfigFile,
    Database,
    DataFolder,
    Environment,
    Problem,
    Project,
    ServedHost,
    ServedPort,
    opened,
    say_guess,
    settings,
    settings_beside,
    tell,
)
from equipoise.cli.sign_in import public
from equipoise.domain.errors import Held, Missing, Refused
from equipoise.domain.identity import Place
from equipoise.domain.installation.state import Installation as State
from equipoise.translation.abroad import CLIENT

vercel = typer.Typer(help="Providers that speak as to Vercel's marketplace.", no_args_is_help=True)

Installation = Annotated[
    str, typer.Option("--id", metavar="icfg_…", help="Id of the installation, as the provider knows it.")
]

_FIRST = {  # how the first of each comes to be
    "installation": "`equipoise vercel install` makes the first.",
    "resource": "Its provider imports the first: docs/guide/vercel.md says how.",
    "member": "The project of the installation has none.",
}


@contextmanager
def _provider(
    data: Path | None, database: str | None, config: Path | None, key: str
) -> Iterator[server.Instance]:
    """The instance, for a command on an installation. raises Problem, which says what is there instead"""
    said = settings(config, data=data, database=database)
    with opened(said) as instance:
        try:
            yield instance
        except Missing as error:
            with instance.store.read() as reader:
                there = ", ".join(installations.others(reader, error.noun, key))
            step = f"There are {there}." if there else _FIRST[error.noun]
            raise Problem(f"There is no {error.noun} “{error.name}”.", step) from error
        except Refused as error:
            step = f"`equipoise vercel install --id {key}` brings it back."
            if error.subject != f"installation {key}":
                step = "Its provider deletes it, and imports it again."
            raise Problem(f"That was refused: {error.subject} {error.why}.", step) from error


@vercel.callback()
def _group() -> None: ...


@vercel.command("install")
def install(
    id: Installation,
    project: Project = administration.HOME.project,
    environment: Environment = administration.HOME.environment,
    alone: Annotated[bool, typer.Option("--revoke-others", help="Make the tokens from before void.")] = False,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a provider in: print the client it signs on with, and on the last line its bearer token, which is
    shown this once. Said again, it prints one more token; those before it stay valid. One that was
    uninstalled comes back with all it had, but for tokens, codes and the client secret."""
    place = Place(project, environment)
    client = server.abroad_here().say(CLIENT, "")
    with instance_of(data, database, config, place) as instance:
        try:
            made = installations.install_provider(instance.desk, id, place, alone, client)
        except Held as error:
            bound = error.within
            assert isinstance(bound, Place), "an installation is held by its environment"
            step = f"Say --project {bound.project} --environment {bound.environment}, or name another --id."
            raise Problem(f"That was refused: {error}, for ever.", step) from error
    known = {"client_id": made.installation.client, "client_secret": made.client_secret}
    if as_json:
        tell({**known, "token": made.token}, as_json)
        return
    tell(known, as_json)
    typer.echo(made.token)


@vercel.command("list")
def show(
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show who was let in, where, and for which resources."""
    said = settings(config, data=data, database=database)
    with opened(said) as instance:
        found = installations.providers(instance.store)
    if as_json:
        typer.echo(msgspec.json.encode({"installations": [_document(*each) for each in found]}))
    elif not found:
        typer.echo(f"There is none. {_FIRST['installation']}")
    else:
        _table(found)


@vercel.command("uninstall")
def uninstall(
    id: Installation,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a provider in no more. What it made stays, and is marked; `install` brings it back."""
    with _provider(data, database, config, id) as instance:
        installations.uninstall_provider(instance.desk, id)
    tell({"uninstalled": id}, as_json)


@vercel.command("delete")
def delete(
    id: Installation,
    yes: Annotated[bool, typer.Option("--yes", help="It is meant: do not ask.")] = False,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Delete an installation for good, with its resources, their items and config stores, its invoices."""
    if not yes:
        with _provider(data, database, config, id) as instance:
            resources = installations.provided_to(instance.store, id)
        _expect_meant(id, resources)
    with _provider(data, database, config, id) as instance:
        installations.delete_provider(instance.desk, id)
    tell({"deleted": id}, as_json)


@vercel.command("store")
def store(
    id: Installation,
    resource: Annotated[
        str, typer.Option("--resource", metavar="R", help="The provider's id of the resource.")
    ],
    host: ServedHost = None,
    port: ServedPort = None,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what applications read the config store of a resource with: the value of EDGE_CONFIG."""
    said, known = settings_beside(config, data=data, database=database, host=host, port=port)
    with _provider(data, database, config, id) as instance:
        store, secret = installations.read_access(instance.store, instance.vault, id, resource)
    url = public(said)
    tell({"connection_string": server.abroad_here().connection(url, store, secret)}, as_json)
    if not known:
        say_guess(url)


@vercel.command("code")
def code(
    id: Installation,
    member: Annotated[
        str, typer.Option("--member", metavar="M", help="Id of the member; the project's first if unsaid.")
    ] = "",
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Print a code with which a member of the project comes to the provider, who learns who it is. It works
    once, for ten minutes."""
    with _provider(data, database, config, id) as instance:
        tell({"code": code_for(instance.desk, id, member)}, as_json)


def _expect_meant(id: str, resources: tuple[str, ...]) -> None:
    """raises Problem where nobody can be asked, typer.Abort where it is not meant"""
    what = f"{id} with its resources ({', '.join(resources) or 'none'}) for good"
    if not sys.stdin.isatty():
        raise Problem(f"That deletes {what}.", "Say --yes too, if it is meant.")
    typer.confirm(f"Delete {what}?", abort=True, err=True)


def _document(of: State, resources: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": of.key,
        "project": of.project,
        "environment": of.environment,
        "status": of.status,
        "client_id": of.client,
        "created_at": of.created_at,
        "resources": resources,
    }


def _table(found: tuple[tuple[State, tuple[str, ...]], ...]) -> None:
    table = Table("id", "environment", "status", "resources", box=None, padding=(0, 2, 0, 0))
    for of, resources in found:
        table.add_row(*(Text(each) for each in (of.key, str(of.territory), of.status, ", ".join(resources))))
    Console(soft_wrap=True).print(table)
