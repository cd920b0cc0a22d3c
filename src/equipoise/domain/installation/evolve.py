"""What each event makes of an installation. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.free import given
from equipoise.domain.installation.events import (
    Configured,
    Created,
    Finalized,
    Introduced,
    InvoiceNumbered,
    Redeemed,
    Reinstalled,
    TokenAdded,
    TokenRevoked,
    Told,
)
from equipoise.domain.installation.state import Installation
from equipoise.domain.limits import REVOKED_TOKENS_KEPT_MAX


def _revoke(now: Installation, event: TokenRevoked) -> Installation:
    kept = tuple(each for each in now.tokens if each != event.digest)
    return replace(now, tokens=kept, revoked=_kept((*now.revoked, event.digest)))


def _reinstall(now: Installation, event: Reinstalled) -> Installation:
    return replace(
        now,
        status="ready",
        client_secret=event.client_secret,
        tokens=(),
        revoked=_kept((*now.revoked, *now.tokens)),
        codes=(),
        finalized_at=None,
    )


def _kept(revoked: tuple[str, ...]) -> tuple[str, ...]:
    """The last of them: whether a token was ever one of ours is asked of these alone."""
    return revoked[-REVOKED_TOKENS_KEPT_MAX:]


def _introduce(now: Installation, event: Introduced) -> Installation:
    kept = tuple(each for each in now.codes if each.digest not in event.forgotten)
    return replace(now, codes=(*kept, event.code))


def _redeem(now: Installation, event: Redeemed) -> Installation:
    return replace(now, codes=tuple(each for each in now.codes if each.digest != event.digest))


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: event.installation,
    Configured: lambda now, event: replace(now, **given(event)),
    Reinstalled: _reinstall,
    TokenAdded: lambda now, event: replace(now, tokens=(*now.tokens, event.digest)),
    TokenRevoked: _revoke,
    Introduced: _introduce,
    Redeemed: _redeem,
    Told: lambda now, event: replace(now, told=event.what, told_at=event.at),
    InvoiceNumbered: lambda now, event: replace(now, invoices=event.number),
    Finalized: lambda now, event: replace(now, finalized_at=event.at),
}
