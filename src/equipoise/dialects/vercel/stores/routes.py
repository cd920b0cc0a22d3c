"""Routes of config stores as providers push them, under the name they had and the one they have."""

from collections.abc import Generator
from functools import partial
from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.installations import resource_of
from equipoise.application.intents import Intent, Step
from equipoise.application.removal import Gone
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ONE, changed, shown, writable
from equipoise.dialects.vercel.stores import documents
from equipoise.domain.change import Outcome
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.commands import Push
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.installation.state import Installation
from equipoise.domain.resource.state import key_of
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.decode import convert
from equipoise.translation.intents import worded
from equipoise.translation.routes import Route

WORDS = {"items": "data"}  # ours → theirs
NAMES = ("edge-config", "global-config")


def get_store(call: Call) -> Answer:
    def answer(world: World, installation: Installation) -> Answer:
        resource = resource_of(world, installation, call.path["resourceId"])
        return _shown(world, world.get(CONFIG_STORE, resource.store))

    return shown(call, answer)


def replace_store(call: Call) -> Answer:
    intent = partial(_push, call.path["resourceId"], call.config_store_bytes_max)
    return changed(call, intent, _shown, partial(_target, call))


def _push(provided: str, most: int, body: Any, installation: Installation) -> Intent[ConfigStore]:
    def intent(world: World) -> Generator[Step, Outcome[Any], ConfigStore]:
        resource = writable(world, installation, provided)
        pushed = convert(body, documents.Push)
        yield from worded(_pushed(world.get(CONFIG_STORE, resource.store), pushed.data, most), WORDS)
        return world.get(CONFIG_STORE, resource.store)

    return intent


def _pushed(now: ConfigStore, items: dict[str, Any], most: int) -> Gone:
    yield CONFIG_STORE, now, Push(items, most)


def _target(call: Call, installation: Installation) -> Target:
    """A store has the key of its resource."""
    return Target(CONFIG_STORE, installation.territory, key_of(installation.key, call.path["resourceId"]))


def _shown(_: World, now: ConfigStore) -> Answer:
    return said(documents.Store(now.items, now.updated_at, now.digest), now.revision)


def _operation(verb: str, name: str) -> str:
    return verb + "".join(part.title() for part in name.split("-"))


ROUTES: tuple[Route, ...] = tuple(
    route
    for name in NAMES
    for route in (
        Route(
            "GET",
            f"{ONE}/experimentation/{name}",
            Act.READ,
            get_store,
            _operation("get", name),
            {200: documents.Store},
            about="The config store of a resource, whole.",
        ),
        Route(
            "PUT",
            f"{ONE}/experimentation/{name}",
            Act.UPDATE,
            replace_store,
            _operation("replace", name),
            {200: documents.Store},
            body=documents.Push,
            about="Replaces the whole content of the config store.",
        ),
    )
)
