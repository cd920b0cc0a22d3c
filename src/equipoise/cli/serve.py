"""`equipoise serve`: prepare the store, say where it is served, and serve it."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from equipoise import __version__, server
from equipoise.cli.options import ConfigFile, Database, DataFolder, Host, Port, settings, whereabouts
from equipoise.cli.sign_in import in_url, link
from equipoise.config import Settings

TOKEN_LENGTH_MIN = 32  # characters; a shorter secret could be guessed


def serve(
    host: Host = None,
    port: Port = None,
    data: DataFolder = None,
    database: Database = None,
    lake: Annotated[
        str | None, typer.Option("--lake", metavar="URL", help="Where event files go; DIR/lake if unsaid.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Processes that serve; 1 if unsaid.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="F", help="Certificate in PEM format.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="F", help="Its private key in PEM format.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Serve every interface on one port. The first start makes a project and an admin token."""
    said = settings(
        config,
        host=host,
        port=port,
        data=data,
        database=database,
        lake=lake,
        workers=workers,
        tls_cert=tls_cert,
        tls_key=tls_key,
    )
    server.check_tls(said)
    listener = server.listen(said)
    try:
        said = replace(said, port=listener.getsockname()[1])  # the settings may have left it open
        prepared = server.prepare(said)
        with server.posted(said):
            _introduce(said, prepared)
            server.run(said, listener)
    finally:
        listener.close()


def _introduce(said: Settings, prepared: server.Prepared) -> None:
    address = f"{said.scheme}://{in_url(said.host)}:{said.port}"
    lines = [f"Equipoise {__version__} serves at {address}", f"State lives in {whereabouts(said)}"]
    random = prepared.made if prepared.made != said.admin_token else None
    if random:
        lines.append(f"Admin token, shown this once: {random}")
    elif prepared.made:
        lines.append("The admin token is the value of EQUIPOISE_ADMIN_TOKEN.")
    if not prepared.known:
        lines.append("EQUIPOISE_ADMIN_TOKEN is no token of this store: it counts on the first start only.")
    if said.admin_token and len(said.admin_token) < TOKEN_LENGTH_MIN:
        lines.append(
            f"EQUIPOISE_ADMIN_TOKEN is short: below {TOKEN_LENGTH_MIN} characters it may be guessed."
        )
    token = random or ("$EQUIPOISE_ADMIN_TOKEN" if said.admin_token else "$TOKEN")
    lines.append(f'Try it: curl -H "Authorization: {token}" {address}/api/v2/projects')
    if prepared.code:
        lines.append(f"Open {link(said, prepared.code)} (signs you in, once, within the hour)")
    lines.append("Ctrl-C stops it.")
    typer.echo("\n".join(lines))
    typer.get_text_stream("stdout").flush()
