"""Routes of holdouts."""

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.holdouts import documents, intents, render
from equipoise.dialects.launchdarkly.links import paged
from equipoise.dialects.launchdarkly.lists import PAGE, window
from equipoise.dialects.launchdarkly.patches import SEMANTIC, patch_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Invalid, Missing, Violation
from equipoise.domain.holdout import HOLDOUT
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

ALL = "/api/v2/projects/{projectKey}/environments/{environmentKey}/holdouts"
ONE = ALL + "/{holdoutKey}"
EXPAND = Parameter(
    "expand",
    "Comma-separated: draftIteration, previousIterations, treatments, secondaryMetrics; of experiments that "
    "joined, with rel- before them.",
)


def get_holdouts(call: Call) -> Answer:
    place, page = _place(call), window(call)

    def answer(world: World) -> Answer:
        _found(world, place)
        found = world.select(HOLDOUT, Query(place, limit=page.limit, offset=page.offset))
        links = paged(call, found.total, page.limit, page.offset)
        return said(render.listed(world, found.items, found.total, links))

    return call.read(answer, place)


def post_holdout(call: Call) -> Answer:
    place = _place(call)

    def answer(world: World, key: str) -> Answer:
        now = world.named(HOLDOUT, place, key)
        return said(render.holdout(world, now), now.revision, 201)

    return call.change(intents.create(place, call.json()), answer, place)


def get_holdout(call: Call) -> Answer:
    place, expand = _place(call), call.listed("expand")

    def answer(world: World) -> Answer:
        now = world.named(HOLDOUT, place, call.path["holdoutKey"])
        return said(render.detail(world, now, expand, past=bool(call.asked("asOf"))), now.revision)

    return call.read(answer, place)


def get_holdout_by_id(call: Call) -> Answer:
    place, id = _place(call), call.path["holdoutId"]

    def answer(world: World) -> Answer:
        now = world.get(HOLDOUT, id)
        if now.place != place:
            raise Missing("holdout", id)
        return said(render.holdout(world, now), now.revision)

    return call.read(answer, place)


def patch_holdout(call: Call) -> Answer:
    place, key, patch = _place(call), call.path["holdoutKey"], patch_of(call)
    if patch.instructions is None:
        raise Invalid(Violation("instructions", "is required: holdouts are patched by instructions"))

    def answer(world: World, _: str) -> Answer:
        now = world.named(HOLDOUT, place, key)
        return said(render.holdout(world, now), now.revision)

    intent = intents.patch(place, key, patch.instructions)
    return call.change(intent, answer, place, Target(HOLDOUT, place, key), patch.comment)


def _found(world: World, place: Place) -> None:
    world.named(PROJECT, INSTANCE, place.project)
    world.named(ENVIRONMENT, Place(place.project), place.environment)


def _place(call: Call) -> Place:
    return Place(call.path["projectKey"], call.path["environmentKey"])


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        get_holdouts,
        "getAllHoldouts",
        {200: documents.Holdouts},
        query=PAGE,
        about="The holdouts of an environment.",
    ),
    Route(
        "POST",
        ALL,
        Act.CREATE,
        post_holdout,
        "postHoldout",
        {201: documents.Holdout},
        documents.HoldoutPost,
        about="Creates a holdout, which experiments join by its `_id`.",
    ),
    Route(
        "GET",
        ALL + "/id/{holdoutId}",
        Act.READ,
        get_holdout_by_id,
        "getHoldoutById",
        {200: documents.Holdout},
        about="One holdout, by its `_id`.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_holdout,
        "getHoldout",
        {200: documents.HoldoutDetail},
        query=(EXPAND,),
        about="One holdout, with the experiments that joined it.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        patch_holdout,
        "patchHoldout",
        {200: documents.Holdout},
        documents.HoldoutPatch,
        about="Changes a holdout by instructions: all of them, in order, or none.",
        media=("application/json", SEMANTIC),
    ),
)
