"""Transactions: all reads and writes of one request, committed once or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from equipoise.application.lake import Laid
from equipoise.application.ports import (
    AsOf,
    Entry,
    Kept,
    LogRow,
    LostRace,
    Page,
    Query,
    Sighting,
    Ticket,
    Undo,
    Watch,
)
from equipoise.domain.change import Noun, Outcome, State
from equipoise.domain.identity import Id, Place
from equipoise.storage import schema
from equipoise.storage.aliases import Aliases
from equipoise.storage.decoded import Decoded
from equipoise.storage.engine import file_of, reading, writing
from equipoise.storage.idempotency import Idempotency
from equipoise.storage.log import Log
from equipoise.storage.manifest import ManifestChanges, ManifestRows
from equipoise.storage.overlays import Overlays
from equipoise.storage.problems import lost_race, race, unusable
from equipoise.storage.sightings import SightingRows
from equipoise.storage.subjects import Subjects
from equipoise.storage.tickets import Tickets
from equipoise.storage.turnstile import Turnstile
from equipoise.storage.watch import announce, watch_of

S = TypeVar("S", bound=State)


class SqlReader(ManifestRows):
    """Reads within one transaction."""

    def __init__(self, connection: Connection, decoded: Decoded, exclusive: bool = False) -> None:
        self._subjects = Subjects(connection, decoded)
        self._log = Log(connection)
        self._overlays = Overlays(connection)
        self._aliases = Aliases(connection)
        super().__init__(connection)
        self._exclusive = exclusive
        self._seized: dict[tuple[str, Id], int] = {}

    def find(self, noun: Noun[S], id: Id, as_of: AsOf | None = None) -> S | None:
        if as_of is None:
            return self._subjects.find(noun, id)
        return self._log.find(noun, id, as_of)

    def named(self, noun: Noun[S], place: Place, key: str, as_of: AsOf | None = None) -> S | None:
        if as_of is None:
            return self._subjects.named(noun, place, key)
        return self._log.named(noun, place, key, as_of)

    def past(self, noun: Noun[S], project: str, as_of: AsOf) -> tuple[S, ...]:
        return self._log.past(noun, project, as_of)

    def select(self, noun: Noun[S], query: Query) -> Page[S]:
        return self._subjects.select(noun, query)

    def linked(self, noun: Noun[S], relation: str, target: str) -> S | None:
        return self._subjects.linked(noun, relation, target)

    def versions(self, project: str, flags: Sequence[str]) -> dict[tuple[str, str], int]:
        return self._overlays.versions(project, flags)

    def history(self, space: str, after: int, limit: int) -> tuple[LogRow, ...]:
        return self._log.history(space, after, limit)

    def story(self, noun: Noun[Any], id: Id, before: int | None, limit: int) -> tuple[LogRow, ...]:
        return self._log.story(noun, id, before, limit)

    def number(self, space: str) -> int:
        return self._log.number(space)

    def numbers(self) -> dict[str, int]:
        return self._log.numbers()

    def alias(self, dialect: str, kind: str, theirs: str) -> Id | None:
        return self._aliases.alias(dialect, kind, theirs)

    def sightings(self, environment: Id) -> tuple[Sighting, ...]:
        return SightingRows(self._connection).of(environment)

    def laid(self, place: Place, flag: str, rule: str, version: int) -> Laid | None:
        return self._overlays.laid(place, flag, rule, version)

    def fact(self, name: str) -> str | None:
        """What the instance knows of itself under this name."""
        return self._aliases.fact(name)


class SqlTransaction(SqlReader, ManifestChanges):
    """One write transaction. On SQLite it is the only one (`exclusive`), so nothing needs a lock.

    numbered  the last that it took of a log; 0 when it changed nothing
    """

    numbered = 0

    def lock(self, first: Sequence[tuple[str, Id]]) -> None:
        if first and not self._exclusive:
            self._subjects.lock(first)

    def seize(self, noun: Noun[Any], place: Place, key: str, id: Id = "") -> None:
        if self._exclusive:
            return
        if key:
            self._seized |= self._subjects.seize(noun, place, key)
        else:
            self._seized |= self._subjects.lock([(noun.name, id)])

    def reserve(self, owner: Id, key: str, at: int) -> Kept | None:
        return Idempotency(self._connection).reserve(owner, key, at)

    def keep(self, owner: Id, key: str, kept: Kept) -> None:
        Idempotency(self._connection).keep(owner, key, kept)

    def hold(self, read: Sequence[tuple[str, Id, int]], changed: Sequence[tuple[str, Id]]) -> None:
        """All are locked alike and in one order, so that two transactions wait for each other only where each
        has seized what the other holds."""
        if self._exclusive:
            return
        subjects = {(noun, id) for noun, id, _ in read} | set(changed)
        if not subjects:
            return
        found = self._seized | self._subjects.lock(subjects - self._seized.keys())
        stale = any(found.get((noun, id)) != revision for noun, id, revision in read)
        if stale or not subjects <= found.keys():
            raise LostRace(*sorted(subjects))

    def settle(self, outcomes: Sequence[Outcome[Any]], entry: Entry) -> None:
        documents = self._subjects.save(outcomes)
        numbers = self._log.append(outcomes, documents, entry)
        self.numbered = max(numbers, default=self.numbered)
        self._overlays.record(zip(outcomes, numbers, strict=True))

    def bind(self, dialect: str, kind: str, theirs: str, ours: Id) -> None:
        self._aliases.bind(dialect, kind, theirs, ours)

    def issue(self, ticket: Ticket, now: int) -> None:
        Tickets(self._connection).issue(ticket, now)

    def take(self, digest: str) -> Ticket | None:
        return Tickets(self._connection).take(digest)

    def note(self, name: str, value: str) -> str:
        """Sets a fact of the instance that is set once; the value that holds."""
        return self._aliases.note(name, value)

    def learn(self) -> None:
        self._subjects.learn()


class SqlStore:
    """State in SQLite or PostgreSQL. One per process; threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.decoded = Decoded()
        self._reading, self._writing = reading(engine), writing(engine)
        file = file_of(engine.url)
        self._turnstile = None if file is None else Turnstile(file)

    @property
    def one_writer(self) -> bool:
        """Whether only one transaction can write at a time, so that more threads would only wait."""
        return self._turnstile is not None

    def undisturbed(self) -> bool:
        """Whether a transaction would find nobody in its way: SQLite, and nobody writes just now."""
        return self._turnstile is not None and self._turnstile.free()

    @contextmanager
    def read(self) -> Iterator[SqlReader]:
        with self._reading.begin() as connection:
            yield SqlReader(connection, self.decoded)

    @contextmanager
    def write(self, first: Sequence[tuple[str, Id]] = ()) -> Iterator[SqlTransaction]:
        with self._turn(), self._writing.connect() as connection:
            exclusive = self._turnstile is not None
            transaction = SqlTransaction(connection, self.decoded, exclusive)
            try:
                begun = connection.begin()
                transaction.lock(first)
                yield transaction
            except Undo:
                return
            except DBAPIError as error:
                if lost_race(error):
                    raise race(error) from error
                raise
            begun.commit()  # what fails here may have been done, so it is not tried again
            if transaction.numbered:
                announce(connection, transaction.numbered)
        transaction.learn()

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """A bare connection that writes, in its turn; for a restore."""
        with self._turn(), self._writing.begin() as connection:
            yield connection

    def watch(self) -> Watch:
        """Tells when something was committed; with a connection of its own, apart from the pool."""
        return watch_of(self.engine)

    def see(self, seen: Sequence[Sighting]) -> None:
        """Notes when keys were used; nobody is told."""
        with self._turn(), self._writing.begin() as connection:
            SightingRows(connection).see(seen)

    def sweep(self, now: int) -> int:
        """Deletes idempotency records that are too old; how many. `now` in milliseconds since 1970. What was
        seen of environments that are gone goes too."""
        with self._turn(), self._writing.begin() as connection:
            SightingRows(connection).sweep()
            return Idempotency(connection).sweep(now)

    def ping(self) -> None:
        """Nothing, when the store answers and is migrated. raises Unusable"""
        try:
            with self._reading.connect() as connection:
                schema.check(connection)
        except DBAPIError as error:
            raise unusable(str(self.engine.url), error) from error

    def close(self) -> None:
        self.engine.dispose()
        if self._turnstile is not None:
            self._turnstile.close()

    def _turn(self) -> AbstractContextManager[None]:
        return nullcontext() if self._turnstile is None else self._turnstile.turn()
