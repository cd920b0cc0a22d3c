"""Who gets which arm: the proposal a draft may hold, and the valid allocation a start needs."""

from msgspec import Struct

from equipoise.domain.errors import Violation, check
from equipoise.domain.limits import ARMS_MAX

SHARE_WHOLE = 100_000  # one share is a thousandth of a percent: fine enough for every dialect we speak
SHA1 = "sha1/15hex"  # the scheme that SDKs hash by on their own


class ProposedArm(Struct, frozen=True):
    """An arm as somebody wants it.

    variation  id of the flag's variation it serves; it is also the arm's id
    share      thousandths of a percent, or None where the proposal goes by segment
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
    """What a draft holds, of any shape that can be stored: vendors let incomplete drafts be kept.

    outside  id of the variation that units outside the experiment get; "" means the control's
    """

    arms: tuple[ProposedArm, ...] = ()
    outside: str = ""

    def __post_init__(self) -> None:
        variations = [arm.variation for arm in self.arms]
        shares = sum(arm.share or 0 for arm in self.arms)
        check(
            len(self.arms) <= ARMS_MAX or Violation("arms", f"at most {ARMS_MAX}", len(self.arms)),
            len(set(variations)) == len(variations)
            or Violation("arms", "each variation stands in at most one arm", variations),
            sum(arm.control for arm in self.arms) <= 1
            or Violation("arms", "at most one arm is the control (baseline)"),
            all((arm.share or 0) >= 0 for arm in self.arms) or Violation("arms", "a share is not negative"),
            shares <= SHARE_WHOLE or Violation("arms", "shares sum to at most 100 percent", shares / 1000),
        )

    @property
    def control(self) -> ProposedArm | None:
        return next((arm for arm in self.arms if arm.control), None)


class Arm(Struct, frozen=True):
    """One arm of a running experiment; `share` in thousandths of a percent."""

    variation: str
    share: int
    control: bool = False
    name: str = ""


class Hashing(Struct, frozen=True):
    """How a unit's key becomes a bucket. Data, not code: a scheme never changes once named.

    scheme  `sha1/15hex`: SHA-1 of "{seed}.{key}", or of "{flag}.{salt}.{key}" where seed is None
    """

    scheme: str
    seed: int | None = None
    salt: str = ""


class Split(Struct, frozen=True, tag="split"):
    """Who gets which variation, by share. A Split that exists is a valid one.

    arms     in bucket order; the shares of arms and rest sum to SHARE_WHOLE
    rest     the share that is in no arm
    outside  id of the variation that the rest gets
    """

    arms: tuple[Arm, ...]
    hashing: Hashing
    rest: int = 0
    outside: str = ""

    def __post_init__(self) -> None:
        total = sum(arm.share for arm in self.arms) + self.rest
        check(
            total == SHARE_WHOLE or Violation("arms", f"shares sum to {SHARE_WHOLE}", total),
            any(arm.share > 0 for arm in self.arms) or Violation("arms", "one arm has a share above zero"),
            min((self.rest, *(arm.share for arm in self.arms))) >= 0
            or Violation("arms", "a share is not negative"),
            sum(arm.control for arm in self.arms) <= 1 or Violation("arms", "at most one arm is the control"),
        )

    @property
    def variations(self) -> frozenset[str]:
        """Ids of all it serves or names."""
        named = {arm.variation for arm in self.arms}
        return frozenset(named | {self.outside} if self.outside else named)


class SegmentArm(Struct, frozen=True):
    """One arm of an allocation by segment: whoever is in the segment gets the variation."""

    variation: str
    segment: str
    control: bool = False
    name: str = ""


class BySegment(Struct, frozen=True, tag="segment"):
    """Who gets which variation, by the first segment that holds them.

    arms              in order of priority
    fallback          id of the variation for whoever is in none
    fallback_control  whether the fallback is the control
    """

    arms: tuple[SegmentArm, ...]
    fallback: str
    fallback_control: bool = False

    def __post_init__(self) -> None:
        check(
            bool(self.fallback) or Violation("arms", "one arm is the fallback"),
            all(arm.segment for arm in self.arms) or Violation("arms", "every other arm names a segment"),
        )

    @property
    def variations(self) -> frozenset[str]:
        """Ids of all it serves."""
        return frozenset({self.fallback}).union(arm.variation for arm in self.arms)


Allocation = Split | BySegment


def allocate(proposal: Proposal, hashing: Hashing) -> Allocation:
    """The allocation that a proposal amounts to: by segment where an arm names one or is the fallback.

    raises  Invalid when it is not one yet, with every reason
    """
    if any(arm.fallback or arm.segment for arm in proposal.arms):
        return _by_segment(proposal)
    return _split(proposal, hashing)


def _by_segment(proposal: Proposal) -> BySegment:
    fallbacks = [arm for arm in proposal.arms if arm.fallback]
    check(len(fallbacks) <= 1 or Violation("arms", "one arm is the fallback", len(fallbacks)))
    ordered = sorted(
        (arm for arm in proposal.arms if not arm.fallback),
        key=lambda arm: (arm.priority is None, arm.priority or 0),
    )
    arms = tuple(SegmentArm(arm.variation, arm.segment, arm.control, arm.name) for arm in ordered)
    if not fallbacks:
        return BySegment(arms, "")
    return BySegment(arms, fallbacks[0].variation, fallbacks[0].control)


def _split(proposal: Proposal, hashing: Hashing) -> Split:
    arms = tuple(Arm(arm.variation, arm.share or 0, arm.control, arm.name) for arm in proposal.arms)
    control = proposal.control
    outside = proposal.outside or (control.variation if control else "")
    return Split(arms, hashing, SHARE_WHOLE - sum(arm.share for arm in arms), outside)
