"""Code that connects a client: `$url` and the keys are filled in. The names of options are those of the
published client."""

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from msgspec import Struct

from equipoise.application.serving import Key


class Client(Struct, frozen=True):
    """A client, and how it is installed.

    package  where its code is: in a file named for it (`.txt`, since it is no module of ours)
    key      the kind of key that it takes; None where it takes a token
    """

    package: str
    name: str
    title: str
    install: str
    key: Key | None = Key.SERVER


def filled(client: Client, said: Mapping[str, str]) -> str:
    """The code of a client, with what is said put in."""
    text = files(client.package).joinpath(f"{client.name}.txt").read_text("utf-8")
    return Template(text).substitute(said).rstrip()
