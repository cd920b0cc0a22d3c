"""Requests about an installation as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.vercel.access import here, owned
from equipoise.dialects.vercel.errors import Declined
from equipoise.dialects.vercel.findings import fields, notification, of_notification
from equipoise.dialects.vercel.installations import documents
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Invalid, Missing, Violation
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import (
    AddToken,
    Configure,
    Finalize,
    RevokeToken,
    Tell,
)
from equipoise.domain.installation.state import Installation
from equipoise.security.tokens import digest, same
from equipoise.translation.decode import convert
from equipoise.translation.intents import Field, by_field
from equipoise.translation.salvage import read, settle

Changing = Generator[Step, Outcome[Any], Installation]

FIELDS: dict[str | tuple[str, ...], Field] = {
    "externalId": lambda id, now: (Configure(external_id=id),),
    "billingPlan": lambda plan, now: (Configure(billing_plan=plan),),
    "notification": lambda said, now: (Configure(notification=notification(said)),),
    "status": lambda status, now: (Configure(status=status),),  # last: once uninstalled, it stays as it is
}


def update(installation: Installation, body: Any) -> Intent[Installation]:
    def intent(world: World) -> Changing:
        now = here(world, installation)
        said, unreadable = read(body, documents.UpdateInstallation)
        settle(unreadable, of_notification(said.notification))
        yield from by_field(fields(body), FIELDS, INSTALLATION, now)
        return world.get(INSTALLATION, now.id)

    return intent


def tell(installation: Installation, body: Any) -> Intent[Installation]:
    def intent(world: World) -> Changing:
        now = here(world, installation)
        said = convert(body, documents.CreateEvent)
        if isinstance(said.event, documents.ResourceUpdated):
            owned(world, installation, said.event.resourceId)
        yield INSTALLATION, now, Tell(body["event"])
        return world.get(INSTALLATION, now.id)

    return intent


def finalize(installation: Installation) -> Intent[Installation]:
    def intent(world: World) -> Changing:
        now = here(world, installation)
        yield INSTALLATION, now, Finalize()
        return world.get(INSTALLATION, now.id)

    return intent


def rotate(installation: Installation, body: Any) -> Intent[tuple[Installation, str]]:
    """One more token, and its secret; those before it stay valid."""

    def intent(world: World) -> Generator[Step, Outcome[Any], tuple[Installation, str]]:
        now = here(world, installation)
        said = _sound(body, documents.Rotate)
        _check_client(now, said.client_id, said.client_secret)
        token = world.secret("installation")
        yield INSTALLATION, now, AddToken(digest(token))
        return world.get(INSTALLATION, now.id), token

    return intent


def revoke(installation: Installation, body: Any) -> Intent[documents.Revoked]:
    """A token that was revoked before is so already; one that we never issued is missing."""

    def intent(world: World) -> Generator[Step, Outcome[Any], documents.Revoked]:
        now = here(world, installation)
        said = _sound(body, documents.Revoke)
        _check_client(now, said.client_id, said.client_secret)
        hashed = digest(said.token)
        if hashed in now.revoked:
            return documents.Revoked(True, True)
        if hashed not in now.tokens:
            raise Missing("token", "")
        yield INSTALLATION, now, RevokeToken(hashed)
        return documents.Revoked(True, False)

    return intent


def _sound(body: Any, document: Any) -> Any:
    """The document. What is wrong with it is said without what was found: it may be a secret."""
    try:
        return convert(body, document)
    except Invalid as error:
        raise Invalid(*(Violation(each.where, each.rule) for each in error.violations)) from None


def _check_client(now: Installation, client: str | UnsetType, secret: str) -> None:
    """raises Declined"""
    known = client in (UNSET, "", now.client)
    if not known or not same(now.client_secret.digest, digest(secret)):
        raise Declined("The client is not that of this installation.", "forbidden", 403)
