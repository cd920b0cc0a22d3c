"""`equipoise connect`: code that connects each client, and when each key was last seen."""

from typing import Annotated

import msgspec
import typer

from equipoise import server
from equipoise.application import connecting
from equipoise.application.administration import HOME, ITSELF
from equipoise.application.connecting import Code, Setup
from equipoise.application.queries import ReadRequest
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
    say_guess,
    settings_beside,
)
from equipoise.cli.sign_in import public
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act


def connect(
    project: Project = HOME.project,
    environment: Environment = HOME.environment,
    client: Annotated[
        str, typer.Option("--client", metavar="NAME", help="The code of this client, and nothing else.")
    ] = "",
    host: ServedHost = None,
    port: ServedPort = None,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show code that connects each client, with the keys filled in, and when each key was last seen."""
    said, known = settings_beside(config, data=data, database=database, host=host, port=port)
    place, url = Place(project, environment), public(said)
    with instance_of(data, database, config, place) as instance:
        request = ReadRequest(ITSELF, Act.READ, place)
        found = instance.library.read(
            request, lambda world: connecting.setup_of(world, place, url, server.abroad_here().clients)
        )
    if not known:
        say_guess(url)
    code = _named(found, client) if client else None
    if as_json:
        typer.echo(msgspec.json.encode(code or found))
    elif code:
        typer.echo(code.code)
    else:
        typer.echo("\n".join(_lines(found)))


def _named(found: Setup, client: str) -> Code:
    """raises Problem"""
    code = next((each for each in found.code if each.client == client), None)
    if code is None:
        there = ", ".join(each.client for each in found.code)
        raise Problem(f"There is no client “{client}”.", f"There are {there}.")
    return code


def _lines(found: Setup) -> list[str]:
    lines = [f"{found.project}/{found.environment} at {found.url}", ""]
    width = max(len(each.key) for each in found.keys)
    for key in found.keys:
        lines.append(f"{key.name:14}  {key.key:{width}}  {connecting.last(key, found.now)}")
        lines += [f"{'':14}  {'':{width}}  {each}" for each in connecting.further(key, found.now)]
    for code in found.code:
        lines += ["", f"{code.title} (--client {code.client})", f"  {code.install}", ""]
        lines += [f"  {line}".rstrip() for line in code.code.splitlines()]
    return lines
