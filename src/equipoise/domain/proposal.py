"""What a draft proposes about arms, and the allocation that a proposal amounts to."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.allocation import (
    SHA1,
    SHARE_WHOLE,
    Allocation,
    Arm,
    BySegment,
    Hashing,
    SegmentArm,
    Split,
)
from equipoise.domain.clauses import segments_named
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.identity import unique
from equipoise.domain.limits import ARMS_MAX, RAMP_LEVELS_MAX
from equipoise.domain.segment.state import SegmentRule

Segments = Mapping[str, tuple[SegmentRule, ...]]  # key → rules, of segments of one environment


class ProposedArm(Struct, frozen=True):
    """An arm as somebody wants it.

    variation  id of the flag's variation it serves; it is also the arm's id, so whoever is in one of several
               segments with the same variation is in one arm
    share      thousandths of a percent, or None where the proposal goes by segment or by ramp
    control    whether the others are compared with it
    segment    key of the segment it serves, or "" (split by share, or the fallback)
    priority   order among segments, the lowest first; None for none
    """

    variation: str
    share: int | None = None
    control: bool = False
    name: str = ""
    segment: str = ""
    priority: int | None = None
    fallback: bool = False


class Proposal(Struct, frozen=True):
    """What a draft holds, of any shape that can be stored: vendors let unfinished drafts be kept.

    outside  id of the variation that units outside the experiment get; "" means the control's
    levels   the steps of a ramp, rising, in thousandths of a percent: the share that gets the treatment, one
             step after the other; () for no ramp
    step     which of the levels it stands at
    scheme   by which units are to be hashed
    """

    arms: tuple[ProposedArm, ...] = ()
    outside: str = ""
    levels: tuple[int, ...] = ()
    step: int = 0
    scheme: str = SHA1

    def __post_init__(self) -> None:
        steps = len(self.levels)
        check(
            len(self.arms) <= ARMS_MAX or Violation("arms", f"at most {ARMS_MAX}", len(self.arms)),
            all((arm.share or 0) >= 0 for arm in self.arms) or Violation("arms", "a share is not negative"),
            steps <= RAMP_LEVELS_MAX or Violation("levels", f"at most {RAMP_LEVELS_MAX}", steps),
            all(0 <= level <= SHARE_WHOLE for level in self.levels)
            or Violation("levels", "a level is 0 to 100 percent"),
            all(low < high for low, high in pairwise(self.levels)) or Violation("levels", "levels rise"),
            0 <= self.step < max(steps, 1) or Violation("step", "must be that of a level", self.step),
        )

    @property
    def control(self) -> ProposedArm | None:
        return next((arm for arm in self.arms if arm.control), None)

    @property
    def level(self) -> int | None:
        """The share that gets the treatment at this step of a ramp; None without one."""
        return self.levels[self.step] if self.levels else None

    @property
    def segments(self) -> tuple[str, ...]:
        """Keys of the segments that its arms name, each once."""
        return unique(tuple(arm.segment for arm in self.arms if arm.segment))


def allocate(proposal: Proposal, hashing: Hashing, segments: Segments = MappingProxyType({})) -> Allocation:
    """The allocation that a proposal amounts to: by segment where an arm names one or is the fallback.

    segments  those that arms may name
    raises    Invalid when it is not one yet, with every reason
    """
    if any(arm.fallback or arm.segment for arm in proposal.arms):
        return _by_segment(proposal, segments)
    return _ramp(proposal, hashing) if proposal.levels else _split(proposal, hashing)


def _by_segment(proposal: Proposal, segments: Segments) -> BySegment:
    strange = [each for each in proposal.segments if each not in segments]
    nested = [each for each in proposal.segments if _asks_for_segments(segments.get(each, ()))]
    fallbacks = [arm for arm in proposal.arms if arm.fallback]
    check(
        len(fallbacks) <= 1 or Violation("arms", "one arm is the fallback", len(fallbacks)),
        not strange or Violation("arms", "each segment is one of the environment, and not archived", strange),
        not nested or Violation("arms", "each segment asks of contexts alone, not for segments", nested),
        not proposal.levels or Violation("levels", "a ramp goes by share, not by segment"),
    )
    ordered = sorted(
        (arm for arm in proposal.arms if not arm.fallback),
        key=lambda arm: (arm.priority is None, arm.priority or 0),
    )
    arms = tuple(
        SegmentArm(arm.variation, arm.segment, arm.control, arm.name, segments.get(arm.segment, ()))
        for arm in ordered
    )
    if not fallbacks:
        return BySegment(arms, "")
    return BySegment(arms, fallbacks[0].variation, fallbacks[0].control)


def _asks_for_segments(rules: tuple[SegmentRule, ...]) -> bool:
    """Only its own rules are frozen with a phase: who is in another segment could change under it."""
    return any(segments_named(rule.asked) for rule in rules)


def _split(proposal: Proposal, hashing: Hashing) -> Split:
    arms = tuple(Arm(arm.variation, arm.share or 0, arm.control, arm.name) for arm in proposal.arms)
    control = proposal.control
    outside = proposal.outside or (control.variation if control else "")
    total = sum(arm.share for arm in arms)
    if hashing.traffic and 0 < total < SHARE_WHOLE:
        return Split(_scaled(arms, total), hashing, 0, outside, traffic=total)
    return Split(arms, hashing, SHARE_WHOLE - total, outside)


def _scaled(arms: tuple[Arm, ...], total: int) -> tuple[Arm, ...]:
    """The same proportions of the whole; what is finer than a share goes to the largest remainders. Shares in
    the same proportions are scaled alike, so that nobody changes arm when all of them grow."""
    parts = [divmod(arm.share * SHARE_WHOLE, total) for arm in arms]
    missing = SHARE_WHOLE - sum(share for share, _ in parts)
    favoured = sorted(range(len(arms)), key=lambda at: -parts[at][1])[:missing]
    shares = [share + (at in favoured) for at, (share, _) in enumerate(parts)]
    return tuple(replace(arm, share=share) for arm, share in zip(arms, shares, strict=True))


def _ramp(proposal: Proposal, hashing: Hashing) -> Split:
    """The treatment gets the level, from the far end of the line. As large a share at the near end, of those
    who would come last, is the control; the rest between them gets what the control gets and is not counted.
    Beyond half, the treatment of those who join is not counted, since they may have been the control before.
    So nobody is ever counted in two arms, and up to half the arms are of equal size. The control comes first,
    since clients serve the first to whoever has nothing to be hashed.
    """
    control = proposal.control
    others = tuple(arm for arm in proposal.arms if not arm.control)
    if control is None or len(others) != 1 or len(proposal.arms) != 2:
        raise Invalid(Violation("arms", "a ramp has one control and one other arm", len(proposal.arms)))
    own = proposal.outside in ("", control.variation)
    check(own or Violation("outside", "a ramp says by itself what those outside get", proposal.outside))
    treatment, level, half = others[0], proposal.level or 0, SHARE_WHOLE // 2
    counted, compared = min(level, half), min(level, SHARE_WHOLE - level)
    return Split(
        arms=(
            Arm(control.variation, compared, control=True, name=control.name),
            Arm(treatment.variation, counted, name=treatment.name),
        ),
        hashing=hashing,
        rest=SHARE_WHOLE - counted - compared,
        outside=control.variation if level <= half else treatment.variation,
        ramped=True,
    )
