"""What happened to an environment."""

from equipoise.domain.change import Event
from equipoise.domain.environment.state import Environment, SealedKey


class Created(Event, frozen=True):
    environment: Environment


class Painted(Event, frozen=True):
    color: str


class Configured(Event, frozen=True, omit_defaults=True):
    """The switches that changed, and no other."""

    ttl_minutes: int | None = None
    secure_mode: bool | None = None
    track_events: bool | None = None
    require_comments: bool | None = None
    confirm_changes: bool | None = None
    critical: bool | None = None


class SdkKeyReplaced(Event, frozen=True):
    key: SealedKey


class MobileKeyReplaced(Event, frozen=True):
    key: SealedKey
