"""What happened to a config store."""

from typing import Any

from equipoise.domain.change import Event
from equipoise.domain.config_store.state import ConfigStore


class Created(Event, frozen=True):
    store: ConfigStore


class Pushed(Event, frozen=True):
    """`at` in milliseconds since 1970."""

    items: dict[str, Any]
    at: int
