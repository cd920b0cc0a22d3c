"""`POST /oauth/token`: a client id and its secret become an access token, for clients that have no token."""

from base64 import b64decode
from urllib.parse import unquote_plus

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.grants import Grants
from equipoise.dialects.auth0.access import documents
from equipoise.dialects.auth0.documents import Error
from equipoise.dialects.auth0.errors import SCOPES
from equipoise.domain.errors import Forbidden, Invalid, Unknown
from equipoise.security.permissions import Act
from equipoise.translation.call import Call
from equipoise.translation.decode import convert
from equipoise.translation.errors import Unreadable
from equipoise.translation.forms import FORM, form_or_json
from equipoise.translation.routes import Route

CLIENT_CREDENTIALS = "client_credentials"
_ACTS = {scope: act for act, scope in SCOPES.items()}
_NOT_KEPT = (("Cache-Control", "no-store"),)


def create_token(call: Call) -> Answer:
    try:
        said = _said(call)
    except (Invalid, Unreadable) as error:
        return _refused(400, "invalid_request", _without_secrets(error))
    if said.grant_type != CLIENT_CREDENTIALS:
        return _refused(400, "unsupported_grant_type", f"The grant type is {CLIENT_CREDENTIALS}.")
    client_id, secret = _client(said, call.headers.get("authorization", ""))
    asked = said.scope.split()
    if not _ACTS.keys() >= set(asked):
        return _refused(400, "invalid_scope", f"Scopes are {', '.join(_ACTS)}.")
    return _granted(call, client_id, secret, tuple(_ACTS[scope] for scope in asked))


def _granted(call: Call, client_id: str, secret: str, acts: tuple[str, ...]) -> Answer:
    library = call.library
    try:
        granted = Grants(library.store, library.clock, library.vault).grant(client_id, secret, acts)
    except Unknown:
        return _refused(401, "access_denied", "Unauthorized")
    except Forbidden as error:
        return _refused(403, "access_denied", f"Client has not been granted scopes: {error}")
    document = documents.AccessToken(
        access_token=granted.access_token,
        scope=" ".join(SCOPES[act] for act in granted.acts),
        expires_in=granted.expires_in_seconds,
    )
    return Answer(200, msgspec.json.encode(document), _NOT_KEPT)


def _said(call: Call) -> documents.TokenRequest:
    """From a form or from JSON. raises Unreadable, Invalid"""
    return convert(form_or_json(call), documents.TokenRequest)


def _without_secrets(error: Invalid | Unreadable) -> str:
    """What is wrong, and not what was found there: it may be meant for a secret."""
    if isinstance(error, Unreadable):
        return str(error)
    return str(Invalid(*(replace(each, found=UNSET) for each in error.violations)))


def _client(said: documents.TokenRequest, authorization: str) -> tuple[str, str]:
    """Who asks: as the body says, or else the header (HTTP Basic)."""
    if said.client_id or authorization[:6].lower() != "basic ":
        return said.client_id, said.client_secret
    try:
        id, _, secret = b64decode(authorization[6:], validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(id), unquote_plus(secret)


def _refused(status: int, error: str, description: str) -> Answer:
    """As OAuth says it, and as the rest of this surface does."""
    document = Error(status, error, description, error, error_description=description)
    return Answer(status, msgspec.json.encode(document), _NOT_KEPT)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/oauth/token",
        Act.READ,
        create_token,
        "create_token",
        {200: documents.AccessToken},
        body=documents.TokenRequest,
        media=(FORM, "application/json"),
        public=True,
        brief=True,
        about="An access token for the client id and secret that `equipoise token create` prints.",
    ),
)
