"""Requests about an installation as intents."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.application.installations import resource_of
from equipoise.application.intents import Intent, Step
from equipoise.application.world import World
from equipoise.dialects.vercel.errors import Declined
from equipoise.dialects.vercel.findings import fields, notification, of_notification
from equipoise.dialects.vercel.installations import documents
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Missing
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
from equipoise.translation.intents import Field, by_field, worded
from equipoise.translation.salvage import read, settle

Changing = Generator[Step, Outcome[Any], Installation]

WORDS = {"billing_plan": "billingPlan", "external_id": "externalId"}  # ours → theirs
FIELDS: dict[str | tuple[str, ...], Field] = {
    "externalId": lambda id, now: (Configure(external_id=id),),
    "billingPlan": lambda plan, now: (Configure(billing_plan=plan),),
    "notification": lambda said, now: (Configure(notification=notification(said)),),
    "status": lambda status, now: (Configure(status=status),),  # last: once uninstalled, it stays as it is
}


def update(body: Any, installation: Installation) -> Intent[Installation]:
    def intent(world: World) -> Changing:
        said, unreadable = read(body, documents.UpdateInstallation)
        settle(unreadable, of_notification(said.notification))
        yield from worded(by_field(fields(body), FIELDS, INSTALLATION, installation), WORDS)
        return world.get(INSTALLATION, installation.id)

    return intent


def tell(body: Any, installation: Installation) -> Intent[Installation]:
    def intent(world: World) -> Changing:
        said = convert(body, documents.CreateEvent)
        if isinstance(said.event, documents.ResourceUpdated):
            resource_of(world, installation, said.event.resourceId)
        told = yield INSTALLATION, installation, Tell(body["event"])
        now: Installation = told.state
        return now

    return intent


def finalize(installation: Installation) -> Intent[Installation]:
    def intent(_: World) -> Changing:
        finalized = yield INSTALLATION, installation, Finalize()
        now: Installation = finalized.state
        return now

    return intent


def rotate(body: Any, installation: Installation) -> Intent[tuple[Installation, str]]:
    """One more token, and its secret; those before it stay valid."""

    def intent(world: World) -> Generator[Step, Outcome[Any], tuple[Installation, str]]:
        said = convert(body, documents.Rotate)
        _check_client(installation, said.client_id, said.client_secret)
        token = world.secret("installation")
        added = yield INSTALLATION, installation, AddToken(digest(token))
        return added.state, token

    return intent


def revoke(body: Any, installation: Installation) -> Intent[documents.Revoked]:
    """A token that was revoked before is so already; one that we never issued is missing."""

    def intent(_: World) -> Generator[Step, Outcome[Any], documents.Revoked]:
        said = convert(body, documents.Revoke)
        _check_client(installation, said.client_id, said.client_secret)
        hashed = digest(said.token)
        if hashed in installation.revoked:
            return documents.Revoked(True, True)
        if hashed not in installation.tokens:
            raise Missing("token", "")
        yield INSTALLATION, installation, RevokeToken(hashed)
        return documents.Revoked(True, False)

    return intent


def _check_client(now: Installation, client: str | UnsetType, secret: str) -> None:
    """raises Declined"""
    known = client in (UNSET, "", now.client)
    if not known or not same(now.client_secret.digest, digest(secret)):
        raise Declined("The client is not that of this installation.", "forbidden", 403)
