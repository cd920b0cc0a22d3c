"""What the desk needs of the world of events: a journal to append to, a manifest, a warehouse to ask.

Each port has a small in-memory twin under tests/fakes. Times are microseconds since 1970, UTC.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from equipoise.analysis.question import Facts, Question
from equipoise.domain.identity import Id
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


class Manifest(Protocol):
    """The names of files and payloads within one transaction (part of Reader and Transaction)."""

    def files(self, environment: Id, kinds: Sequence[Kind]) -> tuple[DataFile, ...]:
        """All that there are now, in order of (kind, day, id)."""
        ...

    def dead(self, environment: Id) -> dict[str, int]:
        """Cause → events that could not be used."""
        ...


class Warehouse(Protocol):
    """Answers questions from files: counts, means and products leave it, never rows."""

    def ask(self, question: Question, files: Sequence[DataFile]) -> Facts:
        """raises OSError where a file is gone"""
        ...
