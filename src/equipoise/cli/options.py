"""What commands share: options, the settings they lead to, and ways to say what came of it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from msgspec.structs import asdict

from equipoise import config, server
from equipoise.config import Settings
from equipoise.storage import Unusable
from equipoise.storage.engine import file_of, url_of

ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings, instead of ./equipoise.toml.")
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Where state lives; ./equipoise-data if unsaid.")
]
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="postgresql://… or sqlite:///…, instead of the folder."),
]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on; 127.0.0.1 if unsaid.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on; 8080 if unsaid, 0 for any.")]
ServedHost = Annotated[
    str | None, typer.Option("--host", help="Where the server is; that of the one which runs, if unsaid.")
]
ServedPort = Annotated[
    int | None, typer.Option("--port", help="Its port; that of the server which runs, or 8080, if unsaid.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]
Project = Annotated[str, typer.Option("--project", metavar="P", help="Key of the project.")]
Environment = Annotated[str, typer.Option("--environment", metavar="E", help="Key of the environment.")]


class Problem(Exception):
    """What a command cannot do: a sentence, and the next step."""

    def __init__(self, sentence: str, next_step: str) -> None:
        self.sentence, self.next_step = sentence, next_step
        super().__init__(f"{sentence} {next_step}")


def settings(file: Path | None = None, **options: Any) -> Settings:
    """The settings of a command, of which `options` were said. raises Invalid"""
    return config.read(options, os.environ, file)


def settings_beside(file: Path | None = None, **options: Any) -> tuple[Settings, bool]:
    """The settings of a command that leads to the server of its folder, and whether its address is known.
    What is typed comes first, then what the server says that runs there. raises Invalid"""
    told = config.told(options, os.environ, file)
    typed = {name for name in ("host", "port") if options.get(name) is not None}
    notice = server.notice_in(Settings(**told).data)
    if notice is not None and all(getattr(notice, name) == told[name] for name in typed):
        said = {name: value for name, value in asdict(notice).items() if value is not None}
        told |= said | {name: Path(said[name]) for name in ("tls_cert", "tls_key") if name in said}
    if told.get("port") == 0:  # any that is free: where, only a server that runs knows
        del told["port"]
    return Settings(**told), not {"host", "port", "public_url"}.isdisjoint(told)


def say_guess(url: str) -> None:
    """On standard error, so that what follows can be handed on."""
    typer.echo(
        f"No server runs from this folder, so {url} is a guess. Say --port, or set EQUIPOISE_PUBLIC_URL.",
        err=True,
    )


def whereabouts(said: Settings) -> str:
    """Where state lives, for people: no password."""
    url = url_of(said.database or said.data)
    file = file_of(url)
    return url.render_as_string() if file is None else str(file)


@contextmanager
def opened(said: Settings) -> Iterator[server.Instance]:
    """The instance of the settings, for one command. raises Unusable when nothing was ever started here"""
    expect_store(said)
    with server.opened(said) as instance:
        yield instance


def expect_store(said: Settings) -> None:
    """raises Unusable when nothing was ever started here; opening would make it."""
    file = file_of(url_of(said.database or said.data))
    if file is not None and not file.exists():
        raise Unusable(
            f"There is no store at {file} yet.",
            "Start one with `equipoise serve`, or name its folder with --data.",
        )


def tell(facts: dict[str, Any], as_json: bool) -> None:
    """Facts as aligned lines, or as one JSON document; a name is spelled as its setting would be."""
    if as_json:
        typer.echo(msgspec.json.encode(facts))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        typer.echo(f"{name.replace('_', ' '):{width}}  {value}")


def complain(sentence: str, next_step: str, *details: str) -> None:
    """To standard error: what is wrong, and what to do about it."""
    for line in (sentence, *(f"  {detail}" for detail in details), f"Next: {next_step}"):
        print(line, file=sys.stderr)
