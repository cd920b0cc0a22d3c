"""What clients are set up with: an environment's keys as far as one may see them, when each was used last,
and code for each client with the keys in it."""

from collections.abc import Iterable

from msgspec import Struct

from equipoise.application.clients import Client, filled
from equipoise.application.ports import Sighting
from equipoise.application.serving import Key
from equipoise.application.sightings import key_known
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act, may
from equipoise.security.tokens import redacted


class Use(Struct, frozen=True):
    """When a client used a key last, in milliseconds since 1970."""

    client: str
    at: int


class KeyShown(Struct, frozen=True):
    """A key as it may be seen, and who used it last, the newest first."""

    kind: Key
    name: str
    key: str
    seen: tuple[Use, ...]


class Code(Struct, frozen=True):
    """How one client is set up. `key` is the kind of key that it takes; None where it takes a token."""

    client: str
    title: str
    install: str
    code: str
    key: Key | None


class Setup(Struct, frozen=True):
    """All that a client needs to be connected to an environment.

    hidden  whether keys are shown by their ends alone
    now     when this was looked up, in milliseconds since 1970
    """

    project: str
    environment: str
    url: str
    hidden: bool
    now: int
    keys: tuple[KeyShown, ...]
    code: tuple[Code, ...]


def setup_of(world: World, place: Place, url: str, clients: Iterable[Client]) -> Setup:
    """Keys are in the clear for those who may change what is served, as everywhere. raises Missing

    url  where clients reach the server, without a slash at the end
    """
    world.named(PROJECT, INSTANCE, place.project)
    environment = world.named(ENVIRONMENT, Place(place.project), place.environment)
    hidden = not may(world.principal, Act.UPDATE)

    def shown(key: SealedKey) -> str:
        return redacted(world.open(key)) if hidden else world.open(key)

    seen = world.reader.sightings(environment.id)
    server, mobile = environment.sdk_key, environment.mobile_key
    keys = (
        KeyShown(Key.SERVER, "SDK key", shown(server), _uses(seen, server.digest)),
        KeyShown(Key.MOBILE, "mobile key", shown(mobile), _uses(seen, mobile.digest)),
        KeyShown(
            Key.CLIENT, "client-side id", environment.id, _uses(seen, key_known(environment.id, Key.CLIENT))
        ),
    )
    said = {"url": url, **{f"{each.kind.value}_key": each.key for each in keys}}
    said |= {"project": place.project, "environment": place.environment}
    code = tuple(Code(each.name, each.title, each.install, filled(each, said), each.key) for each in clients)
    return Setup(place.project, place.environment, url, hidden, world.moment.at, keys, code)


def last(key: KeyShown, now: int) -> str:
    """When the key was seen last, and by whom, in words."""
    return _used(key.seen[0], now) if key.seen else "never seen"


def further(key: KeyShown, now: int) -> tuple[str, ...]:
    """The same of the other clients that used it."""
    return tuple(_used(use, now) for use in key.seen[1:])


def _used(use: Use, now: int) -> str:
    return f"{ago(use.at, now)} by {use.client}"


def ago(at: int, now: int) -> str:
    """How long before now, in words; both in milliseconds since 1970."""
    seconds = max(now - at, 0) // 1_000
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def _uses(seen: tuple[Sighting, ...], key: str) -> tuple[Use, ...]:
    return tuple(Use(each.client, each.at) for each in seen if each.key == key)
