"""A project: the tenant. Members, context kinds and experimentation settings are rooms of it."""

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.clauses import Json
from equipoise.domain.identity import INSTANCE, Id, Place


class ContextKind(Struct, frozen=True):
    """A kind of context that can be targeted; some of them are units of randomisation.

    version  counts its changes; created_at and changed_at in milliseconds since 1970
    """

    key: str
    name: str
    created_at: int
    changed_at: int
    version: int = 1
    description: str = ""
    hidden: bool = False
    archived: bool = False


class RandomizationUnit(Struct, frozen=True):
    """A context kind (by key) that experiments may randomise; one of them is the default."""

    kind: str
    default: bool = False


class Member(Struct, frozen=True):
    """A person of the project. The owner of the instance is the first."""

    id: Id
    role: str
    email: str
    first_name: str = ""
    last_name: str = ""


class Project(Struct, frozen=True):
    """A project of the instance."""

    id: Id
    key: str
    name: str
    created_at: int
    revision: int = 0
    tags: tuple[str, ...] = ()
    client_side: bool = False
    mobile: bool = True
    context_kinds: tuple[ContextKind, ...] = ()
    units: tuple[RandomizationUnit, ...] = ()
    members: tuple[Member, ...] = ()
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return INSTANCE

    @property
    def territory(self) -> Place:
        return Place(self.key)

    @property
    def default_unit(self) -> str:
        """The unit an experiment randomises when nobody says; "" when none is the default."""
        return next((unit.kind for unit in self.units if unit.default), "")

    def context_kind(self, key: str) -> ContextKind | None:
        return next((kind for kind in self.context_kinds if kind.key == key), None)

    def randomises(self, kind: str) -> bool:
        """Whether a context kind (by key) is a unit of randomisation."""
        return any(unit.kind == kind for unit in self.units)


def newborn_rooms(at: int) -> tuple[tuple[ContextKind, ...], tuple[RandomizationUnit, ...]]:
    """The context kinds and the units that a project starts with; `at` in milliseconds since 1970."""
    kinds = ContextKind("user", "User", at, at), ContextKind("device", "Device", at, at)
    return kinds, (RandomizationUnit("user", default=True), RandomizationUnit("device"))


def facets(project: Project) -> Facets:
    """It links to its tags."""
    return Facets(
        name=project.name,
        created_at=project.created_at,
        links=tuple(("tag", tag) for tag in project.tags),
    )
