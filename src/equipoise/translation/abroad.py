"""What a surface shows as others spell it. Each dialect declares its own; the gateway hands on what all say,
so that they stay strangers."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from equipoise.application.clients import Client
from equipoise.domain.identity import Id

CLIENT = "client"  # of an installation: what its provider signs users on as
Connection = Callable[[str, Id, str], str]


def nowhere(url: str, store: Id, secret: str) -> str:
    """Where no surface serves config stores."""
    return ""


class Abroad(Struct, frozen=True):
    """What the surfaces of one server say.

    spelled     name of a noun, or CLIENT → what its ids begin with, before ours
    connection  what clients that read a config store are set up with: of the server's address, the id of the
                store and its read key
    clients     of all surfaces, those that take a token last
    client_headers    in which clients name themselves, before `User-Agent`
    """

    spelled: Mapping[str, str] = {}
    connection: Connection = nowhere
    clients: tuple[Client, ...] = ()
    client_headers: tuple[str, ...] = ()

    def say(self, noun: str, id: Id) -> str:
        return self.spelled.get(noun, "") + id

    def read(self, noun: str, text: str) -> Id:
        """Our id, from either spelling."""
        return text.removeprefix(self.spelled.get(noun, ""))
