"""Routes of context kinds and experimentation settings."""

from equipoise.application.answers import Answer
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.contexts import documents, intents, render
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.project.state import Project
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

_KINDS = "/api/v2/projects/{projectKey}/context-kinds"
_SETTINGS = "/api/v2/projects/{projectKey}/experimentation-settings"
_EXPAND = Parameter("expand", "Taken, and without effect: observations are not kept.")


def get_context_kinds(call: Call) -> Answer:
    key = call.path["projectKey"]

    def answer(world: World) -> Answer:
        now = world.named(PROJECT, INSTANCE, key)
        return said(render.context_kinds(now), now.revision)

    return call.read(answer, Place(key))


def put_context_kind(call: Call) -> Answer:
    key = call.path["projectKey"]
    document = call.document(documents.UpsertContextKindPayload)
    intent = intents.put_context_kind(key, call.path["key"], document)
    return call.change(intent, _upserted, Place(key), Target(PROJECT, key=key))


def get_settings(call: Call) -> Answer:
    key = call.path["projectKey"]

    def answer(world: World) -> Answer:
        return _settings(world, world.named(PROJECT, INSTANCE, key))

    return call.read(answer, Place(key))


def put_settings(call: Call) -> Answer:
    key = call.path["projectKey"]
    intent = intents.put_settings(key, call.document(documents.RandomizationSettingsPut))
    return call.change(intent, _settings, Place(key), Target(PROJECT, key=key))


def _upserted(world: World, now: Project) -> Answer:
    return said(render.upserted(now), now.revision)


def _settings(world: World, now: Project) -> Answer:
    return said(render.settings(now), now.revision)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        _KINDS,
        Act.READ,
        get_context_kinds,
        "getContextKindsByProjectKey",
        {200: documents.ContextKinds},
        query=(_EXPAND,),
    ),
    Route(
        "PUT",
        _KINDS + "/{key}",
        Act.UPDATE,
        put_context_kind,
        "putContextKind",
        {200: documents.Upserted},
        documents.UpsertContextKindPayload,
    ),
    Route(
        "GET",
        _SETTINGS,
        Act.READ,
        get_settings,
        "getExperimentationSettings",
        {200: documents.RandomizationSettings},
    ),
    Route(
        "PUT",
        _SETTINGS,
        Act.UPDATE,
        put_settings,
        "putExperimentationSettings",
        {200: documents.RandomizationSettings},
        documents.RandomizationSettingsPut,
    ),
)
