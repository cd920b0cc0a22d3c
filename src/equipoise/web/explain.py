"""Why a context is served what it is served: a form, and the steps of the decision as a tree."""

from equipoise.application.answers import Answer
from equipoise.application.explaining import Explained, explained
from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Place
from equipoise.domain.limits import CONTEXT_EXPLAINED_BYTES_MAX, KEY_LENGTH_MAX
from equipoise.translation.contexts import context_said
from equipoise.web.doorway import address, explain_of, places_seen
from equipoise.web.html import page
from equipoise.web.visit import Visit

FLAGS_OFFERED_MAX = 200
EXAMPLE = '{"kind": "user", "key": "user-1"}'


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place
    flag, said = visit.asked("flag", KEY_LENGTH_MAX), visit.asked("context", CONTEXT_EXPLAINED_BYTES_MAX + 1)
    asked = context_said(said)

    def found(world: World) -> Answer:
        world.named(ENVIRONMENT, Place(place.project), place.environment)
        told: Explained | None = None
        problem = ""
        if flag and said:
            problem = (
                f"The context cannot be used: {asked.error}. Write it as in {EXAMPLE}" if asked.error else ""
            )
            try:
                told = explained(world, place, flag, asked) if not problem else None
            except Missing:
                problem = f"There is no flag “{flag}” here."
        return page(
            "explain",
            who=who.name,
            place=place,
            places=places_seen(world),
            experiments=address(place),
            here=explain_of(place),
            flag=flag,
            context=said or EXAMPLE,
            told=told,
            problem=problem,
            flags=_flags(world, place),
        )

    return visit.read(found, place, who)


def _flags(world: World, place: Place) -> tuple[str, ...]:
    """Keys that are offered while one is typed."""
    query = Query(Place(place.project), archived=False, limit=FLAGS_OFFERED_MAX)
    return tuple(each.key for each in world.select(FLAG, query).items)
