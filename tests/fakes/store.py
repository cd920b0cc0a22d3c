"""A store in memory: one writer at a time, on a copy that takes the place of the original at the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from threading import Lock
from typing import Any, TypeVar

from msgspec import Struct, field

from equipoise.application.lake import Laid
from equipoise.application.ports import (
    INSTANCE_SPACE,
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
    space_of,
)
from equipoise.domain.change import Noun, Outcome, State
from equipoise.domain.errors import Held
from equipoise.domain.identity import Id, Place
from equipoise.domain.limits import IDEMPOTENCY_KEEP_HOURS
from equipoise.domain.nouns import NOUNS
from equipoise.domain.overlay import ALL, Overlay, environments_touched, overlay_of
from tests.fakes.manifest import MemoryLedger, MemoryManifest, Names

S = TypeVar("S", bound=State)


class Tables(Struct):
    """All that is known at one moment."""

    subjects: dict[tuple[str, Id], Any] = field(default_factory=dict)
    claims: dict[tuple[Place, str], tuple[str, Id]] = field(default_factory=dict)
    log: list[LogRow] = field(default_factory=list)
    versions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    aliases: dict[tuple[str, str, str], Id] = field(default_factory=dict)
    kept: dict[tuple[Id, str], tuple[int, Kept | None]] = field(default_factory=dict)
    laid: list[tuple[Overlay, int, int | None]] = field(default_factory=list)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    sightings: dict[tuple[Id, str, str], int] = field(default_factory=dict)

    names: Names = field(default_factory=Names)

    def __copy__(self) -> "Tables":
        return Tables(*(copy(getattr(self, name)) for name in self.__struct_fields__))


class MemoryReader(MemoryManifest):
    """Reads of one moment."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables.names)
        self.tables = tables

    def find(self, noun: Noun[S], id: Id, as_of: AsOf | None = None) -> S | None:
        if as_of is not None:
            return self._past(noun, as_of, lambda row: row.id == id)
        found: S | None = self.tables.subjects.get((noun.name, id))
        return found

    def named(self, noun: Noun[S], place: Place, key: str, as_of: AsOf | None = None) -> S | None:
        if as_of is not None:
            return self._past(noun, as_of, lambda row: (row.place, row.key) == (place, key))
        return next((each for each in self._of(noun) if (each.place, each.key) == (place, key)), None)

    def past(self, noun: Noun[S], project: str, as_of: AsOf) -> tuple[S, ...]:
        ids = dict.fromkeys(
            row.id for row in self.tables.log if row.noun == noun.name and row.place.project == project
        )
        found = (self.find(noun, id, as_of) for id in ids)
        return tuple(state for state in found if state is not None)

    def select(self, noun: Noun[S], query: Query) -> Page[S]:
        found = [state for state in self._of(noun) if _holds(noun, state, query)]
        found.sort(key=lambda state: state.id)
        for name, descending in reversed(query.sort):
            found.sort(key=lambda state: _sorted_by(noun, state, name), reverse=descending)
        end = None if query.limit is None else query.offset + query.limit
        return Page(tuple(found[query.offset : end]), len(found))

    def linked(self, noun: Noun[S], relation: str, target: str) -> S | None:
        link = (relation, target)
        found = (state for state in self._of(noun) if link in noun.facets(state).links)
        return min(found, key=lambda state: state.id, default=None)

    def versions(self, project: str, flags: Sequence[str]) -> dict[tuple[str, str], int]:
        return {
            (flag, environment): version
            for (owner, environment, flag), version in self.tables.versions.items()
            if owner == project and flag in flags
        }

    def history(self, space: str, after: int, limit: int) -> tuple[LogRow, ...]:
        rows = (row for row in self.tables.log if row.space == space and row.number > after)
        return tuple(rows)[:limit]

    def story(self, noun: Noun[Any], id: Id, before: int | None, limit: int) -> tuple[LogRow, ...]:
        rows = (row for row in reversed(self.tables.log) if (row.noun, row.id) == (noun.name, id))
        return tuple(row for row in rows if before is None or row.number < before)[:limit]

    def number(self, space: str) -> int:
        return sum(row.space == space for row in self.tables.log)

    def numbers(self) -> dict[str, int]:
        return {row.space: row.number for row in self.tables.log}

    def alias(self, dialect: str, kind: str, theirs: str) -> Id | None:
        return self.tables.aliases.get((dialect, kind, theirs))

    def sightings(self, environment: Id) -> tuple[Sighting, ...]:
        found = (
            Sighting(*names, at) for names, at in self.tables.sightings.items() if names[0] == environment
        )
        return tuple(sorted(found, key=lambda each: -each.at))

    def laid(self, place: Place, flag: str, rule: str, version: int) -> Laid | None:
        for overlay, since, until in self.tables.laid:
            over = overlay.project, overlay.environment, overlay.flag
            then = since <= version and (until is None or version < until)
            if then and over == (place.project, place.environment, flag) and rule in overlay.rules:
                return Laid(overlay.experiment, overlay.iteration, overlay.phase, overlay.unit)
        return None

    def _of(self, noun: Noun[S]) -> list[S]:
        return [state for (name, _), state in self.tables.subjects.items() if name == noun.name]

    def _past(self, noun: Noun[S], as_of: AsOf, wanted: Callable[[LogRow], bool]) -> S | None:
        rows = [row for row in self.tables.log if row.noun == noun.name and wanted(row)]
        if not rows:
            return None
        if as_of.at is not None:
            rows = [row for row in rows if row.at <= as_of.at]
        else:
            end = self._end(_home(rows[-1]), as_of.number or 0)
            rows = [row for row in rows if self.tables.log.index(row) < end]
        state: S | None = rows[-1].state if rows else None
        return state

    def _end(self, space: str, number: int) -> int:
        """Where in the log the space first goes past the number."""
        log = self.tables.log
        past = (at for at, row in enumerate(log) if row.space == space and row.number > number)
        return next(past, len(log))


class MemoryTransaction(MemoryReader, MemoryLedger):
    """Reads and writes on a copy of its own."""

    def reserve(self, owner: Id, key: str, at: int) -> Kept | None:
        since, kept = self.tables.kept.get((owner, key), (0, None))
        if since > at - IDEMPOTENCY_KEEP_HOURS * 3_600_000:
            return kept
        self.tables.kept[owner, key] = at, None
        return None

    def keep(self, owner: Id, key: str, kept: Kept) -> None:
        self.tables.kept[owner, key] = self.tables.kept[owner, key][0], kept

    def seize(self, noun: Noun[Any], place: Place, key: str, id: Id = "") -> None:
        """Nothing: there is no other writer."""

    def hold(self, read: Sequence[tuple[str, Id, int]], changed: Sequence[tuple[str, Id]]) -> None:
        """Nothing: there is no other writer."""

    def settle(self, outcomes: Sequence[Outcome[Any]], entry: Entry) -> None:
        self._release(outcomes)
        for outcome in outcomes:
            if outcome.after is not None:
                self._write(outcome)
        for outcome in outcomes:
            number = self._log(outcome, entry)
            self._deliver(outcome, number)

    def bind(self, dialect: str, kind: str, theirs: str, ours: Id) -> None:
        known = self.tables.aliases.setdefault((dialect, kind, theirs), ours)
        if known != ours:
            raise Held(f"use the {dialect} id {theirs}", f"it names {kind} {known}")

    def issue(self, ticket: Ticket, now: int) -> None:
        self.tables.tickets = {
            key: each for key, each in self.tables.tickets.items() if each.expires_at > now
        }
        self.tables.tickets[ticket.digest] = ticket

    def take(self, digest: str) -> Ticket | None:
        return self.tables.tickets.pop(digest, None)

    def _release(self, outcomes: Sequence[Outcome[Any]]) -> None:
        for outcome in outcomes:
            if outcome.before is None:
                continue
            now = self.tables.subjects.get(outcome.subject)
            if now is None or now.revision != outcome.before.revision:
                raise LostRace(outcome.subject)
            del self.tables.subjects[outcome.subject]
            for claim in outcome.noun.facets(outcome.before).claims:
                del self.tables.claims[outcome.before.place, claim]

    def _write(self, outcome: Outcome[Any]) -> None:
        state = outcome.state
        if self.named(outcome.noun, state.place, state.key) is not None:
            raise Held(f"create {outcome.noun.name} {state.key}", "the key is taken")
        self.tables.subjects[outcome.subject] = state
        for claim in outcome.noun.facets(state).claims:
            if (state.place, claim) in self.tables.claims:
                raise Held(f"change {outcome.noun.name} {state.key}", f"{claim} is taken")
            self.tables.claims[state.place, claim] = outcome.subject

    def _log(self, outcome: Outcome[Any], entry: Entry) -> int:
        noun, id = outcome.subject
        state, gone = outcome.state, outcome.after is None
        lives_on = outcome.before is not None and not gone
        project = state.key if noun == "project" and lives_on else state.place.project
        space = space_of(project) if project else INSTANCE_SPACE
        row = LogRow(
            space=space,
            number=self.number(space) + 1,
            at=entry.at,
            noun=noun,
            id=id,
            place=state.place,
            key=state.key,
            revision=state.revision + gone,
            events=outcome.events,
            state=outcome.after,
            principal=entry.principal,
            surface=entry.surface,
            comment=entry.comment,
            request=entry.request,
        )
        self.tables.log.append(row)
        return row.number

    def _deliver(self, outcome: Outcome[Any], number: int) -> None:
        state = outcome.state
        if outcome.noun.name == "flag":
            touched = environments_touched(outcome.before, outcome.after)
            every = [each.key for each in self._of(NOUNS["environment"]) if each.project == state.project]
            for environment in every if touched is ALL else touched:
                self.tables.versions[state.project, environment, state.key] = number
        elif outcome.noun.name == "environment" and outcome.before is None:
            for flag in self._of(NOUNS["flag"]):
                if flag.project == state.project:
                    self.tables.versions[state.project, state.key, flag.key] = number
        elif outcome.noun.name == "experiment":
            was = None if outcome.before is None else overlay_of(outcome.before)
            now = None if outcome.after is None else overlay_of(outcome.after)
            if was != now:
                self._lay(was, now, number)
            for overlay in (was, now) if was != now else ():
                if overlay is not None:
                    place = overlay.project, overlay.environment, overlay.flag
                    self.tables.versions[place] = number

    def _lay(self, was: Overlay | None, now: Overlay | None, number: int) -> None:
        """Spans of numbers: that of what was ends here, that of what is begins."""
        self.tables.laid = [
            (overlay, since, number if overlay == was and until is None else until)
            for overlay, since, until in self.tables.laid
        ]
        if now is not None:
            self.tables.laid.append((now, number, None))


class MemoryStore:
    """The twin of a store. What a transaction did is there at once and whole, or not at all.

    tables  never changed, only replaced: keep them, put them back, and it is as it was
    """

    def __init__(self) -> None:
        self.tables = Tables()
        self._writing = Lock()

    @contextmanager
    def read(self) -> Iterator[MemoryReader]:
        yield MemoryReader(self.tables)

    @contextmanager
    def write(self, first: Sequence[tuple[str, Id]] = ()) -> Iterator[MemoryTransaction]:
        with self._writing:
            transaction = MemoryTransaction(copy(self.tables))
            try:
                yield transaction
            except Undo:
                return
            self.tables = transaction.tables

    def close(self) -> None:
        """Nothing is open."""


def _holds(noun: Noun[Any], state: Any, query: Query) -> bool:
    facets, place = noun.facets(state), state.place
    return all(
        (
            query.everywhere or place == query.place,
            not query.place.project or place.project == query.place.project,
            query.keys is None or state.key in query.keys,
            query.archived is None or facets.archived == query.archived,
            not query.statuses or facets.status in query.statuses,
            set(query.links) <= set(facets.links),
            query.since is None or (facets.created_at, state.id) >= query.since,
            query.text.casefold() in noun.searched(state),
        )
    )


def _sorted_by(noun: Noun[Any], state: Any, name: str) -> Any:
    return state.key if name == "key" else getattr(noun.facets(state), name)


def _home(row: LogRow) -> str:
    project = row.key if row.noun == "project" else row.place.project
    return space_of(project) if project else INSTANCE_SPACE
