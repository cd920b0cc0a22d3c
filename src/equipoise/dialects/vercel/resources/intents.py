"""Requests about resources as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET

from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query
from equipoise.application.removal import deleted
from equipoise.application.world import World
from equipoise.dialects.vercel.access import here, owned, writable
from equipoise.dialects.vercel.findings import Findings, fields, notification, of_notification
from equipoise.dialects.vercel.resources import documents, secrets
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Outcome
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.commands import Create as CreateStore
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.errors import Missing
from equipoise.domain.installation.state import Installation
from equipoise.domain.labels import Delete
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.commands import Configure, Create, SetSecrets
from equipoise.domain.resource.state import Resource, key_of
from equipoise.translation.intents import Field, by_field
from equipoise.translation.salvage import read, settle

Changing = Generator[Step, Outcome[Any], Resource]
Gone = Generator[Step, Outcome[Any], None]

FIELDS: dict[str | tuple[str, ...], Field] = {
    "productId": lambda product, now: (Configure(product=product),),
    "name": lambda name, now: (Configure(name=name),),
    "ownership": lambda ownership, now: (Configure(ownership=ownership),),
    "metadata": lambda metadata, now: (Configure(metadata=metadata),),
    "billingPlan": lambda plan, now: (Configure(billing_plan=plan),),
    "notification": lambda said, now: (Configure(notification=notification(said)),),
    "extras": lambda extras, now: (Configure(extras=extras),),
}
STATUS: dict[str | tuple[str, ...], Field] = {  # last of all: once uninstalled, it stays as it is
    "status": lambda status, now: (Configure(status=status),),
}


def put(installation: Installation, provided: str, body: Any) -> Intent[Resource]:
    """Makes it, or changes what is said of it: what is not said stays."""

    def intent(world: World) -> Changing:
        here(world, installation)
        said, unreadable = read(body, documents.ImportResource)
        settle(unreadable, _findings(said))
        now = world.peek(RESOURCE, installation.territory, key_of(installation.key, provided))
        if now is None:
            now = yield from _born(world, installation, provided, said)
        return (yield from _change(world, now, body, said.secrets))

    return intent


def update(installation: Installation, provided: str, body: Any) -> Intent[Resource]:
    def intent(world: World) -> Changing:
        here(world, installation)
        now = owned(world, installation, provided)
        said, unreadable = read(body, documents.UpdateResource)
        settle(unreadable, _findings(said))
        return (yield from _change(world, now, body, said.secrets))

    return intent


def set_secrets(
    installation: Installation, provided: str, body: Any, product: str | None = None
) -> Intent[Resource]:
    """`product`: that of the resource, where the request names one."""

    def intent(world: World) -> Changing:
        now = writable(world, installation, provided)
        if product not in (None, now.product):
            raise Missing("resource", provided)
        said, unreadable = read(body, documents.Secrets)
        settle(unreadable, secrets.findings(said.secrets))
        yield from _change_secrets(world, now, said)
        return world.get(RESOURCE, now.id)

    return intent


def remove(installation: Installation, provided: str) -> Intent[None]:
    """It goes with its config store and with what it published."""

    def intent(world: World) -> Gone:
        here(world, installation)
        now = owned(world, installation, provided)
        published = Query(now.place, links=(("resource", now.key),))
        yield from deleted(world, CATALOG_ENTRY, published)
        yield CONFIG_STORE, world.get(CONFIG_STORE, now.store), Delete()
        yield RESOURCE, now, Delete()

    return intent


def _change(world: World, now: Resource, body: Any, said: Any) -> Changing:
    yield from by_field(fields(body), FIELDS, RESOURCE, now)
    if said is not UNSET:
        yield from _change_secrets(world, now, said)
    yield from by_field(fields(body), STATUS, RESOURCE, now)
    return world.get(RESOURCE, now.id)


def _change_secrets(world: World, now: Resource, said: documents.Secrets | list[documents.Secret]) -> Gone:
    whole = said if isinstance(said, documents.Secrets) else documents.Secrets(said)
    yield RESOURCE, now, SetSecrets(secrets.kept(world, now.secrets, whole.secrets, whole.partial))


def _findings(said: documents.ImportResource | documents.UpdateResource) -> Findings:
    yield from of_notification(said.notification)
    if said.secrets is not UNSET:
        whole = said.secrets
        listed = whole.secrets if isinstance(whole, documents.Secrets) else whole
        yield from secrets.findings(listed)


def _born(
    world: World, installation: Installation, provided: str, said: documents.ImportResource
) -> Changing:
    """The resource and its config store, with what must be said of one; the rest follows."""
    moment, place = world.moment, installation.territory
    store = moment.id("config store", installation.key, provided)
    yield (
        CONFIG_STORE,
        None,
        CreateStore(
            ConfigStore(
                id=store,
                installation=installation.key,
                resource=provided,
                project=place.project,
                environment=place.environment,
                created_at=moment.at,
                updated_at=moment.at,
            )
        ),
    )
    made = yield (
        RESOURCE,
        None,
        Create(
            Resource(
                id=moment.id("resource", installation.key, provided),
                installation=installation.key,
                provided=provided,
                project=place.project,
                environment=place.environment,
                created_at=moment.at,
                product=said.productId,
                name=said.name,
                status=said.status,
                store=store,
                read_key=world.seal(world.secret("reading")),
            )
        ),
    )
    resource: Resource = made.state
    return resource
