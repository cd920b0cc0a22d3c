"""Single sign-on at a provider: a member of the project comes with a code, the provider learns who it is.

A code works once. A refresh token stands for the member and the client's secret: another secret ends it.
"""

from collections.abc import Generator
from typing import Any

from msgspec import Struct

from equipoise.application.administration import by_the_instance
from equipoise.application.changes import Desk
from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Vault
from equipoise.application.stand_ins import StandIn, mark, seal, unseal
from equipoise.application.world import World
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import INSTANCE, Id
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import Introduce, Redeem
from equipoise.domain.installation.state import UNINSTALLED, Code, Installation
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Member
from equipoise.security.tokens import digest, same

CODE_MS = 10 * 60_000
REFRESH_MS = 30 * 86_400_000


class Client(Struct, frozen=True):
    """What a provider says that it is."""

    id: str
    secret: str


class Known(Struct, frozen=True):
    """Who came to a provider."""

    installation: Installation
    member: Member


class Refresh(StandIn, frozen=True, tag="refresh"):
    """What a refresh token holds. It stands for an installation (`token` is its id), and `mark` is of the
    secret of its client."""

    member: Id


def introduce(world: World, now: Installation, member: Id) -> Generator[Step, Outcome[Any], tuple[str, int]]:
    """A code for a member of the project, and when it expires (milliseconds since 1970). raises Missing"""
    named(world, now.project, member)
    code, expires_at = world.secret("code"), world.moment.at + CODE_MS
    yield INSTALLATION, now, Introduce(Code(digest(code), member, expires_at))
    return code, expires_at


def exchanged(client: Client, code: str) -> Intent[Known]:
    """Takes the code from whoever comes first with it: then it is used.

    raises  Unknown when the client is not who it says, or the code is none that it may use
    """

    def intent(world: World) -> Generator[Step, Outcome[Any], Known]:
        now, hashed = _of(world, client), digest(code)
        found = next((each for each in now.codes if each.digest == hashed), None)
        if found is None or found.expires_at <= world.moment.at:
            raise Unknown
        yield INSTALLATION, now, Redeem(hashed)
        return _known(world, now, found.member)

    return intent


def refreshed(client: Client, token: str, vault: Vault) -> Intent[Known]:
    """Changes nothing.

    raises  Unknown when the client is not who it says, or the token is none of its
    """

    def intent(world: World) -> Generator[Step, Outcome[Any], Known]:
        now, stands_for = _of(world, client), unseal(vault, token, Refresh)
        ours = stands_for.token == now.id and same(stands_for.mark, mark(now.client_secret.digest))
        if not ours or stands_for.expires_at <= world.moment.at:
            raise Unknown
        yield from ()
        return _known(world, now, stands_for.member)

    return intent


def refresh_token(vault: Vault, known: Known, now: int) -> str:
    """What gets this identity again for REFRESH_MS from now (milliseconds since 1970)."""
    of = known.installation
    return seal(vault, Refresh(of.id, mark(of.client_secret.digest), now + REFRESH_MS, known.member.id))


def code_for(desk: Desk, key: str, member: Id = "") -> str:
    """A code for a member of an installation's project, for whoever has the command line; for the first where
    none is named. raises Missing"""

    def intent(world: World) -> Generator[Step, Outcome[Any], str]:
        now = world.named(INSTALLATION, INSTANCE, key)
        members = world.named(PROJECT, INSTANCE, now.project).members
        code, _ = yield from introduce(world, now, member or (members[0].id if members else ""))
        return code

    return by_the_instance(desk, intent)


def named(world: World, project: str, member: Id) -> Member:
    """A member of a project. raises Missing"""
    members = world.named(PROJECT, INSTANCE, project).members
    found = next((each for each in members if each.id == member), None)
    if found is None:
        raise Missing("member", member)
    return found


def _of(world: World, client: Client) -> Installation:
    """The installation of a client that proves who it is. raises Unknown"""
    found = world.linked(INSTALLATION, "client", client.id)
    if found is None or not same(found.client_secret.digest, digest(client.secret)):
        raise Unknown
    if found.status == UNINSTALLED:
        raise Unknown
    return found


def _known(world: World, now: Installation, member: Id) -> Known:
    """raises Unknown where the member is no more"""
    try:
        return Known(now, named(world, now.project, member))
    except Missing:
        raise Unknown from None
