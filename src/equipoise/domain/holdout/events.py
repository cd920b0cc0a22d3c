"""What happened to a holdout; times in milliseconds since 1970."""

from equipoise.domain.change import Event
from equipoise.domain.holdout.state import Holdout


class Created(Event, frozen=True):
    holdout: Holdout


class Ended(Event, frozen=True):
    at: int
