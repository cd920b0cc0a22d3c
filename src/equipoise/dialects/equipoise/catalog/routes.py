"""Routes of the catalog."""

from msgspec import UNSET

from equipoise.application.answers import Answer
from equipoise.application.catalog import KINDS, Cursor, Sought, browse, cursor_read, cursor_said
from equipoise.application.world import World
from equipoise.dialects.equipoise.catalog import documents, render
from equipoise.dialects.equipoise.scope import SCOPE, place_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

LIMIT, LIMIT_MAX = 50, 200
_QUERY = (
    *SCOPE,
    Parameter("search", "Stands in a name, a slug or an id, whatever its case."),
    Parameter("category", "experiment, or flag."),
    Parameter("source", "equipoise for what is run here, or the id of an installation."),
    Parameter("archived", "Whether to answer the archived ones instead of the others.", "boolean"),
    Parameter("limit", f"How many to answer, 1 to {LIMIT_MAX}; {LIMIT} where it is not said.", "integer"),
    Parameter("from", "What the page before named as `next`."),
)


def get_catalog(call: Call) -> Answer:
    place = place_of(call)
    sought, limit = _sought(call, place), call.number("limit", LIMIT, LIMIT_MAX, least=1)

    def answer(world: World) -> Answer:
        world.named(ENVIRONMENT, Place(place.project), place.environment)
        found, following = browse(world, sought, limit, call.page)
        items = [render.item(each, place) for each in found]
        return said(documents.Items(items, cursor_said(following) if following else UNSET))

    return call.read(answer, place)


def _sought(call: Call, place: Place) -> Sought:
    """raises Invalid"""
    kind = call.asked("category")
    if kind not in ("", *KINDS):
        raise Invalid(Violation("category", f"must be one of {', '.join(KINDS)}", kind))
    return Sought(
        place, call.asked("search"), kind, call.asked("source"), call.flag("archived"), _since(call)
    )


def _since(call: Call) -> Cursor | None:
    text = call.asked("from")
    found = cursor_read(text)
    if text and found is None:
        raise Invalid(Violation("from", "must be the `next` of another page", text))
    return found


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/equipoise/v1/catalog",
        Act.READ,
        get_catalog,
        "getCatalog",
        {200: documents.Items},
        query=_QUERY,
        about="Every experiment and flag of an environment, whoever runs it, the oldest first.",
    ),
)
