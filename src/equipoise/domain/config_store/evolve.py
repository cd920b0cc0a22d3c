"""What each event makes of a config store. Nothing is checked here: what happened, happened."""

from typing import Any

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.config_store.events import Created, Pushed
from equipoise.domain.config_store.state import ConfigStore, digest_of


def _filled(store: ConfigStore, items: dict[str, Any]) -> ConfigStore:
    return replace(store, items=items, digest=digest_of(items))


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: _filled(event.store, event.store.items),
    Pushed: lambda now, event: replace(_filled(now, event.items), updated_at=event.at),
}
