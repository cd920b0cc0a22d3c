"""The list: every experiment of an environment, searched and filtered."""

from urllib.parse import quote, urlencode

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.state import Experiment, Status
from equipoise.domain.identity import Place
from equipoise.web.arms import ArmShown, arms_of, rest_of
from equipoise.web.doorway import address, catalog_of, connect_of, explain_of, places_seen, sharing_of
from equipoise.web.html import page
from equipoise.web.visit import Visit

PAGE_ITEMS = 25
PAGES_MAX = 100_000


class Line(Struct, frozen=True):
    """One experiment in the list; times in milliseconds since 1970. `decides` is a metric's key."""

    name: str
    key: str
    address: str
    hypothesis: str
    status: str
    flag: str
    unit: str
    decides: str
    arms: tuple[ArmShown, ...]
    rest: int
    started_at: int | None
    ended_at: int | None
    decided: str
    archived: bool


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place
    text, status = visit.asked("q"), visit.asked("status", 20)
    archived = visit.asked("archived", 4) == "yes"
    number = min(max(visit.number("page") or 1, 1), PAGES_MAX)
    query = Query(
        place,
        statuses=(status,) if status in tuple(Status) else (),
        archived=None if archived else False,
        text=text,
        sort=(("created_at", True),),
        limit=PAGE_ITEMS,
        offset=(number - 1) * PAGE_ITEMS,
    )

    def found(world: World) -> Answer:
        world.named(ENVIRONMENT, Place(place.project), place.environment)
        listed = world.select(EXPERIMENT, query)
        return page(
            "experiments",
            who=who.name,
            place=place,
            places=places_seen(world),
            here=address(place),
            catalog=catalog_of(place),
            connect=connect_of(place),
            explain=explain_of(place),
            sharing=sharing_of(place),
            lines=[_line(each) for each in listed.items],
            total=listed.total,
            first=query.offset + 1,
            last=query.offset + len(listed.items),
            text=text,
            wanted=status,
            statuses=tuple(Status),
            archived=archived,
            filtered=bool(text or query.statuses or archived),
            newer=_turned(visit, number - 1) if number > 1 else "",
            older=_turned(visit, number + 1) if query.offset + len(listed.items) < listed.total else "",
        )

    return visit.read(found, place, who)


def one(place: Place, key: str) -> str:
    """Where an experiment is shown."""
    return f"{address(place)}/{quote(key, safe='')}"


def _line(each: Experiment) -> Line:
    shown = each.shown
    winner = ""
    if shown is not None and shown.winner:
        winner = next((arm.name for arm in arms_of(shown, None) if arm.winner), "")
    return Line(
        name=each.name,
        key=each.key,
        address=one(each.place, each.key),
        hypothesis=shown.hypothesis_text if shown else "",
        status=each.status.value,
        flag=each.flag,
        unit=shown.unit if shown else "",
        decides=shown.primary_key if shown else "",
        arms=arms_of(shown, None),
        rest=rest_of(shown),
        started_at=shown.started_at if shown else None,
        ended_at=shown.ended_at if shown else None,
        decided=winner,
        archived=each.archived_at is not None,
    )


def _turned(visit: Visit, number: int) -> str:
    """The query of another page of the same list."""
    said = {name: visit.asked(name) for name in ("q", "status", "archived")}
    return "?" + urlencode({**{name: value for name, value in said.items() if value}, "page": number})
