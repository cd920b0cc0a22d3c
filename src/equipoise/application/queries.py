"""Every read of every surface, in one transaction, now or as of a point in the past."""

from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from equipoise.application.authentication import authenticate
from equipoise.application.ports import AsOf, Clock, Entropy, LogRow, Store, Vault
from equipoise.application.world import World
from equipoise.domain.change import Moment
from equipoise.domain.identity import Id, Place
from equipoise.security.permissions import Act, permit
from equipoise.security.principals import Principal

T = TypeVar("T")


class ReadRequest(Struct, frozen=True):
    """A read that somebody asks for; fields as in ChangeRequest."""

    credential: str | Principal
    act: Act
    place: Place
    as_of: AsOf | None = None
    about: Id = ""


class Library:
    """Where every read is answered."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy, vault: Vault) -> None:
        self.store, self.clock, self.entropy, self.vault = store, clock, entropy, vault

    def read(self, request: ReadRequest, answer: Callable[[World], T]) -> T:
        """raises DomainError"""
        moment = Moment(self.clock(), b"")
        with self.store.read() as reader:
            principal = authenticate(reader, self.vault, request.credential, moment.at)
            permit(principal, request.act, request.place, request.about)
            world = World(reader, moment, principal, self.vault, self.entropy, request.as_of)
            world.decided()
            return answer(world)

    def principal(self, credential: str) -> Principal:
        """raises Unknown"""
        with self.store.read() as reader:
            return authenticate(reader, self.vault, credential, self.clock())

    def follow(self, space: str, after: int, limit: int = 1_000) -> tuple[LogRow, ...]:
        """Rows of the change log above a number, in order and without gaps: what a follower reads."""
        with self.store.read() as reader:
            return reader.history(space, after, limit)
