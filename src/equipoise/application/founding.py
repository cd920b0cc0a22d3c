"""The first start: an empty store becomes an instance, with a project, its environments and a token."""

from collections.abc import Generator, Iterable
from typing import Any

from msgspec import Struct

from equipoise.application.administration import HOME, ITSELF, SURFACE, in_words, mint
from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.intents import Step
from equipoise.application.ports import INSTANCE_SPACE, Clock, Entropy, Store, Vault, Witness
from equipoise.application.requests import ChangeRequest
from equipoise.application.world import World
from equipoise.domain.change import Outcome
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.commands import Create as CreateEnvironment
from equipoise.domain.environment.state import Environment
from equipoise.domain.errors import Conflict, Held
from equipoise.domain.identity import INSTANCE, Id
from equipoise.domain.project import PROJECT
from equipoise.domain.project.commands import Create as CreateProject
from equipoise.domain.project.state import Member, Project, newborn_rooms
from equipoise.security.permissions import Act

Steps = Generator[Step, Outcome[Any], None]

OWNER_EMAIL = "owner@localhost"


class Newborn(Struct, frozen=True):
    """An environment to begin with; `color` is six hexadecimal digits."""

    key: str
    name: str
    color: str


FIRST = (Newborn("production", "Production", "417505"), Newborn("test", "Test", "f5a623"))


def found(
    store: Store,
    clock: Clock,
    entropy: Entropy,
    vault: Vault,
    admin_token: str | None = None,
    witness: Witness | None = None,
) -> str | None:
    """Makes the instance, its owner and an admin token, once.

    admin_token  the token's secret; None for a random one
    returns      the secret, or None when the store was founded already, by whomever
    raises       DomainError
    """
    request = ChangeRequest(
        credential=ITSELF,
        act=Act.ADMINISTER,
        place=INSTANCE,
        intent=lambda world: _founding(world, admin_token),
        surface=SURFACE,
        refuse=in_words,
    )
    if founded(store):
        return None
    try:
        said = Desk(store, clock, entropy, vault, witness).change(request, _told)
    except (Held, Conflict):
        if founded(store):  # another process came first
            return None
        raise
    return said.body.decode() or None


def founded(store: Store) -> bool:
    """Whether anything was ever made here: numbers of the log outlive what they number."""
    with store.read() as reader:
        return reader.number(INSTANCE_SPACE) > 0


def project_steps(
    world: World, key: str, name: str, members: tuple[Member, ...], environments: Iterable[Newborn]
) -> Steps:
    """Makes a project and its environments, each with keys of its own."""
    moment = world.moment
    kinds, units = newborn_rooms(moment.at)
    project = Project(
        id=moment.id("project", key),
        key=key,
        name=name,
        created_at=moment.at,
        context_kinds=kinds,
        units=units,
        members=members,
    )
    yield PROJECT, None, CreateProject(project)
    for newborn in environments:
        yield ENVIRONMENT, None, CreateEnvironment(_environment(world, key, newborn))


def _environment(world: World, project: str, newborn: Newborn) -> Environment:
    return Environment(
        id=world.moment.id("environment", project, newborn.key),
        project=project,
        key=newborn.key,
        name=newborn.name,
        color=newborn.color,
        created_at=world.moment.at,
        sdk_key=world.seal(world.secret("sdk")),
        mobile_key=world.seal(world.secret("mobile")),
    )


def _founding(world: World, admin_token: str | None) -> Generator[Step, Outcome[Any], str]:
    if world.reader.number(INSTANCE_SPACE):
        return ""
    owner: Id = world.moment.id("member", "owner")
    members = (Member(owner, "owner", OWNER_EMAIL),)
    yield from project_steps(world, HOME.project, "Default", members, FIRST)
    secret = admin_token or world.secret("token")
    yield mint(world, secret, "admin", owner, name="first admin token", confined=INSTANCE, home=HOME)
    return secret


def _told(_world: World, secret: str) -> Answer:
    return Answer(200, secret.encode())
