"""Routes of feature flags and their variations."""

from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.flags import documents, intents, render, variations
from equipoise.dialects.auth0.flags.render import SAID
from equipoise.dialects.auth0.paging import PAGE, page
from equipoise.dialects.auth0.queries import chosen
from equipoise.dialects.auth0.tenant import tenant
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, made, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

ALL = "/api/v2/experimentation/feature-flags"
ONE = ALL + "/{id}"
VARIATIONS = ONE + "/variations"
VARIATION = VARIATIONS + "/{vid}"
_FILTERS = (
    Parameter("type", "self, or auth0, of which there are none."),
    Parameter("status", "draft, active or archived; archived ones are hidden unless they are asked for."),
)


def list_flags(call: Call) -> Answer:
    place = tenant(call)
    type = chosen(call, "type", ("self", "auth0"))
    status = chosen(call, "status", (*intents.TRANSITIONS, "archived"))

    def answer(world: World) -> Answer:
        environment = place.environment
        query = Query(
            Place(place.project),
            archived=status == "archived",
            keys=() if type == "auth0" else None,
        )
        found, following = page(
            world,
            call,
            FLAG,
            SAID,
            query,
            lambda flag: not status or render.status_of(flag, environment) == status,
        )
        return said(render.feature_flags(found, environment, following))

    return call.read(answer, place)


def create_flag(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World, now: Flag) -> Answer:
        return made(render.feature_flag(now, place.environment), now.revision)

    return call.change(intents.create(place, call.json()), answer, place)


def get_flag(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World) -> Answer:
        now = intents.named(world, place, call.path["id"])
        return said(render.feature_flag(now, place.environment), now.revision)

    return call.read(answer, place)


def update_flag(call: Call) -> Answer:
    return _changed(call, tenant(call), call.json())


def move_flag(call: Call) -> Answer:
    """The transition alone, as clients of the beta ask for it."""
    place = tenant(call)
    return _changed(call, place, {"status": call.document(documents.UpdateStatus).status})


def _changed(call: Call, place: Place, body: Any) -> Answer:
    id = call.path["id"]

    def answer(world: World, now: Flag) -> Answer:
        return said(render.feature_flag(now, place.environment), now.revision)

    return call.change(intents.update(place, id, body), answer, place, _target(id))


def delete_flag(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]
    target = Target(FLAG, id=ids.known(SAID, id))
    return call.change(intents.remove(place, id), lambda *_: GONE, place, target)


def list_variations(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World) -> Answer:
        return said(render.variations(intents.named(world, place, call.path["id"])))

    return call.read(answer, place)


def create_variation(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]

    def answer(world: World, shown: variations.Shown) -> Answer:
        return made(render.variation(*shown), shown[0].revision)

    intent = variations.create(place, id, call.json())
    return call.change(intent, answer, place, _target(id))


def get_variation(call: Call) -> Answer:
    place = tenant(call)

    def answer(world: World) -> Answer:
        flag = intents.named(world, place, call.path["id"])
        return said(render.variation(flag, variations.of(flag, call.path["vid"])), flag.revision)

    return call.read(answer, place)


def update_variation(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]

    def answer(world: World, shown: variations.Shown) -> Answer:
        return said(render.variation(*shown), shown[0].revision)

    intent = variations.update(place, id, call.path["vid"], call.json())
    return call.change(intent, answer, place, _target(id))


def delete_variation(call: Call) -> Answer:
    place, id = tenant(call), call.path["id"]
    intent = variations.remove(place, id, call.path["vid"])
    return call.change(intent, lambda *_: GONE, place, _target(id))


def _target(id: str) -> Target:
    """The flag: a variation is part of it, and has its revision. raises Missing"""
    return Target(FLAG, id=ids.read(SAID, id))


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        list_flags,
        "get_feature_flags",
        {200: documents.FeatureFlags},
        query=(*PAGE, *_FILTERS),
        about="The feature flags of the tenant's project.",
    ),
    Route(
        "POST",
        ALL,
        Act.CREATE,
        create_flag,
        "create_feature_flag",
        {201: documents.FeatureFlag},
        body=documents.CreateFeatureFlag,
        brief=True,
        about="Creates a feature flag with its parameters, as a draft.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_flag,
        "get_feature_flag",
        {200: documents.FeatureFlag},
        brief=True,
        about="One feature flag.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        update_flag,
        "update_feature_flag",
        {200: documents.FeatureFlag},
        body=documents.UpdateFeatureFlag,
        brief=True,
        about="Changes a feature flag, and moves it on: fields and status together, or neither.",
    ),
    Route(
        "DELETE",
        ONE,
        Act.DELETE,
        delete_flag,
        "delete_feature_flag",
        {204: None},
        brief=True,
        about="Deletes a feature flag, if there is one.",
    ),
    Route(
        "POST",
        ONE + "/status",
        Act.UPDATE,
        move_flag,
        "update_feature_flag_status",
        {200: documents.FeatureFlag},
        body=documents.UpdateStatus,
        brief=True,
        about="Moves a feature flag on, as clients of the beta do.",
    ),
    Route(
        "GET",
        VARIATIONS,
        Act.READ,
        list_variations,
        "get_variations",
        {200: documents.Variations},
        brief=True,
        about="All variations of a feature flag.",
    ),
    Route(
        "POST",
        VARIATIONS,
        Act.CREATE,
        create_variation,
        "create_variation",
        {201: documents.Variation},
        body=documents.CreateVariation,
        brief=True,
        about="Adds a variation: what it overrides of the flag's parameters.",
    ),
    Route(
        "GET",
        VARIATION,
        Act.READ,
        get_variation,
        "get_variation",
        {200: documents.Variation},
        brief=True,
        about="One variation.",
    ),
    Route(
        "PATCH",
        VARIATION,
        Act.UPDATE,
        update_variation,
        "update_variation",
        {200: documents.Variation},
        body=documents.UpdateVariation,
        brief=True,
        about="Changes a variation; overrides are replaced whole.",
    ),
    Route(
        "DELETE",
        VARIATION,
        Act.DELETE,
        delete_variation,
        "delete_variation",
        {204: None},
        brief=True,
        about="Deletes a variation, if there is one; its flag must be there.",
    ),
)
