"""Routes of single sign-on: what a user came with becomes an identity, and the keys to verify it."""

import msgspec
from msgspec import UNSET

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.sign_on import Identity, SignOn
from equipoise.dialects.vercel.errors import Declined
from equipoise.dialects.vercel.sign_on import documents
from equipoise.domain.errors import Invalid, Unknown, Violation
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.security.permissions import Act
from equipoise.security.signing import ALGORITHM
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.decode import convert
from equipoise.translation.forms import FORM, form_or_json
from equipoise.translation.routes import Route

REFRESH = "refresh_token"
GRANTS = ("authorization_code", REFRESH)
_NOT_KEPT = (("Cache-Control", "no-store"),)


def exchange(call: Call) -> Answer:
    asked = _asked(call)
    desk = SignOn(call.desk, call.url)
    try:
        found = _exchanged(desk, asked)
    except Unknown:
        message = "The client is not known, or what it came with is not its own, too old or used."
        raise Declined(message, "forbidden", 403) from None
    document = documents.Identity(found.id_token, None, None, found.expires_in_seconds, found.refresh_token)
    return Answer(200, msgspec.json.encode(document), _NOT_KEPT)


def get_keys(call: Call) -> Answer:
    with call.library.store.read() as reader:
        found = reader.select(INSTALLATION, Query(INSTANCE)).items
    keys = [
        documents.Key(each.id, each.signing.modulus, each.signing.exponent, alg=ALGORITHM) for each in found
    ]
    return said(documents.Keys(keys))


def _asked(call: Call) -> documents.Exchange:
    """raises Invalid, without what was found: it may be a secret"""
    try:
        asked = convert(form_or_json(call), documents.Exchange)
    except Invalid as error:
        raise Invalid(*(Violation(each.where, each.rule) for each in error.violations)) from None
    grant = asked.grant_type
    if grant not in (UNSET, *GRANTS):
        raise Invalid(Violation("grant_type", f"must be one of {', '.join(GRANTS)}"))
    needed = "refresh_token" if grant == REFRESH else "code"
    if getattr(asked, needed) is UNSET:
        raise Invalid(Violation(needed, "is required"))
    return asked


def _exchanged(desk: SignOn, asked: documents.Exchange) -> Identity:
    client = asked.client_id, asked.client_secret
    if asked.grant_type == REFRESH:
        return desk.refresh(*client, str(asked.refresh_token))
    return desk.exchange(*client, str(asked.code))


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/integrations/sso/token",
        Act.READ,
        exchange,
        "exchangeSsoToken",
        {200: documents.Identity},
        body=documents.Exchange,
        media=("application/json", FORM),
        public=True,
        about="Who came with a code, as a signed identity; a code works once.",
    ),
    Route(
        "GET",
        "/.well-known/jwks",
        Act.READ,
        get_keys,
        "getSigningKeys",
        {200: documents.Keys},
        public=True,
        about="The keys that identities are signed with, one for each installation.",
    ),
)
