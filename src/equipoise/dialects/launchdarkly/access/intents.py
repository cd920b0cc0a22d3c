"""What is said of tokens, as intents. Whoever hands one out hands on no more than is theirs."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

from msgspec import UNSET

from equipoise.application.intents import Step
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.access import render
from equipoise.dialects.launchdarkly.access.documents import AccessTokenPost, TokenPatch
from equipoise.dialects.launchdarkly.edits import edited
from equipoise.dialects.launchdarkly.patches import Patch
from equipoise.domain import labels
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Missing, Violation, check
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create, Expire, Renew, SetRole
from equipoise.domain.token.state import Token
from equipoise.security.tokens import digest, ending
from equipoise.translation.intents import Field, by_field, worded

Shown = tuple[Token, str]  # a token, and its secret where it is to be shown
Steps = Generator[Step, Outcome[Any], Shown]
Gone = Generator[Step, Outcome[Any], None]

FIELDS: dict[str | tuple[str, ...], Field] = {
    "name": lambda name, now: (labels.Rename(name),),
    "description": lambda description, now: (labels.Describe(description or ""),),
    "role": lambda role, now: (SetRole(role),),
    "expiry": lambda expiry, now: (Expire(expiry),),
}
_WORDS = {"expires_at": "expiry"}


def create(said: AccessTokenPost) -> Callable[[World], Steps]:
    def steps(world: World) -> Steps:
        check(*_supported(said))
        if world.principal.project:  # held, so that it is not deleted without this token
            world.named(PROJECT, INSTANCE, world.principal.project)
        secret = world.secret("token")
        made = yield TOKEN, None, Create(_newborn(world, said, secret))
        return made.state, secret

    return lambda world: worded(steps(world), _WORDS)


def revise(id: Id, patch: Patch) -> Callable[[World], Steps]:
    def steps(world: World) -> Steps:
        now = own(world, id)
        said = edited(patch, render.token(now), TokenPatch)
        yield from by_field(said, FIELDS, TOKEN, now)
        return own(world, id), ""

    return lambda world: worded(steps(world), _WORDS)


def renew(id: Id) -> Callable[[World], Steps]:
    """A new secret; the old one is void at once, even if this request came with it."""

    def intent(world: World) -> Steps:
        secret = world.secret("token")
        renewed = yield TOKEN, own(world, id), Renew(digest(secret), ending(secret))
        return renewed.state, secret

    return intent


def remove(id: Id) -> Callable[[World], Gone]:
    def intent(world: World) -> Gone:
        yield TOKEN, own(world, id), labels.Delete()

    return intent


def own(world: World, id: Id) -> Token:
    """The token of that id, if it is confined to no more than the principal is. raises Missing"""
    token = world.get(TOKEN, id)
    if not world.principal.covers(Place(token.project, token.environment)):
        raise Missing(TOKEN.name, id)
    return token


def _supported(said: AccessTokenPost) -> Iterator[bool | Violation]:
    for name in ("customRoleIds", "inlineRole"):
        rule = "is not supported; a role is reader, writer or admin"
        yield getattr(said, name) in (UNSET, None, []) or Violation(name, rule)


def _newborn(world: World, said: AccessTokenPost, secret: str) -> Token:
    """It inherits its maker's scope, default scope and member."""
    maker = world.principal
    return Token(
        id=world.moment.id("token"),
        digest=digest(secret),
        ending=ending(secret),
        role=said.role,
        created_at=world.moment.at,
        changed_at=world.moment.at,
        member=maker.member,
        name=said.name,
        description=said.description,
        project=maker.project,
        environment=maker.environment,
        home=maker.home,
        service=said.serviceToken,
        expires_at=None if said.expiry is UNSET else said.expiry,
        api_version=said.defaultApiVersion,
    )
