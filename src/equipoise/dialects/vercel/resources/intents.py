"""Requests about resources as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET

from equipoise.application.installations import resource_of
from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query
from equipoise.application.removal import Gone, deleted
from equipoise.application.world import World
from equipoise.dialects.vercel.access import writable
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
from equipoise.translation.intents import Field, by_field, worded
from equipoise.translation.salvage import read, settle

Changing = Generator[Step, Outcome[Any], Resource]

WORDS = {"billing_plan": "billingPlan", "product": "productId", "provided": "resourceId"}  # ours → theirs
FREE = {  # theirs → ours, kept as they are said
    "metadata": "metadata",
    "billingPlan": "billing_plan",
    "notification": "notification",
    "extras": "extras",
}
FIELDS: dict[str | tuple[str, ...], Field] = {
    "productId": lambda product, now: (Configure(product=product),),
    "name": lambda name, now: (Configure(name=name),),
    "ownership": lambda ownership, now: (Configure(ownership=ownership),),
    "metadata": lambda metadata, now: (Configure(metadata=metadata),),
    "billingPlan": lambda plan, now: (Configure(billing_plan=plan),),
    "notification": lambda said, now: (Configure(notification=notification(said)),),
    "extras": lambda extras, now: (Configure(extras=extras),),
}
STATUS: dict[str | tuple[str, ...], Field] = {
    "status": lambda status, now: (Configure(status=status),),
}


def put(provided: str, body: Any, installation: Installation) -> Intent[Resource]:
    """Makes it, or changes what is said of it: what is not said stays."""

    def intent(world: World) -> Changing:
        said, unreadable = read(body, documents.ImportResource)
        settle(unreadable, _findings(said))
        now = world.peek(RESOURCE, installation.territory, key_of(installation.key, provided))
        if now is None:
            return (yield from worded(_born(world, installation, provided, body, said), WORDS))
        return (yield from _change(world, now, body, said.secrets))

    return intent


def update(provided: str, body: Any, installation: Installation) -> Intent[Resource]:
    def intent(world: World) -> Changing:
        now = resource_of(world, installation, provided)
        said, unreadable = read(body, documents.UpdateResource)
        settle(unreadable, _findings(said))
        return (yield from _change(world, now, body, said.secrets))

    return intent


def set_secrets(
    provided: str, product: str | None, body: Any, installation: Installation
) -> Intent[Resource]:
    """`product`: that of the resource, where the request names one."""

    def intent(world: World) -> Changing:
        now = writable(world, installation, provided)
        if product not in (None, now.product):
            raise Missing("resource", provided)
        said, unreadable = read(body, documents.Secrets)
        settle(unreadable, secrets.findings(said.secrets, "secrets"))
        yield from _change_secrets(world, now, said)
        return world.get(RESOURCE, now.id)

    return intent


def remove(provided: str, installation: Installation) -> Intent[None]:
    """It goes with its config store and with what it published."""

    def intent(world: World) -> Gone:
        now = resource_of(world, installation, provided)
        published = Query(now.place, links=(("resource", now.key),))
        yield from deleted(world, CATALOG_ENTRY, published)
        yield CONFIG_STORE, world.get(CONFIG_STORE, now.store), Delete()
        yield RESOURCE, now, Delete()

    return intent


def _change(world: World, now: Resource, body: Any, said: Any) -> Changing:
    """Fields, secrets, and the status last: once uninstalled, it stays as it is."""
    fields_said = fields(body)
    yield from worded(by_field(fields_said, FIELDS, RESOURCE, now), WORDS)
    if said is not UNSET:
        yield from _change_secrets(world, now, said)
    yield from by_field(fields_said, STATUS, RESOURCE, now)
    return world.get(RESOURCE, now.id)


def _change_secrets(world: World, now: Resource, said: documents.Secrets | list[documents.Secret]) -> Gone:
    whole = said if isinstance(said, documents.Secrets) else documents.Secrets(said)
    yield RESOURCE, now, SetSecrets(secrets.kept(world, now.secrets, whole.secrets, whole.partial))


def _findings(said: documents.ImportResource | documents.UpdateResource) -> Findings:
    yield from of_notification(said.notification)
    if said.secrets is not UNSET:
        whole = said.secrets
        if isinstance(whole, documents.Secrets):
            yield from secrets.findings(whole.secrets, "secrets.secrets")
        else:
            yield from secrets.findings(whole, "secrets")


def _born(
    world: World, installation: Installation, provided: str, body: Any, said: documents.ImportResource
) -> Changing:
    """The resource, whole, and its config store."""
    moment, place = world.moment, installation.territory
    of = {
        "installation": installation.key,
        "project": place.project,
        "environment": place.environment,
        "created_at": moment.at,
    }
    store = ConfigStore(
        id=moment.id("config store", installation.key, provided),
        resource=provided,
        updated_at=moment.at,
        **of,  # type: ignore[arg-type]
    )
    free = {ours: body[theirs] for theirs, ours in FREE.items() if theirs in body}
    resource = Resource(
        id=moment.id("resource", installation.key, provided),
        provided=provided,
        product=said.productId,
        name=said.name,
        status=said.status,
        store=store.id,
        read_key=world.seal(world.secret("reading")),
        ownership="owned" if said.ownership is UNSET else said.ownership,
        secrets=() if said.secrets is UNSET else secrets.kept(world, (), said.secrets, partial=False),
        **of,  # type: ignore[arg-type]
        **free,
    )
    made = yield RESOURCE, None, Create(resource)
    yield CONFIG_STORE, None, CreateStore(store)
    born: Resource = made.state
    return born
