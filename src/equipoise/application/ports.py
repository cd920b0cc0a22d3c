"""What the desk needs of the world outside: a store, a clock, entropy, a vault.

Each has a small in-memory twin under tests/fakes.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.lake import Ledger, Manifest
from equipoise.domain.change import Event, Noun, Outcome, State
from equipoise.domain.identity import Id, Place

S = TypeVar("S", bound=State)

INSTANCE_SPACE = "0"  # numbers projects made and deleted, tokens, and installations


def space_of(project: str) -> str:
    """The number space of a project's log. It outlives the project, so numbers never come back."""
    return f"project/{project}"


class AsOf(Struct, frozen=True):
    """A point in the past: a number of the project's log, or milliseconds since 1970; one of them."""

    number: int | None = None
    at: int | None = None


class Query(Struct, frozen=True):
    """What to list. Empty fields ask nothing.

    everywhere  every environment of the place's project, or every project of the instance
    links       each (relation, key) must hold
    statuses    any of them
    text        stands in the name or the key, whatever its case
    sort        (field, descending) over created_at, key, name; ties by id
    since       (created_at, id) of where to begin, itself included; needs the sort to be the usual one
    """

    place: Place
    everywhere: bool = False
    keys: tuple[str, ...] | None = None
    archived: bool | None = None
    statuses: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    text: str = ""
    sort: tuple[tuple[str, bool], ...] = (("created_at", False),)
    since: tuple[int, Id] | None = None
    limit: int | None = None
    offset: int = 0


class Page(Struct, Generic[S], frozen=True):
    """Some of what a query found, and how many there are in all."""

    items: tuple[S, ...]
    total: int


class Entry(Struct, frozen=True):
    """Who changes, through what, and why: the same for all rows of one change."""

    at: int
    principal: str
    surface: str
    comment: str = ""
    request: str = ""


class LogRow(Struct, frozen=True):
    """One row of the change log: what happened to one subject, and the state after (None: gone)."""

    space: str
    number: int
    at: int
    noun: str
    id: Id
    place: Place
    key: str
    revision: int
    events: tuple[Event, ...]
    state: Any
    principal: str
    surface: str
    comment: str
    request: str


class Kept(Struct, frozen=True):
    """An answer kept under an idempotency key, with the fingerprint of what was asked."""

    fingerprint: str
    answer: Answer


class Ticket(Struct, frozen=True):
    """What a one-time link is known by: the digest of its code, and the token (by id) it signs in as.
    `expires_at` in milliseconds since 1970."""

    digest: str
    token: Id
    expires_at: int


class Sighting(Struct, frozen=True):
    """A key, used by a client.

    key  its digest; of a client-side id, the id itself
    at   when it was used last, in milliseconds since 1970
    """

    environment: Id
    key: str
    client: str
    at: int


class LostRace(Exception):
    """Another transaction came first on one of these subjects; the change may be tried again."""

    def __init__(self, *subjects: tuple[str, Id]) -> None:
        self.subjects = subjects
        super().__init__(str(subjects))


class Reader(Manifest, Protocol):
    """Reads within one transaction; `as_of` reads the past from the log."""

    def find(self, noun: Noun[S], id: Id, as_of: AsOf | None = None) -> S | None: ...

    def named(self, noun: Noun[S], place: Place, key: str, as_of: AsOf | None = None) -> S | None: ...

    def past(self, noun: Noun[S], project: str, as_of: AsOf) -> tuple[S, ...]:
        """All that a project had of a noun at that point."""
        ...

    def select(self, noun: Noun[S], query: Query) -> Page[S]: ...

    def linked(self, noun: Noun[S], relation: str, target: str) -> S | None:
        """The state with this link, wherever it is: of what leads to one at most, such as a digest."""
        ...

    def versions(self, project: str, flags: Sequence[str]) -> dict[tuple[str, str], int]:
        """(flag key, environment key) → number of the last change to what is delivered there."""
        ...

    def history(self, space: str, after: int, limit: int) -> tuple[LogRow, ...]:
        """Rows of a number space above `after`, in order, without gaps."""
        ...

    def story(self, noun: Noun[Any], id: Id, before: int | None, limit: int) -> tuple[LogRow, ...]:
        """What happened to one subject, the newest first; of those below a number, if one is said."""
        ...

    def number(self, space: str) -> int:
        """The last number given in a space; 0 for none."""
        ...

    def numbers(self) -> dict[str, int]:
        """Every number space and the last number given in it: what has moved since another look."""
        ...

    def alias(self, dialect: str, kind: str, theirs: str) -> Id | None:
        """Our id for one that a vendor issued."""
        ...

    def sightings(self, environment: Id) -> tuple[Sighting, ...]:
        """When its keys were used last, the newest first."""
        ...


class Transaction(Reader, Ledger, Protocol):
    """One write transaction. It is committed by leaving it unharmed, undone by an exception."""

    def reserve(self, owner: Id, key: str, at: int) -> Kept | None:
        """Takes an idempotency key, waiting for whoever holds it; what was kept under it, if anything."""
        ...

    def keep(self, owner: Id, key: str, kept: Kept) -> None: ...

    def seize(self, noun: Noun[Any], place: Place, key: str, id: Id = "") -> None:
        """Locks the subject of that key, or of that id, until the end, before it is read, so that those who
        change the same one queue up instead of losing races."""
        ...

    def hold(self, read: Sequence[tuple[str, Id, int]], changed: Sequence[tuple[str, Id]]) -> None:
        """Locks what was read and what will change, in (noun, id) order, until the end.

        read  (noun, id, revision): each must still have that revision
        raises  LostRace
        """
        ...

    def settle(self, outcomes: Sequence[Outcome[Any]], entry: Entry) -> None:
        """Writes states, facets, claims, flag versions, overlay history and log rows, the numbers last.

        raises  LostRace, Held (a key taken, a claim held)
        """
        ...

    def bind(self, dialect: str, kind: str, theirs: str, ours: Id) -> None:
        """Records an alias. raises Held when it stands for another."""
        ...

    def issue(self, ticket: Ticket, now: int) -> None:
        """Keeps a ticket, and forgets those that have expired by now (milliseconds since 1970)."""
        ...

    def take(self, digest: str) -> Ticket | None:
        """The ticket of this digest, to the first who asks: it is gone then."""
        ...


class Undo(Exception):
    """Leaves a transaction without a trace, and without being an error."""


class Store(Protocol):
    """Where state lives."""

    def read(self) -> AbstractContextManager[Reader]: ...

    def write(self, first: Sequence[tuple[str, Id]] = ()) -> AbstractContextManager[Transaction]:
        """A write transaction that locks `first`, in order, before it reads: what a lost race was about.

        An `Undo` raised inside rolls back and is swallowed.
        """
        ...


class Watch(Protocol):
    """Tells when something may have been committed, by whichever process."""

    def wait(self, seconds: float) -> None:
        """Until then, or for so long. It blocks its thread, always the same one, and raises nothing."""
        ...

    def close(self) -> None:
        """From any thread; a wait that is under way ends soon."""
        ...


class Clock(Protocol):
    def __call__(self) -> int:
        """Milliseconds since 1970."""
        ...


class Entropy(Protocol):
    def __call__(self, count: int, /) -> bytes:
        """So many random bytes, fit for secrets."""
        ...


class Ended(Struct, frozen=True):
    """How a change ended.

    ending    "changed", "unchanged", "previewed", "replayed", or the family of what refused it
    subjects  (name, revision) of each that was changed, or would be
    seconds   from the desk's first look to the commit
    """

    surface: str
    ending: str
    principal: str
    request: str
    seconds: float
    subjects: tuple[tuple[str, int], ...] = ()


class Witness(Protocol):
    """Told of every change once it has ended: logs and metrics."""

    def __call__(self, ended: Ended, /) -> None: ...


class Vault(Protocol):
    """Encrypts secrets that must be shown again."""

    def seal(self, secret: str) -> str: ...

    def open(self, sealed: str) -> str: ...
