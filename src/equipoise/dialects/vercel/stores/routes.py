"""Routes of config stores as providers push them, under the name they had and the one they have."""

from collections.abc import Generator
from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.intents import Intent, Step
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ONE, owned, reached, writable
from equipoise.dialects.vercel.stores import documents
from equipoise.domain.change import Outcome
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.commands import Push
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.installation.state import Installation
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import key_of
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.decode import convert
from equipoise.translation.routes import Route

NAMES = ("edge-config", "global-config")


def get_store(call: Call) -> Answer:
    installation = reached(call)

    def answer(world: World) -> Answer:
        resource = owned(world, installation, call.path["resourceId"])
        return _shown(world, world.get(CONFIG_STORE, resource.store))

    return call.read(answer, installation.territory, installation.id)


def replace_store(call: Call) -> Answer:
    installation = reached(call)
    intent = _push(installation, call.path["resourceId"], call.json(), call.config_store_bytes_max)
    return call.change(
        intent, _shown, installation.territory, _target(call, installation), about=installation.id
    )


def _push(installation: Installation, provided: str, body: Any, most: int) -> Intent[ConfigStore]:
    def intent(world: World) -> Generator[Step, Outcome[Any], ConfigStore]:
        resource = writable(world, installation, provided)
        pushed = convert(body, documents.Push)
        now = world.get(CONFIG_STORE, resource.store)
        outcome = yield CONFIG_STORE, now, Push(pushed.data, most)
        store: ConfigStore = outcome.state
        return store

    return intent


def _target(call: Call, installation: Installation) -> Target:
    """The store, by the resource that has it; nothing where there is none."""
    key = key_of(installation.key, call.path["resourceId"])
    with call.library.store.read() as reader:
        resource = reader.named(RESOURCE, installation.territory, key)
    return Target(CONFIG_STORE, id="" if resource is None else resource.store)


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
