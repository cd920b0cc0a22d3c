"""Routes of tokens, the caller, the root."""

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.access import documents, intents, render
from equipoise.dialects.launchdarkly.documents import PatchOperation
from equipoise.dialects.launchdarkly.links import paged
from equipoise.dialects.launchdarkly.lists import PAGE, window
from equipoise.dialects.launchdarkly.patches import patch_of
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

_TOKENS = "/api/v2/tokens"
_TOKEN = _TOKENS + "/{id}"
_SHOW_ALL = Parameter("showAll", "Taken, and without effect: all one may know of are shown.", "boolean")
_EXPIRY = Parameter("expiry", "Taken, and without effect: the old secret is void at once.", "integer")


def get_tokens(call: Call) -> Answer:
    page = window(call, default=25)
    call.flag("showAll")

    def answer(world: World) -> Answer:
        principal = world.principal
        links = (("project", principal.project),) if principal.project else ()
        found = world.select(TOKEN, Query(INSTANCE, links=links)).items
        known = [each for each in found if principal.covers(Place(each.project, each.environment))]
        items = [render.token(each) for each in known[page.offset : page.offset + page.limit]]
        paging = paged(call, len(known), page.limit, page.offset)
        return said(documents.Tokens(items, paging, len(known)))

    return call.read(answer)


def post_token(call: Call) -> Answer:
    intent = intents.create(call.document(documents.AccessTokenPost))
    return call.change(intent, lambda world, made: _shown(made, 201))


def get_token(call: Call) -> Answer:
    id = call.path["id"]

    def answer(world: World) -> Answer:
        now = intents.own(world, id)
        return said(render.token(now), now.revision)

    return call.read(answer)


def patch_token(call: Call) -> Answer:
    id, patch = call.path["id"], patch_of(call)
    intent = intents.revise(id, patch)
    return call.change(intent, _answer, target=Target(TOKEN, id=id), comment=patch.comment)


def delete_token(call: Call) -> Answer:
    id = call.path["id"]
    return call.change(intents.remove(id), lambda world, _: GONE, target=Target(TOKEN, id=id))


def reset_token(call: Call) -> Answer:
    id = call.path["id"]
    call.number("expiry", 0, 2**63 - 1)
    return call.change(intents.renew(id), _answer, target=Target(TOKEN, id=id))


def get_caller_identity(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        home = world.principal.home
        project = world.peek(PROJECT, INSTANCE, home.project)
        environment = world.peek(ENVIRONMENT, Place(home.project), home.environment)
        token = world.get(TOKEN, world.principal.token)
        return said(render.caller(token, project, environment))

    return call.read(answer)


def get_versions(call: Call) -> Answer:
    header = call.headers.get("ld-api-version", "")

    def answer(world: World) -> Answer:
        token = world.get(TOKEN, world.principal.token)
        return said(render.versions(header, token.api_version))

    return call.read(answer)


def get_root(call: Call) -> Answer:
    return said(render.root())


def get_ips(call: Call) -> Answer:
    """Where it listens and whence it calls is known to whoever runs it, and to nobody else."""
    return said(documents.IpList([], []))


def _answer(world: World, shown: intents.Shown) -> Answer:
    return _shown(shown, 200)


def _shown(shown: intents.Shown, status: int) -> Answer:
    """The token with its secret, if there is one to show; a replay shows its ending."""
    token, secret = shown
    return shown_once(render.token(token, secret), render.token(token), token.revision, status)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        _TOKENS,
        Act.READ,
        get_tokens,
        "getTokens",
        {200: documents.Tokens},
        query=(_SHOW_ALL, *PAGE),
    ),
    Route(
        "POST",
        _TOKENS,
        Act.DELEGATE,
        post_token,
        "postToken",
        {201: documents.Token},
        documents.AccessTokenPost,
    ),
    Route("GET", _TOKEN, Act.READ, get_token, "getToken", {200: documents.Token}),
    Route(
        "PATCH",
        _TOKEN,
        Act.DELEGATE,
        patch_token,
        "patchToken",
        {200: documents.Token},
        list[PatchOperation],
    ),
    Route("DELETE", _TOKEN, Act.DELEGATE, delete_token, "deleteToken", {204: None}),
    Route(
        "POST",
        _TOKEN + "/reset",
        Act.DELEGATE,
        reset_token,
        "resetToken",
        {200: documents.Token},
        query=(_EXPIRY,),
    ),
    Route(
        "GET",
        "/api/v2/caller-identity",
        Act.READ,
        get_caller_identity,
        "getCallerIdentity",
        {200: documents.CallerIdentity},
    ),
    Route("GET", "/api/v2/versions", Act.READ, get_versions, "getVersions", {200: documents.Versions}),
    Route("GET", "/api/v2", Act.READ, get_root, "getRoot", {200: documents.Root}, public=True),
    Route(
        "GET",
        "/api/v2/public-ip-list",
        Act.READ,
        get_ips,
        "getIps",
        {200: documents.IpList},
        public=True,
    ),
)
