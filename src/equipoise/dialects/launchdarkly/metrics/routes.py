"""Routes of metrics."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import PatchOperation
from equipoise.dialects.launchdarkly.links import paged
from equipoise.dialects.launchdarkly.lists import FILTER, PAGE, SORT, sorting
from equipoise.dialects.launchdarkly.metrics import documents, intents, render
from equipoise.dialects.launchdarkly.metrics.filters import Search, searched
from equipoise.dialects.launchdarkly.patches import patch_of
from equipoise.dialects.launchdarkly.searches import found
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.errors import Missing
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.state import Metric
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

_ALL = "/api/v2/metrics/{projectKey}"
_ONE = _ALL + "/{metricKey}"
_EXPAND = Parameter("expand", "Any of experimentCount, experiments, metricGroupCount, metricGroups.")
_SORTS = {"createdAt": "created_at", "name": "name"}
PAGE_ITEMS_MAX = 50


def get_metrics(call: Call) -> Answer:
    place, expand = _place(call), call.listed("expand")
    limit, offset = call.number("limit", 20, PAGE_ITEMS_MAX), call.number("offset", 0, 2**31 - 1)
    order = sorting(call, _SORTS, ("created_at", False))
    search = searched(Search(Query(place, sort=order, limit=limit, offset=offset)), call.asked("filter"))

    def answer(world: World) -> Answer:
        project = world.named(PROJECT, INSTANCE, place.project)
        page = found(world, METRIC, search.query, search.tests)
        items = [_expanded(world, each, project, expand) for each in page.items]
        return said(render.metrics(items, paged(call, page.total, limit, offset), page.total))

    return call.read(answer, place)


def post_metric(call: Call) -> Answer:
    place, body = _place(call), call.document(documents.MetricPost)
    return call.change(intents.create(body, place), partial(_shown, place, body.key, status=201), place)


def get_metric(call: Call) -> Answer:
    place, key = _place(call), call.path["metricKey"]
    expand, version = call.listed("expand"), call.asked("versionId")

    def answer(world: World) -> Answer:
        return _shown(place, key, world, expand=expand, version=version)

    return call.read(answer, place)


def patch_metric(call: Call) -> Answer:
    place, key, patch = _place(call), call.path["metricKey"], patch_of(call)
    intent = intents.revise(patch, place, key)
    return call.change(intent, partial(_shown, place, key), place, Target(METRIC, place, key), patch.comment)


def delete_metric(call: Call) -> Answer:
    place, key = _place(call), call.path["metricKey"]
    return call.change(intents.remove(place, key), lambda world, _: GONE, place, Target(METRIC, place, key))


def _shown(
    place: Place,
    key: str,
    world: World,
    _: object = None,
    *,
    status: int = 200,
    expand: tuple[str, ...] = (),
    version: str = "",
) -> Answer:
    """The metric; where a version is asked for, only if it is the present one. raises Missing"""
    project = world.named(PROJECT, INSTANCE, place.project)
    metric = world.named(METRIC, place, key)
    if version not in ("", render.version_id(metric.id, metric.version)):
        raise Missing("version of the metric", version)
    return said(_expanded(world, metric, project, expand), metric.revision, status)


def _expanded(world: World, metric: Metric, project: Project, expand: tuple[str, ...]) -> documents.Metric:
    shown = render.metric(metric, project)
    if not expand:
        return shown
    users = world.using(project.key, "metric", metric.key)
    seen = tuple(each for each in users if world.principal.sees(each.place))
    if "experiments" in expand:
        page = world.select(ENVIRONMENT, Query(Place(project.key)))
        shown = render.with_experiments(shown, seen, {each.key: each for each in page.items})
    if "experimentCount" in expand:
        shown = render.counted(shown, seen)
    return render.ungrouped(shown, expand)


def _place(call: Call) -> Place:
    return Place(call.path["projectKey"])


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        _ALL,
        Act.READ,
        get_metrics,
        "getMetrics",
        {200: documents.Metrics},
        query=(_EXPAND, *PAGE, SORT, FILTER),
    ),
    Route(
        "POST",
        _ALL,
        Act.CREATE,
        post_metric,
        "postMetric",
        {201: documents.Metric},
        documents.MetricPost,
    ),
    Route(
        "GET",
        _ONE,
        Act.READ,
        get_metric,
        "getMetric",
        {200: documents.Metric},
        brief=True,
        query=(_EXPAND, Parameter("versionId", "A version; only the present one is kept.")),
    ),
    Route(
        "PATCH",
        _ONE,
        Act.UPDATE,
        patch_metric,
        "patchMetric",
        {200: documents.Metric},
        list[PatchOperation],
    ),
    Route("DELETE", _ONE, Act.DELETE, delete_metric, "deleteMetric", {204: None}),
)
