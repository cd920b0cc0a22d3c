"""What the instance does for whoever has its command line: no credential, and the same desk."""

from collections.abc import Generator
from typing import Any, TypeVar

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query, Reader, Store, Vault
from equipoise.application.requests import ChangeRequest
from equipoise.application.world import World
from equipoise.domain.change import Outcome
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import DomainError, Missing
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create
from equipoise.domain.token.state import Token
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.security.tokens import digest, ending

R = TypeVar("R")

SURFACE = "command-line"
HOME = Place("default", "production")  # of tokens that are confined to nothing
ITSELF = Principal(token="instance", member="instance", role="admin", name="the instance itself")


class Minted(Struct, frozen=True):
    """A new token, the only time its secret is seen. A client of OAuth has the id and the secret."""

    id: Id
    secret: str


class Keys(Struct, frozen=True):
    """What the SDKs of one environment are set up with."""

    server: str
    mobile: str
    client_side: Id


def make_token(desk: Desk, place: Place, role: str, name: str = "", acts: tuple[str, ...] = ()) -> Minted:
    """A token confined to the place, which is its home too; one of the whole instance for INSTANCE.

    acts    those it is narrowed to, of what its role allows; () for all
    raises  Missing, Invalid
    """

    def intent(world: World) -> Generator[Step, Outcome[Any], Minted]:
        wanted = (place.project,) if place.project else None
        projects = world.select(PROJECT, Query(INSTANCE, keys=wanted, limit=1)).items
        if place.project and not projects:
            raise Missing("project", place.project)
        members = [member.id for project in projects for member in project.members]
        owner = members[0] if members else ITSELF.member
        if place.environment:
            world.named(ENVIRONMENT, Place(place.project), place.environment)
        home = place if place.project else HOME
        secret = world.secret("token")
        made = yield mint(world, secret, role, owner, name=name, confined=place, home=home, acts=acts)
        return Minted(made.state.id, secret)

    return by_the_instance(desk, intent)


def by_the_instance(desk: Desk, intent: Intent[R]) -> R:
    """What an intent gives, made by the instance itself. raises DomainError"""
    made: list[R] = []

    def asked(world: World) -> Generator[Step, Outcome[Any], None]:
        made.append((yield from intent(world)))

    request = ChangeRequest(
        credential=ITSELF, act=Act.ADMINISTER, place=INSTANCE, intent=asked, surface=SURFACE, refuse=in_words
    )
    desk.change(request, lambda *_: Answer(204))
    return made[-1]


def mint(
    world: World,
    secret: str,
    role: str,
    member: Id,
    *,
    name: str,
    confined: Place,
    home: Place,
    acts: tuple[str, ...] = (),
) -> Step:
    """The step that makes a token of this secret."""
    token = Token(
        id=world.moment.id("token", digest(secret)),
        digest=digest(secret),
        ending=ending(secret),
        role=role,
        created_at=world.moment.at,
        changed_at=world.moment.at,
        member=member,
        name=name,
        project=confined.project,
        environment=confined.environment,
        acts=acts,
        home=home,
    )
    return TOKEN, None, Create(token)


def sdk_keys(store: Store, vault: Vault, place: Place) -> Keys:
    """The keys of an environment. raises Missing"""
    with store.read() as reader:
        project = reader.named(PROJECT, INSTANCE, place.project)
        if project is None:
            raise Missing("project", place.project)
        environment = reader.named(ENVIRONMENT, Place(place.project), place.environment)
    if environment is None:
        raise Missing("environment", place.environment)
    server, mobile = vault.open(environment.sdk_key.sealed), vault.open(environment.mobile_key.sealed)
    return Keys(server, mobile, environment.id)


def places(reader: Reader) -> tuple[Place, ...]:
    """Every environment of the instance."""
    found = reader.select(ENVIRONMENT, Query(INSTANCE, everywhere=True)).items
    return tuple(sorted(Place(each.project, each.key) for each in found))


def has_token(reader: Reader) -> bool:
    """Whether anybody can be known here."""
    return reader.select(TOKEN, Query(INSTANCE, limit=1)).total > 0


def any_sealed(reader: Reader) -> str | None:
    """Something the vault sealed, to try a key on; None when there is nothing."""
    found = reader.select(ENVIRONMENT, Query(INSTANCE, everywhere=True, limit=1)).items
    return found[0].sdk_key.sealed if found else None


def in_words(error: DomainError) -> Answer:
    """A refusal as the command line would keep it."""
    return Answer(400, str(error).encode())
