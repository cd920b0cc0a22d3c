"""The catalog: every experiment and flag, whoever runs it, in one order."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Command, Noun
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Id, Place
from equipoise.domain.labels import Annotate

ANNOTATED = "catalog"
ISSUED = "equipoise"  # how ids that we issued begin
KINDS: dict[str, Noun[Any]] = {noun.name: noun for noun in (EXPERIMENT, FLAG)}


class Sought(Struct, frozen=True):
    """What is looked for. Empty fields ask nothing.

    kind      "experiment" or "flag"
    source    ISSUED for what is run here, or the key of an installation
    archived  None for both
    since     (created_at, id) of where to begin, itself included
    """

    place: Place
    text: str = ""
    kind: str = ""
    source: str = ""
    archived: bool | None = None
    since: tuple[int, Id] | None = None


def id_of(kind: str, key: str) -> str:
    """The id under which what is ours goes elsewhere."""
    return f"{ISSUED}:{kind}:{key}"


def key_in(id: str) -> tuple[str, str] | None:
    """The kind and the key that an id of ours names; None where we issued no such id."""
    issued, _, rest = id.partition(":")
    kind, _, key = rest.partition(":")
    return (kind, key) if issued == ISSUED and kind in KINDS and key else None


class Published(Struct, frozen=True):
    """What others are told of something of ours: a link to it, and when it came to be and last changed
    (milliseconds since 1970), as whoever published it says, or else as we know."""

    origin: str
    created: int | float
    updated: int | float


def annotated(name: str, value: Any) -> Command:
    """What whoever publishes something of ours says of it: "origin", "created" or "updated"."""
    return Annotate(ANNOTATED, name, value)


def published(state: Any, kind: str, place: Place, url: str) -> Published:
    """`url` is where this server is reached."""
    said = {
        name.removeprefix(f"{ANNOTATED}."): value
        for name, value in state.annotations.items()
        if name.startswith(f"{ANNOTATED}.")
    }
    ours = Published(_page(state, kind, place, url), state.created_at, state.touched_at or state.created_at)
    return replace(ours, **said)


def _page(state: Any, kind: str, place: Place, url: str) -> str:
    """Flags have no page of their own yet: the experiments of the environment are the nearest."""
    home = page_of(place, url)
    return f"{home}/{quote(state.key, safe='')}" if kind == EXPERIMENT.name else home


def page_of(place: Place, url: str) -> str:
    """The page of an environment's experiments."""
    project, environment = quote(place.project, safe=""), quote(place.environment, safe="")
    return f"{url}/ui/projects/{project}/environments/{environment}/experiments"


def browse(world: World, sought: Sought, limit: int) -> tuple[tuple[tuple[Noun[Any], Any], ...], Any]:
    """So many of them, the oldest first, each with its noun; and where the next page begins, or None.

    cost  of a page from each of three lists
    """
    found = [
        (noun, state)
        for noun, query in _queries(sought)
        for state in world.select(noun, replace(query, since=sought.since, limit=limit + 1)).items
    ]
    found.sort(key=lambda each: age(*each))
    following = age(*found[limit]) if len(found) > limit else None
    return tuple(found[:limit]), following


def age(noun: Noun[Any], state: Any) -> tuple[int, Id]:
    return noun.facets(state).created_at, state.id


def _queries(sought: Sought) -> Iterable[tuple[Noun[Any], Query]]:
    place = sought.place
    asked = Query(place, text=sought.text, archived=sought.archived)
    if sought.source in ("", ISSUED):
        if sought.kind in ("", EXPERIMENT.name):
            yield EXPERIMENT, asked
        if sought.kind in ("", FLAG.name):
            yield FLAG, replace(asked, place=Place(place.project))
    if sought.source != ISSUED:
        links = (("category", sought.kind), ("installation", sought.source))
        yield CATALOG_ENTRY, replace(asked, links=tuple(link for link in links if link[1]))
