"""A flag: variations shared by all environments, targeting in each."""

from msgspec import Struct

from equipoise.domain.allocation import SHA1
from equipoise.domain.change import Facets
from equipoise.domain.clauses import Clause, Json
from equipoise.domain.identity import Id, Place

FALLTHROUGH = "fallthrough"  # names the last resort where a rule id is asked for


class Variation(Struct, frozen=True):
    """One value the flag can take. The id is a UUID and never changes.

    created_at, touched_at  when it was made and last changed, in milliseconds since 1970: the flag dates it;
                            0 for its own birth
    """

    id: str
    value: Json
    name: str = ""
    description: str = ""
    created_at: int = 0
    touched_at: int = 0


class Parameter(Struct, frozen=True):
    """What a flag that serves objects has a value for.

    type     string, boolean, number, array or object
    default  its value in every variation that does not override it
    """

    key: str
    type: str
    default: Json
    description: str = ""


class Weighted(Struct, frozen=True):
    """A variation id and its weight in thousandths of a percent."""

    variation: str
    weight: int
    untracked: bool = False


class Rollout(Struct, frozen=True, tag="rollout"):
    """Serve by bucket of a context. In an experiment, units keep the arm that the seed gives them.

    bucket_by   attribute that is hashed; "" for the key
    kind        context kind that is hashed
    seed        None: the flag's key and salt are hashed instead
    outside     in an experiment, the variation of those in no arm
    reshuffle   in an experiment, whether a change of shares may move units
    scheme      by which it is hashed, as `allocation.Hashing` says
    """

    weights: tuple[Weighted, ...]
    bucket_by: str = ""
    kind: str = "user"
    seed: int | None = None
    experiment: bool = False
    outside: str = ""
    reshuffle: bool = True
    scheme: str = SHA1

    @property
    def variations(self) -> frozenset[str]:
        """Ids of all it names, those without a share too."""
        named = {each.variation for each in self.weights}
        return frozenset(named | {self.outside} if self.outside else named)


class Fixed(Struct, frozen=True, tag="fixed"):
    """Serve one variation to all."""

    variation: str

    @property
    def variations(self) -> frozenset[str]:
        return frozenset({self.variation})


Serve = Fixed | Rollout


class Rule(Struct, frozen=True):
    """When every clause holds, serve this. Rules are asked in order."""

    id: str
    clauses: tuple[Clause, ...]
    serve: Serve
    description: str = ""
    ref: str = ""
    track_events: bool = False
    disabled: bool = False


class Target(Struct, frozen=True):
    """Keys of one context kind that get a variation before any rule is asked."""

    variation: str
    keys: tuple[str, ...]
    kind: str = "user"


class Prerequisite(Struct, frozen=True):
    """Another flag (by key) that must serve a variation (by id) first."""

    flag: str
    variation: str


class Targeting(Struct, frozen=True):
    """How one environment serves the flag."""

    on: bool
    off_variation: str
    fallthrough: Serve
    rules: tuple[Rule, ...] = ()
    targets: tuple[Target, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    track_events: bool = False
    track_events_fallthrough: bool = False
    changed_at: int = 0

    def serve(self, rule: str) -> Serve | None:
        """What a rule serves (by rule id, or FALLTHROUGH); None when there is no such rule."""
        if rule == FALLTHROUGH:
            return self.fallthrough
        return next((each.serve for each in self.rules if each.id == rule), None)

    @property
    def variations(self) -> frozenset[str]:
        """Ids of all variations of this flag that it names."""
        serves = (self.fallthrough, *(rule.serve for rule in self.rules))
        return frozenset({self.off_variation}).union(
            (target.variation for target in self.targets), *(serve.variations for serve in serves)
        )


class Property(Struct, frozen=True):
    """A custom property: a key, its display name, its values."""

    key: str
    name: str
    values: tuple[str, ...]


class Flag(Struct, frozen=True):
    """A flag of a project. With fewer than two variations it is unfinished, and off everywhere.

    targeting   environment key → targeting; an environment not named here has the default one
    on, off     ids of the variations that new environments serve when on and when off; "" where there is none
    salt        hashed with the key of a unit where a rollout has no seed
    parameters  where there are any, each variation's value is an object with a value for each of them
    """

    id: Id
    project: str
    key: str
    name: str
    created_at: int
    variations: tuple[Variation, ...]
    on_variation: str
    off_variation: str
    salt: str
    revision: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    temporary: bool = True
    maintainer: str = ""
    client_side: bool = False
    mobile: bool = True
    archived_at: int | None = None
    deprecated_at: int | None = None
    properties: tuple[Property, ...] = ()
    on_at_birth: bool = False
    targeting: dict[str, Targeting] = {}
    parameters: tuple[Parameter, ...] = ()
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def finished(self) -> bool:
        """Whether it may be on somewhere."""
        return len(self.variations) >= 2

    def in_environment(self, environment: str) -> Targeting:
        """Its targeting there; the default where none was ever set."""
        return self.targeting.get(environment) or Targeting(
            on=self.on_at_birth,
            off_variation=self.off_variation,
            fallthrough=Fixed(self.on_variation),
            changed_at=self.created_at,
        )

    def variation(self, id: str) -> Variation | None:
        return next((each for each in self.variations if each.id == id), None)

    def index(self, id: str) -> int:
        """The position of a variation. raises LookupError where there is none"""
        for index, each in enumerate(self.variations):
            if each.id == id:
                return index
        raise LookupError(f"flag {self.key} has no variation {id}")


def facets(flag: Flag) -> Facets:
    """It links to its tags, its maintainer, and the flags (by key) that it needs first."""
    needed = dict.fromkeys(
        prerequisite.flag for targeting in flag.targeting.values() for prerequisite in targeting.prerequisites
    )
    return Facets(
        name=flag.name,
        archived=flag.archived_at is not None,
        created_at=flag.created_at,
        links=(
            *(("tag", tag) for tag in flag.tags),
            *((("maintainer", flag.maintainer),) if flag.maintainer else ()),
            *(("prerequisite", key) for key in needed),
        ),
    )
