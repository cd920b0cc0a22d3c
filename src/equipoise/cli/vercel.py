"""`equipoise vercel …`: a provider of Vercel's marketplace, its config stores, its users."""

from typing import Annotated

import typer

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
    Project,
    ServedHost,
    ServedPort,
    settings,
    tell,
)
from equipoise.cli.sign_in import public
from equipoise.domain.identity import Place
from equipoise.translation.abroad import CLIENT

vercel = typer.Typer(help="Providers that speak as to Vercel's marketplace.", no_args_is_help=True)

Installation = Annotated[
    str, typer.Option("--id", metavar="icfg_…", help="Id of the installation, as the provider knows it.")
]


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
    with instance_of(data, database, config, place) as instance:
        client = server.abroad_here().say(CLIENT, "")
        made = installations.install_provider(instance.desk, id, place, alone, client)
    known = {"client_id": made.installation.client, "client_secret": made.client_secret}
    if as_json:
        tell({**known, "token": made.token}, as_json)
        return
    tell(known, as_json)
    typer.echo(made.token)


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
    said = settings(config, data=data, database=database, host=host, port=port)
    with instance_of(data, database, config) as instance:
        store, secret = installations.connection_of(instance.store, instance.vault, id, resource)
    url = public(said)
    tell({"connection_string": server.abroad_here().connection(url, store, secret)}, as_json)
    if said.public_url is None and port is None:
        typer.echo(f"Taken to be served at {url}: --port or EQUIPOISE_PUBLIC_URL says otherwise.", err=True)


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
    with instance_of(data, database, config) as instance:
        tell({"code": code_for(instance.desk, id, member)}, as_json)
