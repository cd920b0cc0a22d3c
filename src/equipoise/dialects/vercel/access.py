"""Whose installation it is: the one of the path, for those who may speak of it."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from equipoise.application.answers import Answer
from equipoise.application.installations import resource_of
from equipoise.application.intents import Intent, Step
from equipoise.application.requests import Answering, Target
from equipoise.application.world import World
from equipoise.dialects.vercel.errors import Declined
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Forbidden, Missing, Refused
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import UNINSTALLED, Installation
from equipoise.domain.resource.state import Resource
from equipoise.security.principals import Principal
from equipoise.translation.call import Call

R = TypeVar("R")

INSTALLATION_ID = "integrationConfigurationId"
ROOT = f"/v1/installations/{{{INSTALLATION_ID}}}"
ONE = f"{ROOT}/resources/{{resourceId}}"


def shown(call: Call, answer: Callable[[World, Installation], Answer]) -> Answer:
    """Answers a read of the installation of the path. raises DomainError"""
    who, found = _reached(call)
    _installed(found)
    return call.read(lambda world: answer(world, found), found.territory, found.id, who)


def changed(
    call: Call,
    intent: Callable[..., Intent[R]],
    answer: Answering[R],
    target: Callable[[Installation], Target] | None = None,
) -> Answer:
    """Puts an intent before the desk, made of the body, where the route has one, and of the installation of
    the path. A body is read for those who may know of that. raises DomainError, Unreadable"""
    _, found = _reached(call)
    said = () if call.route.body is None else (_body(call),)

    def asked(world: World) -> Generator[Step, Outcome[Any], R]:
        return (yield from intent(*said, _here(world, found))(world))

    aim = None if target is None else target(found)
    return call.change(asked, answer, found.territory, aim, about=found.id)


def _body(call: Call) -> Any:
    return {} if call.route.bodiless and not call.body else call.json()


def _reached(call: Call) -> tuple[Principal, Installation]:
    """Who asks, and the installation of the path, if they may know of it.

    raises  Unknown, Forbidden, Missing
    """
    key = call.path[INSTALLATION_ID]
    principal = call.library.principal(call.credential)
    with call.library.store.read() as reader:
        found = reader.named(INSTALLATION, INSTANCE, key)
    if found is not None and principal.speaks_of(found.territory, found.id):
        return principal, found
    if principal.confined:
        raise Forbidden(call.route.act, "this installation")
    raise Missing("installation", key)


def _here(world: World, found: Installation) -> Installation:
    """The installation as this request finds it, so that what is written goes by it: the same one, by its id.

    raises  Missing; Declined where it is uninstalled
    """
    return _installed(world.get(INSTALLATION, found.id))


def _installed(found: Installation) -> Installation:
    """raises Declined"""
    if found.status == UNINSTALLED:
        raise Declined("The installation is uninstalled.", "gone", 410)
    return found


def writable(world: World, installation: Installation, provided: str) -> Resource:
    """A resource, by the provider's id, to change what belongs to it. raises Missing, Refused"""
    found = resource_of(world, installation, provided)
    if found.status == UNINSTALLED:
        raise Refused("change what belongs to it", found.said, "is uninstalled")
    return found
