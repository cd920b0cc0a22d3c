"""What a dialect is: a name, the paths it owns, its routes, its answers to what goes wrong."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.clients import Client
from equipoise.domain.errors import DomainError
from equipoise.domain.records import Decoded, Received
from equipoise.translation.abroad import Abroad, Connection, nowhere
from equipoise.translation.doors import Door
from equipoise.translation.errors import TransportError
from equipoise.translation.limiter import Quota
from equipoise.translation.routes import Route


def bearer(headers: Mapping[str, str]) -> str:
    """A bearer token, whatever the case of the word before it; it does without the word as well. Names of
    headers are in lower case."""
    word, _, token = headers.get("authorization", "").strip().partition(" ")
    return token.strip() if word.lower() == "bearer" else f"{word} {token}".strip()


class Dialect(Struct, frozen=True):
    """One surface. The server finds it by looking into `dialects`; it is listed nowhere.

    prefixes    raw paths it owns, with all below; one that ends in `*` owns all that begin so; the longest
                that fits decides between dialects
    credential  the secret in the request's headers (names in lower case); "" for none
    refuse      what went wrong, as this surface says it
    quotas      the rate limiter's state as headers of this surface
    refusal     the document of every refusal
    security    how the OpenAPI document says that credentials are presented
    doors       where its SDKs come in; they are looked for before the routes
    decode      the events in a body that came in by a door, the bad ones too; it raises nothing
    spelled, connection    what other surfaces say as this one does; see `Abroad`
    clients     what is shown to who connects clients of this surface
    client_header  in which its clients name themselves where they cannot set `User-Agent`; in lower case
    """

    name: str
    title: str
    prefixes: tuple[str, ...]
    routes: tuple[Route, ...]
    credential: Callable[[Mapping[str, str]], str]
    refuse: Callable[[DomainError | TransportError], Answer]
    quotas: Callable[[Quota], tuple[tuple[str, str], ...]]
    refusal: type[Struct]
    security: dict[str, str]
    doors: tuple[Door, ...] = ()
    decode: Callable[[Received], Iterator[Decoded]] | None = None
    spelled: Mapping[str, str] = {}
    connection: Connection | None = None
    clients: tuple[Client, ...] = ()
    client_header: str = ""


def abroad(dialects: Iterable[Dialect]) -> Abroad:
    """What all of them say together."""
    said = tuple(dialects)
    spelled = {noun: prefix for each in said for noun, prefix in each.spelled.items()}
    clients = (client for each in said for client in each.clients)
    return Abroad(
        spelled,
        next((each.connection for each in said if each.connection), nowhere),
        tuple(sorted(clients, key=lambda client: client.key is None)),
        tuple(each.client_header for each in said if each.client_header),
    )
