"""What the desk needs of the world of events: a journal to append to, a manifest, a warehouse to ask.

Each port has a small in-memory twin under tests/fakes. Times are microseconds since 1970, UTC.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from equipoise.analysis.question import Facts, Question
from equipoise.domain.identity import Id, Place
from equipoise.domain.records import Received


class Full(Exception):
    """The journal takes no more just now: the disk is full, or the compactor is far behind."""


class Journal(Protocol):
    """Where bodies of events become durable."""

    def append(self, received: Received) -> "Future[None]":
        """Done once it is on disk; fails with Full, or OSError, when it never will be."""
        ...


class Kind(StrEnum):
    """What a file holds."""

    EXPOSURE = "exposure"
    OUTCOME = "outcome"
    DEAD = "dead"


class DataFile(Struct, frozen=True):
    """A file that the manifest names; what it does not name does not exist.

    environment  id
    day          of receipt, YYYY-MM-DD
    path         relative to the lake
    first, last  received_at of its oldest and newest row
    keys         lowest and highest unit key
    """

    id: Id
    environment: Id
    kind: Kind
    day: str
    path: str
    rows: int
    bytes: int
    first: int
    last: int
    keys: tuple[int, int]


class Laid(Struct, frozen=True):
    """What lay over a rule under one number: a phase of an iteration of an experiment.

    unit  context kind that was randomised
    """

    experiment: Id
    iteration: Id
    phase: int
    unit: str


class Tally(Struct, frozen=True):
    """What the manifest of the whole instance amounts to.

    rows  kind → rows in files
    dead  cause → events that could not be used
    """

    rows: dict[Kind, int]
    dead: dict[str, int]


class Manifest(Protocol):
    """The names of files and payloads within one transaction (part of Reader and Transaction)."""

    def files(self, environment: Id, kinds: Sequence[Kind]) -> tuple[DataFile, ...]:
        """All that there are now, in order of (kind, day, id)."""
        ...

    def every_file(self) -> tuple[DataFile, ...]:
        """Those of all environments, in order of (environment, kind, day, id)."""
        ...

    def retired_files(self, before: int) -> tuple[DataFile, ...]:
        """Files that others took the place of before that moment."""
        ...

    def dead(self, environment: Id) -> dict[str, int]:
        """Cause → events that could not be used."""
        ...

    def tally(self) -> Tally:
        """Of all environments."""
        ...

    def consumed(self, segments: Sequence[str]) -> frozenset[str]:
        """Those of these segments whose events are in files already."""
        ...

    def known_payloads(self, environment: Id, payloads: Sequence[str]) -> frozenset[str]:
        """Those of these that were admitted before."""
        ...

    def laid(self, place: Place, flag: str, rule: str, version: int) -> Laid | None:
        """What lay over the rule (by id, or "fallthrough") of a flag (by key) under that version."""
        ...


class Ledger(Protocol):
    """Changes of the manifest within one transaction (part of Transaction)."""

    def admit_payloads(self, environment: Id, payloads: Sequence[str], at: int) -> frozenset[str]:
        """Those that are new. They are known from now on, to other transactions once this one commits."""
        ...

    def swap_files(self, add: Sequence[DataFile], retire: Sequence[Id], at: int) -> None:
        """Names files, and others no more. raises LostRace where one to retire is named no more"""
        ...

    def drop_files(self, retired: Sequence[Id]) -> None:
        """Forgets retired files, once they are removed."""
        ...

    def count_dead(self, environment: Id, causes: Mapping[str, int]) -> None:
        """Adds to what is counted. causes: cause → events"""
        ...

    def consume(self, segments: Sequence[str], at: int) -> frozenset[str]:
        """Marks segments as read; those that were not marked before."""
        ...

    def forget(self, before: int) -> None:
        """Payloads and segments that came before that moment."""
        ...


class Warehouse(Protocol):
    """Answers questions from files: counts, means and products leave it, never rows."""

    def ask(self, question: Question, files: Sequence[DataFile]) -> Facts:
        """raises OSError where a file is gone"""
        ...
