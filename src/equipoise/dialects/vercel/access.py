"""Whose installation it is: the one of the path, for those who may speak of it."""

from equipoise.application.world import World
from equipoise.dialects.vercel.errors import Declined
from equipoise.domain.errors import Forbidden, Missing, Refused
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import UNINSTALLED, Installation
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import Resource, key_of
from equipoise.security.permissions import Act
from equipoise.translation.call import Call

INSTALLATION_ID = "integrationConfigurationId"
ROOT = f"/v1/installations/{{{INSTALLATION_ID}}}"
ONE = f"{ROOT}/resources/{{resourceId}}"


def reached(call: Call) -> Installation:
    """The installation of the path. To those who are confined, what they may not see and what is not there
    are the same.

    raises  Unknown, Forbidden, Missing; Declined where it is uninstalled, of writes once the desk asks
    """
    key = call.path[INSTALLATION_ID]
    principal = call.library.principal(call.credential)
    with call.library.store.read() as reader:
        found = reader.named(INSTALLATION, INSTANCE, key)
    if found is not None and principal.sees(found.territory) and principal.within in ("", found.id):
        return installed(found) if call.route.act is Act.READ else found
    if principal.project or principal.within:
        raise Forbidden(call.route.act, "this installation")
    raise Missing("installation", key)


def installed(found: Installation) -> Installation:
    """The same, while it is. raises Declined"""
    if found.status == UNINSTALLED:
        raise Declined("The installation is uninstalled.", "gone", 410)
    return found


def here(world: World, installation: Installation) -> Installation:
    """The installation as this change finds it, so that what is written goes by it.

    raises  Missing, Declined
    """
    return installed(world.named(INSTALLATION, INSTANCE, installation.key))


def owned(world: World, installation: Installation, provided: str) -> Resource:
    """The installation's resource of the provider's id. raises Missing"""
    found = world.peek(RESOURCE, installation.territory, key_of(installation.key, provided))
    if found is None:
        raise Missing("resource", provided)
    return found


def writable(world: World, installation: Installation, provided: str) -> Resource:
    """The same, to change what belongs to it. raises Missing, Declined, Refused"""
    here(world, installation)
    found = owned(world, installation, provided)
    if found.status == UNINSTALLED:
        raise Refused("change what belongs to it", found.said, "is uninstalled")
    return found
