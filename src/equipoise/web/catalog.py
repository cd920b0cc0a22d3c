"""The catalog: every experiment and flag of an environment, whoever runs it."""

import re
from urllib.parse import urlencode

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.catalog import (
    ISSUED,
    KINDS,
    Cursor,
    Listed,
    Sought,
    browse,
    cursor_read,
    cursor_said,
)
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.identity import Place
from equipoise.web.doorway import address, catalog_of, places_seen, shown_at
from equipoise.web.html import page
from equipoise.web.visit import HOME, Visit

PAGE_ITEMS = 50
_LINK = re.compile("https?://[^\\s]+")  # any other origin is shown and leads nowhere


class Line(Struct, frozen=True):
    """One item. `address` is where it is run, "" where that is no link; `away` whether that is elsewhere."""

    said: Listed
    address: str
    away: bool


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place
    text, kind = visit.asked("q"), visit.asked("kind", 20)
    archived = visit.asked("archived", 4) == "yes"
    since = cursor_read(visit.asked("from", 48))
    sought = Sought(
        place,
        text=text,
        kind=kind if kind in KINDS else "",
        archived=None if archived else False,
        since=since,
    )

    def found(world: World) -> Answer:
        world.named(ENVIRONMENT, Place(place.project), place.environment)
        items, following = browse(world, sought, PAGE_ITEMS, shown_at)
        return page(
            "catalog",
            who=who.name,
            place=place,
            places=places_seen(world),
            experiments=address(place),
            here=catalog_of(place),
            lines=[_line(each) for each in items],
            text=text,
            wanted=sought.kind,
            kinds=tuple(KINDS),
            issued=ISSUED,
            archived=archived,
            filtered=bool(text or sought.kind or archived or since),
            further=_turned(visit, following) if following else "",
        )

    return visit.read(found, place, who)


def _line(said: Listed) -> Line:
    ours, away = said.origin.startswith(HOME + "/"), bool(_LINK.fullmatch(said.origin))
    return Line(said, said.origin if ours or away else "", away)


def _turned(visit: Visit, following: Cursor) -> str:
    """The query of the next page of the same list."""
    said = {name: visit.asked(name) for name in ("q", "kind", "archived")}
    kept = {name: value for name, value in said.items() if value}
    return "?" + urlencode({**kept, "from": cursor_said(following)})
