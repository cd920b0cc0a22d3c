"""The command line. What goes wrong is a sentence and the next step, never a traceback."""

import os
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from equipoise import __version__
from equipoise.cli import connect as connecting
from equipoise.cli import doctor, keys, results, upkeep
from equipoise.cli import explain as explaining
from equipoise.cli import serve as serving
from equipoise.cli import sign_in as signing_in
from equipoise.cli import vercel as vercels
from equipoise.cli.options import DataFolder, Port, Problem, complain
from equipoise.domain.errors import DomainError, Invalid
from equipoise.server import Unstartable
from equipoise.storage import Unusable

_DOCTOR = "`equipoise doctor` may know more; EQUIPOISE_LOG_LEVEL=debug shows where it happened."

app = typer.Typer(
    name="equipoise",
    help="A self-hosted experimentation platform that speaks to the clients you already have.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serving.serve)
app.add_typer(keys.tokens, name="token")
app.add_typer(keys.sdk_keys, name="sdk-key")
app.add_typer(vercels.vercel, name="vercel")
app.command("sign-in")(signing_in.sign_in)
app.command("results")(results.results)
app.command("connect")(connecting.connect)
app.command("explain")(explaining.explain)
app.command("doctor")(doctor.doctor)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("migrate")(upkeep.migrate)


@app.command("demo")
def demo(
    port: Port = None,
    data: DataFolder = None,
    serve: Annotated[
        bool, typer.Option(help="Keep serving when the story is told and somebody is at the terminal.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Another seed makes other visitors, and the same verdicts.")] = 1,
    pace: Annotated[float, typer.Option(help="Seconds that a day of the shop lasts.", min=0.0)] = 2.0,
) -> None:
    """Run three experiments in a simulated shop whose truth is known, and see what the evidence says."""
    from rich.console import Console

    from equipoise.cli.demo import run

    run(8080 if port is None else port, data, serve and sys.stdin.isatty(), seed, pace, Console())


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"equipoise {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else."),
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs one command and ends the process."""
    try:
        app(arguments)
    except Exception as error:
        if os.environ.get("EQUIPOISE_LOG_LEVEL", "").lower() == "debug":
            traceback.print_exc()
        complain(*_words(error))
    sys.exit(1)


def _words(error: Exception) -> tuple[str, ...]:
    """What went wrong as a sentence, the next step, and details."""
    match error:
        case Unusable() | Unstartable() | Problem():
            return error.sentence, error.next_step
        case Invalid():
            step = "docs/reference/settings.md says what each setting may be."
            return "This cannot be used:", step, *(str(each) for each in error.violations)
        case DomainError():
            return f"That was refused: {error}.", "`equipoise --help` says what each command takes."
        case OSError():
            return f"{error.filename or 'The system'}: {error.strerror or error}.", _DOCTOR
    return f"We did not foresee this: {type(error).__name__}: {error}", _DOCTOR
