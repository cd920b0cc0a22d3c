"""Routes of flags."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.flags import birth, edits, intents, reading, render
from equipoise.dialects.launchdarkly.flags.documents import (
    AnyFlagPatch,
    FeatureFlag,
    FeatureFlagBody,
    FeatureFlags,
)
from equipoise.dialects.launchdarkly.flags.filters import Search, ordered, searched
from equipoise.dialects.launchdarkly.links import paged
from equipoise.dialects.launchdarkly.lists import FILTER, PAGE, SORT, Window, window
from equipoise.dialects.launchdarkly.patches import SEMANTIC, patch_of
from equipoise.dialects.launchdarkly.searches import found
from equipoise.domain.flag import FLAG
from equipoise.domain.identity import Place
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

_ALL = "/api/v2/flags/{projectKey}"
_ONE = _ALL + "/{featureFlagKey}"
_ENV = Parameter("env", "Environments (by key) to show; may stand several times.")
_EXPAND = Parameter("expand", "Taken, and without effect.")


def get_feature_flags(call: Call) -> Answer:
    place, page, asked = _place(call), window(call), call.listed("env")
    summary = call.flag("summary") or not call.asked("summary")

    def answer(world: World) -> Answer:
        project = reading.project_named(world, place.project)
        search = _search(call, place, page, world)
        flags = found(world, FLAG, search.query, search.tests, search.orders)
        shown = reading.documents(world, project, flags.items, asked, summary)
        links = paged(call, flags.total, page.limit, page.offset)
        return said(render.feature_flags(shown, links, flags.total))

    return call.read(answer, place)


def _search(call: Call, place: Place, page: Window, world: World) -> Search:
    """Flags that are not archived, unless the archived are asked for. raises Invalid"""
    tags = tuple(("tag", tag) for tag in call.query().get("tag", []) if tag)
    archived = call.flag("archived")
    query = Query(place, archived=archived, links=tags, limit=page.limit, offset=page.offset)
    search = searched(Search(query), call.asked("filter"), world)
    return ordered(search, call.listed("sort"), call.listed("env"))


def post_feature_flag(call: Call) -> Answer:
    place, body = _place(call), call.document(FeatureFlagBody)
    intent = birth.create(body, place, call.asked("clone"))
    return call.change(intent, partial(_shown, place, body.key, status=201), place)


def get_feature_flag(call: Call) -> Answer:
    place, key, asked = _place(call), call.path["featureFlagKey"], call.listed("env") or None
    return call.read(lambda world: _shown(place, key, world, asked=asked), place)


def patch_feature_flag(call: Call) -> Answer:
    place, key, patch = _place(call), call.path["featureFlagKey"], patch_of(call)
    if patch.instructions is None:
        intent = edits.edit(patch, place, key)
    else:
        instructions = intents.instructions_of(patch.instructions, patch.environment)
        intent = intents.follow(instructions, place, key, patch.environment)
    return call.change(intent, partial(_shown, place, key), place, Target(FLAG, place, key), patch.comment)


def delete_feature_flag(call: Call) -> Answer:
    place, key = _place(call), call.path["featureFlagKey"]
    return call.change(intents.remove(place, key), lambda world, _: GONE, place, Target(FLAG, place, key))


def _shown(
    place: Place,
    key: str,
    world: World,
    _: object = None,
    *,
    status: int = 200,
    asked: tuple[str, ...] | None = None,
) -> Answer:
    """The flag in full, in the environments asked for (None: in all)."""
    project = reading.project_named(world, place.project)
    flag = world.named(FLAG, place, key)
    return said(reading.document(world, project, flag, asked), flag.revision, status)


def _place(call: Call) -> Place:
    return Place(call.path["projectKey"])


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        _ALL,
        Act.READ,
        get_feature_flags,
        "getFeatureFlags",
        {200: FeatureFlags},
        query=(
            _ENV,
            Parameter("tag", "Flags with this tag."),
            *PAGE,
            Parameter("archived", "Whether the archived are listed, or the others.", "boolean"),
            Parameter("summary", "Whether rules, targets and prerequisites are left out (true).", "boolean"),
            FILTER,
            SORT,
            _EXPAND,
        ),
    ),
    Route(
        "POST",
        _ALL,
        Act.CREATE,
        post_feature_flag,
        "postFeatureFlag",
        {201: FeatureFlag},
        FeatureFlagBody,
        query=(Parameter("clone", "The flag (by key) whose variations and targeting are copied."),),
    ),
    Route(
        "GET",
        _ONE,
        Act.READ,
        get_feature_flag,
        "getFeatureFlag",
        {200: FeatureFlag},
        brief=True,
        query=(_ENV, _EXPAND),
    ),
    Route(
        "PATCH",
        _ONE,
        Act.UPDATE,
        patch_feature_flag,
        "patchFeatureFlag",
        {200: FeatureFlag},
        AnyFlagPatch,
        query=(
            Parameter("ignoreConflicts", "Taken, and without effect: nothing is scheduled here.", "boolean"),
            Parameter("dryRun", "Whether only to show what the flag would be.", "boolean"),
        ),
        media=("application/json", SEMANTIC),
        brief=True,
    ),
    Route("DELETE", _ONE, Act.DELETE, delete_feature_flag, "deleteFeatureFlag", {204: None}),
)
