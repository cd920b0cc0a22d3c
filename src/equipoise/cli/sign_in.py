"""`equipoise sign-in`: a link that signs a browser in, once."""

from contextlib import suppress
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import quote

import typer

from equipoise.application.sign_in import TICKET_MS
from equipoise.cli.options import (
    AsJson,
    ConfigFile,
    Database,
    DataFolder,
    Problem,
    ServedHost,
    ServedPort,
    opened,
    say_guess,
    settings_beside,
    tell,
)
from equipoise.config import Settings
from equipoise.domain.errors import Missing

Url = Annotated[
    str,
    typer.Option("--url", metavar="URL", help="Where people reach the server; `public_url` if unsaid."),
]
Then = Annotated[
    str, typer.Option("--then", metavar="PATH", help="The page to lead to, such as /ui/projects/…")
]
_EVERYWHERE = {ip_address("0.0.0.0"): "127.0.0.1", ip_address("::"): "::1"}


def sign_in(
    url: Url = "",
    then: Then = "",
    host: ServedHost = None,
    port: ServedPort = None,
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs a browser in, once, as the oldest admin token of the whole instance."""
    said, known = settings_beside(config, data=data, database=database, host=host, port=port)
    with opened(said) as instance:
        try:
            code = instance.reception.invite()
        except Missing as error:
            step = "Make one with `equipoise token create --role admin`."
            raise Problem("There is no admin token of the whole instance to sign in as.", step) from error
    made = link(said, code, url=url, then=then)
    if not (known or url):
        say_guess(public(said))
    if as_json:
        tell({"url": made, "valid_minutes": TICKET_MS // 60_000}, as_json)
    else:
        typer.echo(f"Open this within the hour; it signs one browser in:\n{made}")


def address(said: Settings) -> str:
    """Where the server is reached on its own machine, which it is where it listens everywhere."""
    bare = said.host.strip("[]")
    with suppress(ValueError):  # a name
        bare = _EVERYWHERE.get(ip_address(bare), bare)
    return f"{said.scheme}://{in_url(bare)}:{said.port}"


def public(said: Settings) -> str:
    """Where others reach the server; its own address where the settings do not say."""
    return said.url if said.public_url else address(said)


def in_url(host: str) -> str:
    """A host as a URL has it: IPv6 in brackets."""
    bare = host.strip("[]")
    return f"[{bare}]" if ":" in bare else bare


def link(said: Settings, code: str, *, url: str = "", then: str = "") -> str:
    """The link that a code makes; `then` is the page it leads to."""
    wished = f"?next={quote(then, safe='/')}" if then else ""
    return f"{url.rstrip('/') or public(said)}/ui/sign-in/{code}{wished}"
