"""Routes of segments."""

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.paging import PAGE, page
from equipoise.dialects.auth0.queries import chosen
from equipoise.dialects.auth0.segments import documents, intents, render
from equipoise.dialects.auth0.tenant import tenant
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.state import Segment
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, made, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

ALL = "/api/v2/experimentation/segments"
ONE = ALL + "/{id}"
_TYPE = Parameter("type", "self, or auth0, of which there are none.")


def list_segments(call: Call) -> Answer:
    place, type = tenant(call), chosen(call, "type", ("self", "auth0"))

    def answer(world: World) -> Answer:
        query = Query(place, archived=False, keys=() if type == "auth0" else None)
        found, following = page(world, call, SEGMENT, intents.SAID, query)
        return said(render.segments(found, following))

    return call.read(answer, place)


def create_segment(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World, now: Segment) -> Answer:
        return made(render.segment(now), now.revision)

    return call.change(intents.create(place, call.json()), answer, place)


def get_segment(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World) -> Answer:
        now = intents.named(world, place, call.path["id"])
        return said(render.segment(now), now.revision)

    return call.read(answer, place)


def update_segment(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]

    def answer(world: World, now: Segment) -> Answer:
        return said(render.segment(now), now.revision)

    intent = intents.update(place, id, call.json())
    return call.change(intent, answer, place, Target(SEGMENT, id=ids.read(intents.SAID, id)))


def delete_segment(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]
    intent = intents.remove(place, id)
    return call.change(intent, lambda *_: GONE, place, Target(SEGMENT, id=ids.known(intents.SAID, id)))


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        list_segments,
        "get_segments",
        {200: documents.Segments},
        query=(*PAGE, _TYPE),
        about="The tenant's segments, without the archived ones.",
    ),
    Route(
        "POST",
        ALL,
        Act.CREATE,
        create_segment,
        "create_segment",
        {201: documents.Segment},
        body=documents.CreateSegment,
        brief=True,
        about="Creates a segment.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_segment,
        "get_segment",
        {200: documents.Segment},
        brief=True,
        about="One segment.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        update_segment,
        "update_segment",
        {200: documents.Segment},
        body=documents.UpdateSegment,
        brief=True,
        about="Changes a segment; rules are replaced whole, and archiving is for good.",
    ),
    Route(
        "DELETE",
        ONE,
        Act.DELETE,
        delete_segment,
        "delete_segment",
        {204: None},
        brief=True,
        about="Deletes a segment, if there is one.",
    ),
)
