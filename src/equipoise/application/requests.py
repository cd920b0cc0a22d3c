"""What may be asked of the desk."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.intents import Intent
from equipoise.application.world import World
from equipoise.domain.change import Noun
from equipoise.domain.errors import DomainError
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal

R = TypeVar("R")


class Target(Struct, frozen=True):
    """The subject that a precondition speaks of, by key, or by id where the key is empty."""

    noun: Noun[Any]
    place: Place = INSTANCE
    key: str = ""
    id: str = ""


class Precondition(Struct, frozen=True):
    """If-Match: any of these revisions; None for any revision at all."""

    revisions: tuple[int, ...] | None


class Idempotency(Struct, frozen=True):
    """A key of the caller's, and what tells this request from another under the same key."""

    surface: str
    said: str
    fingerprint: str

    @property
    def key(self) -> str:
        """Each surface has keys of its own."""
        return f"{self.surface}:{self.said}"


class ChangeRequest(Struct, Generic[R], frozen=True):
    """A write that somebody asks for.

    credential  the secret as it came, "" for none; or a principal, where the instance acts for itself
    act, place  what the route does, where: permission is checked once, for these
    about       id of the installation or config store that is spoken of; "" for neither
    refuse      a refusal as the surface answers it, so that it can be kept under an idempotency key
    """

    credential: str | Principal
    act: Act
    place: Place
    intent: Intent[R]
    surface: str
    refuse: Callable[[DomainError], Answer]
    about: Id = ""
    target: Target | None = None
    precondition: Precondition | None = None
    idempotency: Idempotency | None = None
    dry_run: bool = False
    comment: str = ""
    request: str = ""


Answering = Callable[[World, R], Answer]
