"""A segment: a set of contexts of one environment, told by rules."""

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.clauses import Clause, Json, segments_named
from equipoise.domain.identity import Id, Place


class SegmentRule(Struct, frozen=True):
    """Lets in whoever answers every clause, and answers all the clauses of none of the groups in `unless`.

    An attribute that is absent answers no clause, so it never keeps anybody out.
    """

    id: str
    clauses: tuple[Clause, ...] = ()
    unless: tuple[tuple[Clause, ...], ...] = ()

    @property
    def asked(self) -> tuple[Clause, ...]:
        """All its clauses, those of the groups too."""
        return (*self.clauses, *(clause for group in self.unless for clause in group))


class Segment(Struct, frozen=True):
    """A segment of an environment. Whoever a rule lets in is in it."""

    id: Id
    project: str
    environment: str
    key: str
    name: str
    created_at: int
    rules: tuple[SegmentRule, ...] = ()
    revision: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    archived_at: int | None = None
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"segment {self.key}"


def facets(segment: Segment) -> Facets:
    """It links to its tags, and to the segments (by key) that its clauses name."""
    asked = (clause for rule in segment.rules for clause in rule.asked)
    return Facets(
        name=segment.name,
        archived=segment.archived_at is not None,
        created_at=segment.created_at,
        links=(
            *(("tag", tag) for tag in segment.tags),
            *(("segment", key) for key in segments_named(asked)),
        ),
    )
