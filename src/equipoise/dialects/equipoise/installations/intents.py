"""Requests about installations as intents."""

from collections.abc import Generator
from typing import Any

from equipoise.application import installations
from equipoise.application.installations import Installed
from equipoise.application.intents import Intent, Step
from equipoise.application.sign_on import introduce
from equipoise.application.world import World
from equipoise.dialects.equipoise.installations import documents
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Missing
from equipoise.domain.identity import INSTANCE, Id, Place, is_id
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.commands import Move
from equipoise.domain.invoice.state import Invoice, Status
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import Resource, key_of
from equipoise.security.signing import generate
from equipoise.translation.decode import convert


def install(place: Place, body: Any) -> Intent[Installed]:
    pair = generate()

    def intent(world: World) -> Generator[Step, Outcome[Any], Installed]:
        said = convert(body, documents.Install)
        return (yield from installations.install(world, said.id, place, pair))

    return intent


def remove(key: str) -> Intent[None]:
    return lambda world: installations.remove(world, named(world, key))


def create_code(key: str, body: Any) -> Intent[tuple[str, int]]:
    def intent(world: World) -> Generator[Step, Outcome[Any], tuple[str, int]]:
        now = named(world, key)
        said = convert(body, documents.CreateCode)
        return (yield from introduce(world, now, said.member))

    return intent


def move_invoice(key: str, id: str, body: Any) -> Intent[Invoice]:
    def intent(world: World) -> Generator[Step, Outcome[Any], Invoice]:
        now = invoice(world, named(world, key), id)
        said = convert(body, documents.MoveInvoice)
        yield INVOICE, now, Move(Status(said.state))
        return world.get(INVOICE, now.id)

    return intent


def named(world: World, key: str) -> Installation:
    """raises Missing"""
    return world.named(INSTALLATION, INSTANCE, key)


def resource(world: World, installation: Installation, provided: str) -> Resource:
    """raises Missing"""
    found = world.peek(RESOURCE, installation.territory, key_of(installation.key, provided))
    if found is None:
        raise Missing("resource", provided)
    return found


def invoice(world: World, installation: Installation, id: str) -> Invoice:
    """By our id, spelled as the provider was told it. raises Missing"""
    found = world.find(INVOICE, id_in(id)) if id_in(id) else None
    if found is None or found.installation != installation.key:
        raise Missing("invoice", id)
    return found


def id_in(text: str) -> Id:
    """Our id of an invoice, of how providers are told it; "" where nothing can have it."""
    id = text.removeprefix("inv_")
    return id if is_id(id) else ""
