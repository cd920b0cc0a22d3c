"""Installations as they are made, and what comes with one: a token, a client, a key to sign with."""

from collections.abc import Generator
from typing import Any

from msgspec import Struct

from equipoise.application.intents import Step
from equipoise.application.ports import Query
from equipoise.application.removal import PROVIDED, Gone, deleted
from equipoise.application.world import World
from equipoise.domain import labels
from equipoise.domain.change import Outcome
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Held
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.commands import AddToken, Create, Reinstall
from equipoise.domain.installation.state import Installation, SigningKey
from equipoise.domain.project import PROJECT
from equipoise.security.signing import KeyPair
from equipoise.security.tokens import digest


class Installed(Struct, frozen=True):
    """An installation, and a new token of it, the only time that is seen."""

    installation: Installation
    token: str
    client_secret: str


def install(world: World, key: str, place: Place, pair: KeyPair) -> Generator[Step, Outcome[Any], Installed]:
    """Makes an installation of this key for an environment; one that is there gets one more token, and is
    made ready again if it was uninstalled.

    pair    a new one, made before anybody waits for this change
    raises  Missing, Invalid; Held where it is bound to another environment
    """
    world.named(PROJECT, INSTANCE, place.project)
    world.named(ENVIRONMENT, Place(place.project), place.environment)
    token = world.secret("installation")
    now = world.peek(INSTALLATION, INSTANCE, key)
    if now is None:
        made = yield INSTALLATION, None, Create(_newborn(world, key, place, pair, token))
    elif now.territory != place:
        raise Held(f"install {key} in {place}", f"it is installed in {now.territory}", now.territory)
    else:
        yield INSTALLATION, now, Reinstall()
        made = yield INSTALLATION, now, AddToken(digest(token))
    return Installed(made.state, token, world.open(made.state.client_secret))


def remove(world: World, now: Installation) -> Gone:
    """The installation goes with its resources, their stores and items, and all that was said of money."""
    for noun in PROVIDED:
        yield from deleted(world, noun, Query(now.territory, links=(("installation", now.key),)))
    yield INSTALLATION, now, labels.Delete()


def _newborn(world: World, key: str, place: Place, pair: KeyPair, token: str) -> Installation:
    moment = world.moment
    return Installation(
        id=moment.id("installation", key),
        key=key,
        project=place.project,
        environment=place.environment,
        created_at=moment.at,
        client=f"oac_{moment.token('client', key)[:24]}",
        client_secret=world.seal(world.secret("client")),
        signing=SigningKey(world.seal(pair.private).sealed, pair.modulus, pair.exponent),
        tokens=(digest(token),),
    )
