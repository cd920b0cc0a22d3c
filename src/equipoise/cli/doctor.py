"""`equipoise doctor`: what is wrong, in words, and the next step."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import typer
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from equipoise import server
from equipoise.application.administration import any_sealed, has_token
from equipoise.application.founding import founded
from equipoise.application.ports import INSTANCE_SPACE
from equipoise.cli.options import (
    AsJson,
    ConfigFile,
    Database,
    DataFolder,
    Problem,
    ServedHost,
    ServedPort,
    expect_store,
    settings_beside,
    whereabouts,
)
from equipoise.cli.sign_in import address
from equipoise.config import Settings
from equipoise.observability.probes import SERVICE
from equipoise.storage import SqlStore, Unusable, keyfile

RELEASED_AT = 1_767_225_600_000  # 2026-01-01: no clock of an instance is before it
SKEW_MS_MAX = 60_000


class Finding(Struct, frozen=True):
    """What one look found."""

    what: str
    ok: bool
    said: str
    next_step: str = ""


def doctor(
    data: DataFolder = None,
    database: Database = None,
    host: ServedHost = None,
    port: ServedPort = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Look at everything that a server needs, and say what is wrong."""
    said, _ = settings_beside(config, host=host, port=port, data=data, database=database)
    findings = list(examine(said))
    if as_json:
        typer.echo(msgspec.json.encode(findings))
    else:
        _show(findings)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def examine(said: Settings) -> Iterator[Finding]:
    """Every look, from the ground up; what stands on something broken is not looked at."""
    yield from map(
        _looked, (("data folder", lambda: _folder(said.data)), ("certificate", lambda: _tls(said)))
    )
    try:
        expect_store(said)
        store = server.store_of(said, upgrade=False)
    except Unusable as problem:
        yield Finding("database", False, problem.sentence, problem.next_step)
    else:
        yield Finding("database", True, f"{whereabouts(said)} answers and is migrated.")
        try:
            yield from map(
                _looked,
                (
                    ("secret key", lambda: _key(said, store)),
                    ("token", lambda: _token(said, store)),
                    ("clock", lambda: _clock(store)),
                ),
            )
        finally:
            store.close()
    yield _looked(("port", lambda: _port(said)))


def _looked(look: tuple[str, Callable[[], str]]) -> Finding:
    what, at = look
    try:
        return Finding(what, True, at())
    except (Problem, Unusable, server.Unstartable) as problem:
        return Finding(what, False, problem.sentence, problem.next_step)


def _folder(folder: Path) -> str:
    home = folder.absolute()
    if not home.exists():
        nearest = next(parent for parent in home.parents if parent.exists())
        _expect_rights(nearest)
        return f"{home} is not there yet, and can be made."
    if not home.is_dir():
        raise Problem(f"{home} is no folder.", "Name another with --data.")
    _expect_rights(home)
    if keyfile.open_to_others(home):
        raise Problem(f"Others may read {home / keyfile.NAME}.", f"chmod 600 {home / keyfile.NAME}")
    return f"{home} can be read and written."


def _expect_rights(folder: Path) -> None:
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise Problem(
            f"{folder} cannot be read and written by this user.",
            "Give this user the right to it, or name another folder with --data.",
        )


def _tls(said: Settings) -> str:
    server.check_tls(said)
    return "Certificate and key fit." if said.tls_cert else "None is set: http, not https."


def _key(said: Settings, store: SqlStore) -> str:
    with store.read() as reader:
        sealed = any_sealed(reader)
    if sealed is None:
        return "Nothing is sealed yet; the first start makes a key if none is set."
    server.unlock(said, store)
    return "It opens what is stored."


def _token(said: Settings, store: SqlStore) -> str:
    if not founded(store):
        return "The first start makes one."
    with store.read() as reader:
        there = has_token(reader)
    if not there:
        raise Problem(
            "There is no token, so nobody can use the interfaces.",
            "equipoise token create --project P --environment E --role admin",
        )
    if not server.knows(store, said.admin_token):
        raise Problem(
            "EQUIPOISE_ADMIN_TOKEN is set, and is no token of this store.",
            "Unset it: it counts on the first start only. `equipoise token create` makes another.",
        )
    return "There is at least one."


def _clock(store: SqlStore) -> str:
    now = server.clock()
    with store.read() as reader:
        last = reader.history(INSTANCE_SPACE, reader.number(INSTANCE_SPACE) - 1, 1)
    if now < RELEASED_AT or any(row.at > now + SKEW_MS_MAX for row in last):
        raise Problem(
            "The clock is behind: it shows a time before what was done already.",
            "Set the clock; a time service keeps it right.",
        )
    return "It is ahead of all that was done."


def _port(said: Settings) -> str:
    try:
        server.listen(said).close()
    except server.Unstartable:
        try:
            answer = httpx.get(f"{address(said)}/healthz", timeout=3, verify=False)  # noqa: S501
            ours = answer.json().get("service") == SERVICE
        except (httpx.HTTPError, ValueError, AttributeError):
            ours = False
        if ours:
            return f"An Equipoise server has port {said.port} already."
        raise
    return f"{said.host}:{said.port} is free."


def _show(findings: list[Finding]) -> None:
    table = Table("", "", "", box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]wrong[/]"
        said = finding.said if finding.ok else f"{finding.said}\nNext: {finding.next_step}"
        table.add_row(mark, finding.what, said)
    Console(soft_wrap=True).print(table)
