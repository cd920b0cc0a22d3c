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
from equipoise.domain.errors import Forbidden
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.commands import Move
from equipoise.domain.invoice.state import Invoice, Status
from equipoise.security.signing import generate
from equipoise.translation.decode import convert


def install(place: Place, body: Any, client: str) -> Intent[Installed]:
    """The key pair is made here, before anybody waits for the change.

    client  what the id of a new client begins with
    """
    pair = generate()

    def intent(world: World) -> Generator[Step, Outcome[Any], Installed]:
        said = convert(body, documents.Install)
        alone = said.revokeOthers
        return (yield from installations.install(world, said.id, place, pair, alone, client))

    return intent


def remove(key: str) -> Intent[None]:
    return lambda world: installations.remove(world, named(world, key))


def create_code(key: str, body: Any) -> Intent[tuple[str, int]]:
    """For oneself; whoever administers the whole project may ask for another's. raises Forbidden"""

    def intent(world: World) -> Generator[Step, Outcome[Any], tuple[str, int]]:
        now, who = named(world, key), world.principal
        said = convert(body, documents.CreateCode)
        if who.environment and said.member != who.member:
            raise Forbidden("hand out codes", "other members")
        return (yield from introduce(world, now, said.member))

    return intent


def move_invoice(key: str, id: Id, body: Any) -> Intent[Invoice]:
    def intent(world: World) -> Generator[Step, Outcome[Any], Invoice]:
        now = invoice(world, key, id)
        said = convert(body, documents.MoveInvoice)
        moved = yield INVOICE, now, Move(Status(said.state))
        after: Invoice = moved.state
        return after

    return intent


def named(world: World, key: str) -> Installation:
    """raises Missing"""
    return world.named(INSTALLATION, INSTANCE, key)


def invoice(world: World, key: str, id: Id) -> Invoice:
    """raises Missing"""
    return installations.invoice_of(world, named(world, key), id, id)
