"""What may be asked of a segment."""

from equipoise.domain.change import Command
from equipoise.domain.segment.state import Segment, SegmentRule


class Create(Command, frozen=True):
    """`segment` whole, revision 0."""

    segment: Segment


class SetRules(Command, frozen=True):
    """All rules."""

    rules: tuple[SegmentRule, ...]
