"""What may be asked of a config store."""

from typing import Any

from equipoise.domain.change import Command
from equipoise.domain.config_store.state import ConfigStore


class Create(Command, frozen=True):
    """`store` whole, revision 0."""

    store: ConfigStore


class Push(Command, frozen=True):
    """All items.

    most  bytes that they may have as JSON
    """

    items: dict[str, Any]
    most: int
