"""How anything changes: commands are decided into events, events evolve frozen state.

A noun is the five rooms state, commands, events, decide, evolve, handed on as one `Noun`.
Deciding and evolving are pure: time, ids and seeds come in as a `Moment`.
"""

from collections.abc import Callable, Mapping
from functools import cache, reduce
from hashlib import sha256
from operator import or_
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.errors import Held, Missing
from equipoise.domain.identity import INSTANCE, Id, Place


class Command(Struct, frozen=True):
    """What somebody wants; a verb."""


class Event(Struct, frozen=True, tag=True):
    """What happened to one subject; past tense. Stored for ever, so fields are only added, with a default."""


class State(Protocol):
    """What every noun's state has."""

    @property
    def id(self) -> Id: ...
    @property
    def revision(self) -> int: ...
    @property
    def touched_at(self) -> int:
        """When it last changed in any way, in milliseconds since 1970."""
        ...

    @property
    def key(self) -> str: ...
    @property
    def place(self) -> Place:
        """Where its key is unique."""
        ...

    @property
    def territory(self) -> Place:
        """What it is part of, or what it is: who may not see this place may not see the state."""
        ...


S = TypeVar("S", bound=State)


class Moment(Struct, frozen=True):
    """When, and the randomness of one change, so that deciding stays pure.

    at       milliseconds since 1970 (UTC)
    entropy  random bytes; the same moment always gives the same ids, so a retry decides alike
    """

    at: int
    entropy: bytes

    def id(self, *label: object) -> Id:
        """24 hexadecimal digits: eight of the time in seconds, sixteen of the entropy under this label."""
        return f"{self.at // 1000 & 0xFFFFFFFF:08x}{self._digest(label)[:16]}"

    def uuid(self, *label: object) -> str:
        """A version-4 UUID drawn from the entropy under this label."""
        hex32 = self._digest(label)[:32]
        variant = "89ab"[int(hex32[16], 16) & 3]
        return f"{hex32[:8]}-{hex32[8:12]}-4{hex32[13:16]}-{variant}{hex32[17:20]}-{hex32[20:]}"

    def seed(self, *label: object) -> int:
        """1 to 2**31 - 1: never zero, which some SDKs read as no seed."""
        return int(self._digest(label)[:14], 16) % (2**31 - 1) + 1

    def token(self, *label: object) -> str:
        """32 hexadecimal digits: for salts. Secrets are made elsewhere, from a source of their own."""
        return self._digest(label)[:32]

    def _digest(self, label: tuple[object, ...]) -> str:
        return sha256(self.entropy + repr(label).encode()).hexdigest()


class Facets(Struct, frozen=True):
    """What of a state can be searched or must be unique; the store keeps these beside the document.

    links   (relation, key) pairs: what it uses and what it is tagged with
    claims  unique within the environment while held
    words   what else a search finds it by, beside name and key
    """

    name: str = ""
    status: str = ""
    archived: bool = False
    created_at: int = 0
    links: tuple[tuple[str, str], ...] = ()
    claims: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


Decide = Callable[[Any, Any, Moment], tuple[Event, ...]]
Evolve = Callable[[Any, Any], Any]


class Noun(Struct, Generic[S], frozen=True):
    """One kind of subject, whole.

    birth   the command that makes one; every other needs one that is there
    decide  command type → (state, command, moment) → events; () when nothing changes
    evolve  event type → (state, event) → state, or None when it is gone
    facets  what the store must be able to find it by
    digest_key  whether its key is a digest, which nobody reads or looks for, so that it goes by its id
    """

    name: str
    state: type[S]
    birth: type[Command]
    decide: Mapping[type[Command], Decide]
    evolve: Mapping[type[Event], Evolve]
    facets: Callable[[S], Facets]
    digest_key: bool = False

    def called(self, state: S) -> str:
        """What people call it, in a log or a message."""
        where = f"{state.place}/" if state.place != INSTANCE else ""
        return f"{self.name} {where}{state.id if self.digest_key else state.key}"

    def searched(self, state: S) -> str:
        """What a search looks into, without case."""
        facets, key = self.facets(state), "" if self.digest_key else state.key
        return "\n".join((facets.name, key, *facets.words)).casefold()

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Noun) and other.name == self.name

    def encode(self, state: S) -> bytes:
        return msgspec.json.encode(state)

    def decode(self, document: bytes | str) -> S:
        return msgspec.json.decode(document, type=self.state)

    def decode_events(self, document: bytes | str) -> tuple[Event, ...]:
        events: tuple[Event, ...] = _decoder(self).decode(document)
        return events


@cache
def _decoder(noun: Noun[Any]) -> msgspec.json.Decoder[Any]:
    union: Any = reduce(or_, noun.evolve)
    return msgspec.json.Decoder(tuple[union, ...])


class Outcome(Struct, Generic[S], frozen=True):
    """What a change does to one subject: its state before and after, and the events between."""

    noun: Noun[S]
    before: S | None
    after: S | None
    events: tuple[Event, ...]

    @property
    def state(self) -> S:
        """The subject as it is now, or as it last was."""
        state = self.after if self.after is not None else self.before
        assert state is not None, "an outcome concerns a subject that is or was"
        return state

    @property
    def subject(self) -> tuple[str, Id]:
        return self.noun.name, self.state.id

    @property
    def called(self) -> str:
        return self.noun.called(self.state)


def apply(noun: Noun[S], now: S | None, command: Command, moment: Moment) -> Outcome[S]:
    """Decides one command and evolves the state by its events; the revision grows by one if there are any.

    raises  DomainError of any family; nothing is half-done
    """
    born = isinstance(command, noun.birth)
    if now is None and not born:
        raise Missing(noun.name, "")
    if now is not None and born:
        raise Held(f"create {noun.called(now)}", "the key is taken")
    events = noun.decide[type(command)](now, command, moment)
    return Outcome(noun, now, fold(noun, now, events, moment.at), events)


def fold(noun: Noun[S], now: S | None, events: tuple[Event, ...], at: int) -> S | None:
    """The state after the events of one change, made at `at` (milliseconds since 1970)."""
    if not events:
        return now
    after = now
    for event in events:
        after = noun.evolve[type(event)](after, event)
    if after is None:
        return None
    revision = (now.revision if now is not None else 0) + 1
    return replace(after, revision=revision, touched_at=at)  # type: ignore[type-var]


def merge(earlier: Outcome[S] | None, later: Outcome[S]) -> Outcome[S]:
    """Two outcomes of one change on one subject as one: one step of the revision."""
    if earlier is None or not earlier.events:
        return later
    if not later.events:
        return Outcome(earlier.noun, earlier.before, earlier.after, earlier.events)
    after = later.after
    if after is not None:
        revision = (earlier.before.revision if earlier.before is not None else 0) + 1
        after = replace(after, revision=revision)  # type: ignore[type-var]
    return Outcome(earlier.noun, earlier.before, after, earlier.events + later.events)
