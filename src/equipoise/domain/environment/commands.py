"""What may be asked of an environment."""

from equipoise.domain.change import Command
from equipoise.domain.environment.state import Environment, SealedKey


class Create(Command, frozen=True):
    """`environment` whole, revision 0."""

    environment: Environment


class Paint(Command, frozen=True):
    """Six hexadecimal digits."""

    color: str


class Configure(Command, frozen=True):
    """The switches of an environment; None leaves one as it is."""

    ttl_minutes: int | None = None
    secure_mode: bool | None = None
    track_events: bool | None = None
    require_comments: bool | None = None
    confirm_changes: bool | None = None
    critical: bool | None = None


class ReplaceSdkKey(Command, frozen=True):
    key: SealedKey


class ReplaceMobileKey(Command, frozen=True):
    key: SealedKey
