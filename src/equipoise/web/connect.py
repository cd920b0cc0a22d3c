"""How clients are connected: keys as far as one may see them, when each was last seen, code for each."""

from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.connecting import KeyShown, further, last, setup_of
from equipoise.application.world import World
from equipoise.web.doorway import address, connect_of, places_seen
from equipoise.web.html import PRIVATE, page
from equipoise.web.visit import Visit

UNKEPT = ("Cache-Control", "no-store")  # it may show keys


def show(visit: Visit) -> Answer:
    who, place = visit.principal, visit.place

    def found(world: World) -> Answer:
        connection = setup_of(world, place, visit.url, visit.clients)

        def seen(key: KeyShown) -> tuple[str, ...]:
            return last(key, connection.now), *further(key, connection.now)

        answer = page(
            "connect",
            who=who.name,
            place=place,
            places=places_seen(world),
            experiments=address(place),
            here=connect_of(place),
            connection=connection,
            keys=[(each, seen(each)) for each in connection.keys],
        )
        kept = tuple(each for each in answer.headers if each != PRIVATE)
        return replace(answer, headers=(*kept, UNKEPT))

    return visit.read(found, place, who)
