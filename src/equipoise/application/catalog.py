"""The catalog: every experiment and flag, whoever runs it, in one order."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.state import CatalogEntry, Number
from equipoise.domain.change import Command, Noun
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import UNINSTALLED
from equipoise.domain.labels import Annotate
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import key_of

ANNOTATED = "catalog"
ISSUED = "equipoise"  # how ids that we issued begin
KINDS: dict[str, Noun[Any]] = {noun.name: noun for noun in (EXPERIMENT, FLAG)}
Pages = Callable[[Place, str], str]  # where an environment's experiments are shown, or the one of a key
Cursor = tuple[int, Id]  # (created_at, id) of where to begin, itself included
_CURSOR = re.compile("([0-9]{1,15})-([0-9a-f]{24})", re.ASCII)


class Sought(Struct, frozen=True):
    """What is looked for. Empty fields ask nothing.

    kind      "experiment" or "flag"
    source    ISSUED for what is run here, or the key of an installation
    archived  None for both
    """

    place: Place
    text: str = ""
    kind: str = ""
    source: str = ""
    archived: bool | None = None
    since: Cursor | None = None


class Listed(Struct, frozen=True):
    """One item, whoever runs it.

    id        under which it goes elsewhere: ours, or its provider's
    slug      our key, or the provider's word for it
    category  "experiment" or "flag"; "" where its provider does not say
    source    ISSUED for what is run here, else the key of the installation that published it
    resource  the provider's id of the resource it was published for; "" of ours
    status    of an experiment that is run here; "" of all else
    origin    a link to where it is run
    uninstalled         whether its provider, or the resource it was published for, was uninstalled
    created, updated    milliseconds since 1970, as whoever published it says, or else as we know
    """

    id: str
    slug: str
    name: str
    description: str
    category: str
    source: str
    resource: str
    status: str
    origin: str
    archived: bool
    uninstalled: bool
    created: Number | None
    updated: Number | None


def id_of(kind: str, key: str) -> str:
    """The id under which what is ours goes elsewhere."""
    return f"{ISSUED}:{kind}:{key}"


def key_in(id: str) -> tuple[str, str] | None:
    """The kind and the key that an id of ours names; None where we issued no such id."""
    issued, _, rest = id.partition(":")
    kind, _, key = rest.partition(":")
    return (kind, key) if issued == ISSUED and kind in KINDS and key else None


def home_of(kind: str, place: Place) -> Place:
    """Where something of this kind has its key: a flag is its project's."""
    return Place(place.project) if kind == FLAG.name else place


def annotated(name: str, value: Any) -> Command:
    """What whoever publishes something of ours says of it: "origin", "created" or "updated"."""
    return Annotate(ANNOTATED, name, value)


def browse(
    world: World, sought: Sought, limit: int, pages: Pages
) -> tuple[tuple[Listed, ...], Cursor | None]:
    """So many of them, the oldest first, and where the next page begins, or None.

    pages  where what is run here is shown
    cost  of a page from each of three lists, and of a look at who published it
    """
    found = [
        (noun, state)
        for noun, query in _queries(sought)
        for state in world.select(noun, replace(query, since=sought.since, limit=limit + 1)).items
    ]
    found.sort(key=lambda each: _age(*each))
    following = _age(*found[limit]) if len(found) > limit else None
    shown = found[:limit]
    left = _left(world, sought.place, [state for noun, state in shown if noun == CATALOG_ENTRY])
    return tuple(_listed(*each, sought.place, pages, left) for each in shown), following


def listed(noun: Noun[Any], state: Any, place: Place, pages: Pages) -> Listed:
    """An entry of a provider that is installed, or something of ours as it is shown in a place."""
    return _listed(noun, state, place, pages, frozenset())


def cursor_said(cursor: Cursor) -> str:
    """A cursor as text."""
    return f"{cursor[0]}-{cursor[1]}"


def cursor_read(text: str) -> Cursor | None:
    """None for whatever is none."""
    found = _CURSOR.fullmatch(text)
    return None if found is None else (int(found[1]), found[2])


def _left(world: World, place: Place, entries: list[CatalogEntry]) -> frozenset[str]:
    """Keys of the installations and of the resources of these entries that are uninstalled."""
    if not entries:
        return frozenset()
    providers = tuple({entry.installation for entry in entries})
    resources = tuple({key_of(entry.installation, entry.resource) for entry in entries})
    gone = Query(INSTANCE, keys=providers, statuses=(UNINSTALLED,))
    left = {each.key for each in world.select(INSTALLATION, gone).items}
    left |= {each.key for each in world.select(RESOURCE, replace(gone, place=place, keys=resources)).items}
    return frozenset(left)


def _listed(noun: Noun[Any], state: Any, place: Place, pages: Pages, left: frozenset[str]) -> Listed:
    return _theirs(state, left) if isinstance(state, CatalogEntry) else _ours(noun, state, place, pages)


def _theirs(entry: CatalogEntry, left: frozenset[str]) -> Listed:
    said = entry.content
    return Listed(
        id=entry.item,
        slug=said.slug,
        name=said.name,
        description=said.description,
        category=said.category,
        source=entry.installation,
        resource=entry.resource,
        status="",
        origin=said.origin,
        archived=said.archived,
        uninstalled=bool(left & {entry.installation, key_of(entry.installation, entry.resource)}),
        created=said.created,
        updated=said.updated,
    )


def _ours(noun: Noun[Any], state: Any, place: Place, pages: Pages) -> Listed:
    said = state.annotations
    return Listed(
        id=id_of(noun.name, state.key),
        slug=state.key,
        name=state.name,
        description=state.description,
        category=noun.name,
        source=ISSUED,
        resource="",
        status=noun.facets(state).status,
        origin=said.get(f"{ANNOTATED}.origin") or _page(noun, state, place, pages),
        archived=state.archived_at is not None,
        uninstalled=False,
        created=said.get(f"{ANNOTATED}.created", state.created_at),
        updated=said.get(f"{ANNOTATED}.updated", state.touched_at or state.created_at),
    )


def _page(noun: Noun[Any], state: Any, place: Place, pages: Pages) -> str:
    """Flags have no page of their own yet: the experiments of the environment are the nearest."""
    return pages(place, state.key if noun == EXPERIMENT else "")


def _age(noun: Noun[Any], state: Any) -> Cursor:
    return noun.facets(state).created_at, state.id


def _text_of(kind: str, text: str) -> str:
    """What stands in the name or the key where this is the beginning of an id of ours."""
    beginning, low = id_of(kind, ""), text.casefold()
    if low.startswith(f"{ISSUED}:") and beginning.startswith(low):
        return ""
    return text[len(beginning) :] if low.startswith(beginning) else text


def _queries(sought: Sought) -> Iterable[tuple[Noun[Any], Query]]:
    asked = Query(sought.place, text=sought.text, archived=sought.archived)
    for kind, noun in KINDS.items():
        if sought.source in ("", ISSUED) and sought.kind in ("", kind):
            text = _text_of(kind, sought.text)
            yield noun, replace(asked, place=home_of(kind, sought.place), text=text)
    if sought.source != ISSUED:
        links = (("category", sought.kind), ("installation", sought.source))
        yield CATALOG_ENTRY, replace(asked, links=tuple(link for link in links if link[1]))
