"""What happened to a segment."""

from equipoise.domain.change import Event
from equipoise.domain.segment.state import Segment, SegmentRule


class Created(Event, frozen=True):
    segment: Segment


class RulesSet(Event, frozen=True):
    rules: tuple[SegmentRule, ...]
