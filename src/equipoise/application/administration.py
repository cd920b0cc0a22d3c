"""What the instance does for whoever has its command line: no credential, and the same desk."""

from collections.abc import Generator
from typing import Any

import msgspec
from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.changes import Desk
from equipoise.application.installations import Installed, install
from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query, Reader, Store, Vault
from equipoise.application.requests import ChangeRequest
from equipoise.application.sign_on import introduce
from equipoise.application.world import World
from equipoise.domain.change import Outcome
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import DomainError, Missing
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.project import PROJECT
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import key_of
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create
from equipoise.domain.token.state import Token
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.security.signing import generate
from equipoise.security.tokens import digest, ending

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

    request = ChangeRequest(
        credential=ITSELF,
        act=Act.ADMINISTER,
        place=INSTANCE,
        intent=intent,
        surface=SURFACE,
        refuse=in_words,
    )
    said = desk.change(request, lambda _, minted: Answer(200, msgspec.json.encode(minted)))
    return msgspec.json.decode(said.body, type=Minted)


def install_provider(desk: Desk, key: str, place: Place) -> Installed:
    """An installation of this key in an environment, or one more token of it.

    raises  Missing, Invalid, Held
    """
    pair = generate()
    made: list[Installed] = []

    def intent(world: World) -> Generator[Step, Outcome[Any], None]:
        made.append((yield from install(world, key, place, pair)))

    _done(desk, intent)
    return made[-1]


def code_for(desk: Desk, key: str, member: Id = "") -> str:
    """A code with which a member of the project comes to the provider; its first member where none is named.

    raises  Missing
    """
    made: list[str] = []

    def intent(world: World) -> Generator[Step, Outcome[Any], None]:
        now = world.named(INSTALLATION, INSTANCE, key)
        members = world.named(PROJECT, INSTANCE, now.project).members
        who = member or (members[0].id if members else "")
        code, _ = yield from introduce(world, now, who)
        made.append(code)

    _done(desk, intent)
    return made[-1]


def _done(desk: Desk, intent: Intent[None]) -> None:
    """Made by the instance itself. raises DomainError"""
    request = ChangeRequest(
        credential=ITSELF, act=Act.ADMINISTER, place=INSTANCE, intent=intent, surface=SURFACE, refuse=in_words
    )
    desk.change(request, lambda *_: Answer(204))


def config_store(store: Store, vault: Vault, key: str, provided: str) -> tuple[Id, str]:
    """The id of a resource's config store, and what applications read it with. raises Missing"""
    with store.read() as reader:
        installation = reader.named(INSTALLATION, INSTANCE, key)
        if installation is None:
            raise Missing("installation", key)
        resource = reader.named(RESOURCE, installation.territory, key_of(key, provided))
    if resource is None:
        raise Missing("resource", provided)
    return resource.store, vault.open(resource.read_key.sealed)


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
