"""Routes of projects."""

from functools import partial

from msgspec import UNSET, UnsetType

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import PatchOperation
from equipoise.dialects.launchdarkly.environments import render as environments
from equipoise.dialects.launchdarkly.environments.documents import Environments
from equipoise.dialects.launchdarkly.environments.routes import query as of_environments
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
from equipoise.dialects.launchdarkly.projects import documents, intents, render
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

_ALL = "/api/v2/projects"
_ONE = _ALL + "/{projectKey}"
_EXPAND = Parameter("expand", "`environments` shows the first twenty of each project.")
_SORTS = {"name": "name", "createdOn": "created_at", "key": "key"}
_EXPANDED = Window(20, 0)


def get_projects(call: Call) -> Answer:
    page, asked = window(call), filters(call, "query", "tags", "keys")
    order = sorting(call, _SORTS, ("created_at", False))
    expand = "environments" in call.listed("expand")

    def answer(world: World) -> Answer:
        found = world.select(PROJECT, _query(world, page, asked, order))
        items = [render.project(each, _environments(world, each, expand)) for each in found.items]
        links = paged(call, found.total, page.limit, page.offset)
        return said(documents.Projects(links, items, found.total))

    return call.read(answer)


def _query(world: World, page: Window, asked: dict[str, str], order: tuple[tuple[str, bool], ...]) -> Query:
    """The projects that the principal may know of."""
    keys = parted(asked["keys"], "|") if "keys" in asked else None
    own = world.principal.project
    if own:
        keys = (own,) if keys is None or own in keys else ()
    return Query(
        INSTANCE,
        keys=keys,
        text=asked.get("query", ""),
        links=tuple(("tag", tag) for tag in parted(asked.get("tags", ""), "+ ")),
        sort=order,
        limit=page.limit,
        offset=page.offset,
    )


def post_project(call: Call) -> Answer:
    intent = intents.create(call.document(documents.ProjectPost))
    return call.change(intent, partial(_shown, status=201))


def get_project(call: Call) -> Answer:
    key, expand = call.path["projectKey"], "environments" in call.listed("expand")

    def answer(world: World) -> Answer:
        now = world.named(PROJECT, INSTANCE, key)
        return said(render.project(now, _environments(world, now, expand)), now.revision)

    return call.read(answer, Place(key))


def patch_project(call: Call) -> Answer:
    key, patch = call.path["projectKey"], patch_of(call)
    target = Target(PROJECT, key=key)
    return call.change(intents.revise(key, patch), _shown, Place(key), target, patch.comment)


def delete_project(call: Call) -> Answer:
    key = call.path["projectKey"]
    target = Target(PROJECT, key=key)
    return call.change(intents.remove(key), lambda world, _: GONE, Place(key), target)


def _environments(world: World, now: Project, expand: bool) -> Environments | UnsetType:
    if not expand:
        return UNSET
    found = world.select(ENVIRONMENT, of_environments(world, now.key, _EXPANDED, {}))
    links = {"self": link("projects", now.key, "environments")}
    return environments.environments(found.items, found.total, links, environments.revealed(world))


def _shown(world: World, now: Project, status: int = 200) -> Answer:
    """The project with its environments; what is kept for a replay holds no key."""
    its = world.select(ENVIRONMENT, Query(Place(now.key))).items
    clear = render.project_rep(now, its, environments.revealed(world))
    kept = render.project_rep(now, its, environments.hidden(world))
    return shown_once(clear, kept, now.revision, status)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        _ALL,
        Act.READ,
        get_projects,
        "getProjects",
        {200: documents.Projects},
        query=(*PAGE, FILTER, SORT, _EXPAND),
    ),
    Route(
        "POST",
        _ALL,
        Act.ADMINISTER,
        post_project,
        "postProject",
        {201: documents.ProjectRep},
        documents.ProjectPost,
    ),
    Route("GET", _ONE, Act.READ, get_project, "getProject", {200: documents.Project}, query=(_EXPAND,)),
    Route(
        "PATCH",
        _ONE,
        Act.ADMINISTER,
        patch_project,
        "patchProject",
        {200: documents.ProjectRep},
        list[PatchOperation],
    ),
    Route("DELETE", _ONE, Act.ADMINISTER, delete_project, "deleteProject", {204: None}),
)
