"""Installations as they are made, and what comes with one: a token, a client, a key to sign with."""

from collections.abc import Generator
from typing import Any

from msgspec import Struct

from equipoise.application.administration import by_the_instance
from equipoise.application.catalog import ISSUED
from equipoise.application.changes import Desk
from equipoise.application.intents import Step
from equipoise.application.ports import Query, Reader, Store, Vault
from equipoise.application.removal import PROVIDED, Gone, deleted
from equipoise.application.world import World
from equipoise.domain import labels
from equipoise.domain.change import Outcome
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Held, Invalid, Missing, Refused, Violation
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import AddToken, Configure, Create, Reinstall, RevokeToken
from equipoise.domain.installation.state import UNINSTALLED, Installation, SigningKey
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.state import Invoice
from equipoise.domain.project import PROJECT
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import Resource, key_of
from equipoise.security.signing import KeyPair, generate
from equipoise.security.tokens import digest


class Installed(Struct, frozen=True):
    """An installation, and a new token of it, the only time that is seen."""

    installation: Installation
    token: str
    client_secret: str


def install(
    world: World, key: str, place: Place, pair: KeyPair, alone: bool = False, client: str = ""
) -> Generator[Step, Outcome[Any], Installed]:
    """Makes an installation of this key for an environment; one that is there gets one more token. One that
    was uninstalled comes back with what it had; nothing that let somebody in before does.

    pair    a new one, made before anybody waits for this change
    alone   whether the tokens from before are void
    client  what the id of a new one's client begins with
    raises  Missing, Invalid; Held where it is bound to another environment
    """
    if key == ISSUED:
        raise Invalid(
            Violation("id", f"must not be {ISSUED}, which is what we are called in the catalog", key)
        )
    world.named(PROJECT, INSTANCE, place.project)
    world.named(ENVIRONMENT, Place(place.project), place.environment)
    token = world.secret("installation")
    now = world.peek(INSTALLATION, INSTANCE, key)
    if now is None:
        made = yield INSTALLATION, None, Create(_newborn(world, key, place, pair, token, client))
        return _installed(world, made.state, token)
    if now.territory != place:
        raise Held(f"install {key} in {place}", f"it is installed in {now.territory}", now.territory)
    if now.status == UNINSTALLED:
        yield INSTALLATION, now, Reinstall(world.seal(world.secret("client")))
    for known in now.tokens if alone else ():
        yield INSTALLATION, now, RevokeToken(known)
    made = yield INSTALLATION, now, AddToken(digest(token))
    return _installed(world, made.state, token)


def remove(world: World, now: Installation) -> Gone:
    """The installation goes with its resources, their stores and items, and all that was said of money."""
    for noun in PROVIDED:
        yield from deleted(world, noun, Query(now.territory, links=(("installation", now.key),)))
    yield INSTALLATION, now, labels.Delete()


def resource_of(world: World, installation: Installation, provided: str) -> Resource:
    """The installation's resource of the provider's id; in the past, none of another that had its key before.

    raises  Missing
    """
    found = world.peek(RESOURCE, installation.territory, key_of(installation.key, provided))
    if found is None or found.created_at < installation.created_at:
        raise Missing("resource", provided)
    return found


def invoice_of(world: World, installation: Installation, id: Id, said: str) -> Invoice:
    """The installation's invoice of this id; `said` is how it was asked for. raises Missing"""
    found = world.find(INVOICE, id)
    ours = found is not None and found.installation == installation.key
    if found is None or not ours or found.created_at < installation.created_at:
        raise Missing("invoice", said)
    return found


def in_use(reader: Reader, store: ConfigStore) -> bool:
    """Whether its provider is installed, and its resource there."""
    provider = reader.named(INSTALLATION, INSTANCE, store.installation)
    resource = reader.named(RESOURCE, store.place, store.key)
    return all(each is not None and each.status != UNINSTALLED for each in (provider, resource))


def install_provider(desk: Desk, key: str, place: Place, alone: bool = False, client: str = "") -> Installed:
    """The same as `install`, for whoever has the command line. raises Missing, Invalid, Held"""
    pair = generate()
    return by_the_instance(desk, lambda world: install(world, key, place, pair, alone, client))


def providers(store: Store) -> tuple[tuple[Installation, tuple[str, ...]], ...]:
    """Every installation, the oldest first, with the provider's ids of its resources."""
    with store.read() as reader:
        found = reader.select(INSTALLATION, Query(INSTANCE)).items
        return tuple((each, _resources(reader, each)) for each in found)


def provided_to(store: Store, key: str) -> tuple[str, ...]:
    """The provider's ids of the resources of an installation. raises Missing"""
    with store.read() as reader:
        return _resources(reader, _known(reader, key))


def uninstall_provider(desk: Desk, key: str) -> None:
    """Its provider is let in no more; what it made stays. For whoever has the command line. raises Missing"""

    def intent(world: World) -> Generator[Step, Outcome[Any], None]:
        yield INSTALLATION, world.named(INSTALLATION, INSTANCE, key), Configure(status=UNINSTALLED)

    by_the_instance(desk, intent)


def delete_provider(desk: Desk, key: str) -> None:
    """The same as `remove`, for whoever has the command line. raises Missing"""
    by_the_instance(desk, lambda world: remove(world, world.named(INSTALLATION, INSTANCE, key)))


def read_access(store: Store, vault: Vault, key: str, provided: str) -> tuple[Id, str]:
    """The id of a resource's config store, and what applications read it with.

    raises  Missing; Refused where nobody reads it any more
    """
    with store.read() as reader:
        installation = _known(reader, key)
        resource = reader.named(RESOURCE, installation.territory, key_of(key, provided))
    if resource is None:
        raise Missing("resource", provided)
    for each in (installation, resource):
        if each.status == UNINSTALLED:
            raise Refused("read its config store", each.said, "is uninstalled")
    return resource.store, vault.open(resource.read_key.sealed)


def others(reader: Reader, noun: str, key: str) -> tuple[str, ...]:
    """What there is of this kind where an installation of this key was meant: ids, and who members are."""
    if noun == INSTALLATION.name:
        return tuple(each.key for each in reader.select(INSTALLATION, Query(INSTANCE)).items)
    found = reader.named(INSTALLATION, INSTANCE, key)
    if found is None:
        return ()
    if noun == RESOURCE.name:
        return _resources(reader, found)
    project = reader.named(PROJECT, INSTANCE, found.project)
    members = () if project is None else project.members
    return tuple(f"{each.id} ({each.email or each.role})" for each in members)


def _known(reader: Reader, key: str) -> Installation:
    """raises Missing"""
    found = reader.named(INSTALLATION, INSTANCE, key)
    if found is None:
        raise Missing("installation", key)
    return found


def _resources(reader: Reader, of: Installation) -> tuple[str, ...]:
    query = Query(of.territory, links=(("installation", of.key),))
    return tuple(each.provided for each in reader.select(RESOURCE, query).items)


def _installed(world: World, now: Installation, token: str) -> Installed:
    return Installed(now, token, world.open(now.client_secret))


def _newborn(world: World, key: str, place: Place, pair: KeyPair, token: str, client: str) -> Installation:
    moment = world.moment
    return Installation(
        id=moment.id("installation", key),
        key=key,
        project=place.project,
        environment=place.environment,
        created_at=moment.at,
        client=client + moment.token("client", key)[:24],
        client_secret=world.seal(world.secret("client")),
        signing=SigningKey(world.seal(pair.private).sealed, pair.modulus, pair.exponent),
        tokens=(digest(token),),
    )
