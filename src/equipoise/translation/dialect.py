"""What a dialect is: a name, the paths it owns, its routes, its answers to what goes wrong."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.domain.errors import DomainError
from equipoise.translation.errors import TransportError
from equipoise.translation.limiter import Quota
from equipoise.translation.routes import Route


class Dialect(Struct, frozen=True):
    """One surface. The server finds it by looking into `dialects`; it is listed nowhere.

    prefixes    raw paths it owns; the longest that fits decides between dialects
    credential  the secret in the request's headers (names in lower case); "" for none
    refuse      what went wrong, as this surface says it
    quotas      the rate limiter's state as headers of this surface
    refusal     the document of every refusal
    security    how the OpenAPI document says that credentials are presented
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
