"""Routes of single sign-on: what a user came with becomes an identity, and the keys to verify it."""

from collections.abc import Generator
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.application.administration import ITSELF
from equipoise.application.answers import Answer
from equipoise.application.intents import Intent, Step
from equipoise.application.ports import Query
from equipoise.application.sign_on import Client, Known, exchanged, refresh_token, refreshed
from equipoise.application.world import World
from equipoise.dialects.vercel.errors import Declined
from equipoise.dialects.vercel.sign_on import documents, render
from equipoise.domain.change import Outcome
from equipoise.domain.errors import Unknown, Violation
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import UNINSTALLED
from equipoise.security.permissions import Act
from equipoise.security.signing import signed
from equipoise.translation.answers import HIDDEN, said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.errors import Oversized
from equipoise.translation.forms import FORM, form_or_json
from equipoise.translation.given import given
from equipoise.translation.routes import Route
from equipoise.translation.salvage import read, settle

BODY_BYTES_MAX = 128 * 1024
REFRESH = "refresh_token"
GRANTS = ("authorization_code", REFRESH)
_NOT_KEPT = (("Cache-Control", "no-store"),)


def exchange(call: Call) -> Answer:
    """Whoever asks proves in the body who it is, so the instance itself makes the change."""
    vault, now = call.library.vault, call.library.clock()

    def answer(_: World, known: Known) -> Answer:
        of = known.installation
        claims = render.claims(known, call.url, now // 1_000)
        token = signed(vault.open(of.signing.sealed), of.id, claims)
        told = render.identity(token, refresh_token(vault, known, now))
        answered = shown_once(told, render.identity(HIDDEN, HIDDEN), None, 200)
        return replace(answered, headers=_NOT_KEPT)

    return call.change(_one_refusal(_intent(call)), answer, who=ITSELF)


def get_keys(call: Call) -> Answer:
    with call.library.store.read() as reader:
        found = reader.select(INSTALLATION, Query(INSTANCE)).items
    return said(documents.Keys([render.key(each) for each in found if each.status != UNINSTALLED]))


def _intent(call: Call) -> Intent[Known]:
    """raises Oversized, Unreadable, Invalid"""
    if len(call.body) > BODY_BYTES_MAX:  # anybody may send one
        raise Oversized(BODY_BYTES_MAX)
    asked, unreadable = read(form_or_json(call), documents.Exchange)
    again = asked.grant_type == REFRESH
    name, said = (REFRESH, asked.refresh_token) if again else ("code", asked.code)
    known = asked.grant_type in (UNSET, *GRANTS)
    settle(
        unreadable,
        (
            known or Violation("grant_type", f"must be one of {', '.join(GRANTS)}"),
            said is not UNSET or not known or Violation(name, "is required"),
        ),
    )
    client, presented = Client(asked.client_id, asked.client_secret), given(said, "")
    return refreshed(client, presented, call.library.vault) if again else exchanged(client, presented)


def _one_refusal(intent: Intent[Known]) -> Intent[Known]:
    """Whatever is wrong with the client or with what it came with: one answer says no more."""

    def asked(world: World) -> Generator[Step, Outcome[Any], Known]:
        try:
            return (yield from intent(world))
        except Unknown:
            message = "The client is not known, or what it came with is not its own, too old or used."
            raise Declined(message, "forbidden", 403) from None

    return asked


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/v1/integrations/sso/token",
        Act.CREATE,
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
