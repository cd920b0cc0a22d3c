"""Routes of environments."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import PatchOperation
from equipoise.dialects.launchdarkly.environments import documents, intents, render
from equipoise.dialects.launchdarkly.links import link, paged
from equipoise.dialects.launchdarkly.lists import (
    FILTER,
    PAGE,
    SORT,
    Window,
    filters,
    parted,
    sorting,
    window,
)
from equipoise.dialects.launchdarkly.patches import patch_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.state import Environment
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

_ALL = "/api/v2/projects/{projectKey}/environments"
_ONE = _ALL + "/{environmentKey}"
_EXPIRY = Parameter("expiry", "Taken, and without effect: the old key is void at once.", "integer")
_FILTERS = ("query", "tags", "keys")
_SORTS = {"name": "name", "createdOn": "created_at", "key": "key"}


def get_environments(call: Call) -> Answer:
    project, page = call.path["projectKey"], window(call)
    asked = filters(call, *_FILTERS)
    order = sorting(call, _SORTS, ("created_at", False))

    def answer(world: World) -> Answer:
        world.named(PROJECT, INSTANCE, project)
        found = world.select(ENVIRONMENT, query(world, project, page, asked, order))
        links = paged(call, found.total, page.limit, page.offset)
        links["parent"] = link("projects", project)
        return said(render.environments(found.items, found.total, links, render.revealed(world)))

    return call.read(answer, Place(project))


def query(
    world: World,
    project: str,
    page: Window,
    asked: dict[str, str],
    order: tuple[tuple[str, bool], ...] = (("created_at", False),),
) -> Query:
    """The environments of a project that the principal may know of."""
    keys = parted(asked["keys"], "|") if "keys" in asked else None
    own = world.principal.environment
    if own:
        keys = (own,) if keys is None or own in keys else ()
    return Query(
        Place(project),
        keys=keys,
        text=asked.get("query", ""),
        links=tuple(("tag", tag) for tag in parted(asked.get("tags", ""), "+ ")),
        sort=order,
        limit=page.limit,
        offset=page.offset,
    )


def post_environment(call: Call) -> Answer:
    project = call.path["projectKey"]
    intent = intents.create(project, call.document(documents.EnvironmentPost))
    return call.change(intent, partial(shown, status=201), Place(project))


def get_environment(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        now = world.named(ENVIRONMENT, Place(place.project), place.environment)
        return said(render.environment(now, render.revealed(world)), now.revision)

    place = _place(call)
    return call.read(answer, place)


def patch_environment(call: Call) -> Answer:
    place, patch = _place(call), patch_of(call)
    intent = intents.revise(place.project, place.environment, patch)
    return call.change(intent, shown, place, _target(place), patch.comment)


def delete_environment(call: Call) -> Answer:
    place = _place(call)
    intent = intents.remove(place.project, place.environment)
    return call.change(intent, lambda world, _: GONE, place, _target(place))


def reset_sdk_key(call: Call) -> Answer:
    return _reset(call, "sdk")


def reset_mobile_key(call: Call) -> Answer:
    return _reset(call, "mobile")


def _reset(call: Call, kind: str) -> Answer:
    place = _place(call)
    call.number("expiry", 0, 2**63 - 1)
    intent = intents.renew(place.project, place.environment, kind)
    return call.change(intent, shown, place, _target(place))


def shown(world: World, now: Environment, status: int = 200) -> Answer:
    """The environment; what is kept for a replay holds no key."""
    clear = render.environment(now, render.revealed(world))
    return shown_once(clear, render.environment(now, render.hidden(world)), now.revision, status)


def _place(call: Call) -> Place:
    return Place(call.path["projectKey"], call.path["environmentKey"])


def _target(place: Place) -> Target:
    return Target(ENVIRONMENT, Place(place.project), place.environment)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        _ALL,
        Act.READ,
        get_environments,
        "getEnvironmentsByProject",
        {200: documents.Environments},
        query=(*PAGE, FILTER, SORT),
    ),
    Route(
        "POST",
        _ALL,
        Act.ADMINISTER,
        post_environment,
        "postEnvironment",
        {201: documents.Environment},
        documents.EnvironmentPost,
    ),
    Route("GET", _ONE, Act.READ, get_environment, "getEnvironment", {200: documents.Environment}),
    Route(
        "PATCH",
        _ONE,
        Act.ADMINISTER,
        patch_environment,
        "patchEnvironment",
        {200: documents.Environment},
        list[PatchOperation],
    ),
    Route("DELETE", _ONE, Act.ADMINISTER, delete_environment, "deleteEnvironment", {204: None}),
    Route(
        "POST",
        _ONE + "/apiKey",
        Act.ADMINISTER,
        reset_sdk_key,
        "resetEnvironmentSDKKey",
        {200: documents.Environment},
        query=(_EXPIRY,),
    ),
    Route(
        "POST",
        _ONE + "/mobileKey",
        Act.ADMINISTER,
        reset_mobile_key,
        "resetEnvironmentMobileKey",
        {200: documents.Environment},
        query=(_EXPIRY,),
    ),
)
