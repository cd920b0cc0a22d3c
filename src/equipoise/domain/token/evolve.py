"""What each event makes of a token. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.token.events import Created, ExpirySet, Renewed, RoleSet
from equipoise.domain.token.state import Token


def _renew(now: Token, event: Renewed) -> Token:
    return replace(now, digest=event.digest, ending=event.ending, changed_at=event.at)


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Rename, labels.Describe, labels.Delete),
    Created: lambda now, event: event.token,
    RoleSet: lambda now, event: replace(now, role=event.role, changed_at=event.at),
    Renewed: _renew,
    ExpirySet: lambda now, event: replace(now, expires_at=event.expires_at, changed_at=event.at),
}
