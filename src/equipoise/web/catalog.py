"""The catalog: every experiment and flag of an environment, whoever runs it."""

import re
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.catalog import KINDS, Sought, browse
from equipoise.application.world import World
from equipoise.domain.catalog.state import CatalogEntry
from equipoise.domain.change import Noun
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.identity import Id, Place
from equipoise.web.doorway import address, places_seen
from equipoise.web.experiments import catalog_of, one
from equipoise.web.html import page
from equipoise.web.visit import Visit

PAGE_ITEMS = 50
_LINK = re.compile("https?://[^\\s]+")  # any other origin is shown and leads nowhere
_SINCE = re.compile("([0-9]{1,15})-([0-9a-f]{24})", re.ASCII)


class Line(Struct, frozen=True):
    """One item. `address` is where it is run, "" where that is no link; `source` says who runs it."""

    name: str
    slug: str
    description: str
    kind: str
    source: str
    address: str
    origin: str
    status: str
    archived: bool


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place
    text, kind = visit.asked("q"), visit.asked("kind", 20)
    archived = visit.asked("archived", 4) == "yes"
    since = _since(visit.asked("from", 48))
    sought = Sought(
        place,
        text=text,
        kind=kind if kind in KINDS else "",
        archived=None if archived else False,
        since=since,
    )

    def found(world: World) -> Answer:
        world.named(ENVIRONMENT, Place(place.project), place.environment)
        items, following = browse(world, sought, PAGE_ITEMS)
        return page(
            "catalog",
            who=who.name,
            place=place,
            places=places_seen(world),
            experiments=address(place),
            here=catalog_of(place),
            lines=[_line(noun, state, place) for noun, state in items],
            text=text,
            wanted=sought.kind,
            kinds=tuple(KINDS),
            archived=archived,
            filtered=bool(text or sought.kind or archived or since),
            further=_turned(visit, following) if following else "",
        )

    return visit.read(found, place, who)


def _line(noun: Noun[Any], state: Any, place: Place) -> Line:
    if isinstance(state, CatalogEntry):
        return _theirs(state)
    return Line(
        name=state.name,
        slug=state.key,
        description=state.description,
        kind=noun.name,
        source="",
        address=one(place, state.key) if noun == EXPERIMENT else "",
        origin="",
        status=noun.facets(state).status,
        archived=state.archived_at is not None,
    )


def _theirs(entry: CatalogEntry) -> Line:
    said = entry.content
    return Line(
        name=said.name or said.slug or entry.item,
        slug=said.slug,
        description=said.description,
        kind=said.category,
        source=entry.installation,
        address=said.origin if _LINK.fullmatch(said.origin) else "",
        origin=said.origin,
        status="",
        archived=said.archived,
    )


def _since(text: str) -> tuple[int, Id] | None:
    """Where a page begins; the first, for whatever is none."""
    found = _SINCE.fullmatch(text)
    return None if found is None else (int(found[1]), found[2])


def _turned(visit: Visit, following: tuple[int, Id]) -> str:
    """The query of the next page of the same list."""
    said = {name: visit.asked(name) for name in ("q", "kind", "archived")}
    kept = {name: value for name, value in said.items() if value}
    return "?" + urlencode({**kept, "from": f"{following[0]}-{following[1]}"})
