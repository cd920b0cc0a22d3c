"""Who gets which arm: the valid allocation that a start needs."""

from msgspec import Struct

from equipoise.domain.errors import Violation, check
from equipoise.domain.segment.state import SegmentRule

SHARE_WHOLE = 100_000  # one share is a thousandth of a percent: fine enough for every dialect we speak
SHA1 = "sha1/15hex"  # the scheme that SDKs hash by on their own


class Arm(Struct, frozen=True):
    """One arm of a running experiment; `share` in thousandths of a percent."""

    variation: str
    share: int
    control: bool = False
    name: str = ""


class Hashing(Struct, frozen=True):
    """How a unit's key becomes a bucket. Data, not code: a scheme never changes once named.

    scheme   `sha1/15hex`: SHA-1 of "{seed}.{key}", or of "{flag}.{salt}.{key}" where seed is None;
             `fnv1a/1`, `fnv1a/2`: FNV-1a of "{key}{seed}", or twice of "{seed}{key}"; "{flag}.{salt}" takes
             the place of a seed that is None;
             `xxh32`: XXH32 of the key under the seed, or of "{flag}.{salt}.{key}" under 0
    traffic  the salt of the gate that lets in the share which all arms have together; "" for none: then arms
             and rest lie on one line, and units change arm when the shares grow
    """

    scheme: str
    seed: int | None = None
    salt: str = ""
    traffic: str = ""


def scheme_rule(field: str, scheme: str) -> bool | Violation:
    """Every flag is delivered to SDKs: whoever hashes by another scheme than they know serves other arms."""
    rule = f"must be {SHA1}: SDKs that evaluate by themselves hash by no other"
    return scheme == SHA1 or Violation(field, rule, scheme)


class Split(Struct, frozen=True, tag="split"):
    """Who gets which variation, by share. A Split that exists is a valid one.

    arms     in bucket order; the shares of arms and rest sum to SHARE_WHOLE
    rest     the share that is in no arm
    outside  id of the variation that the rest gets
    ramped   the rest lies between the two arms rather than behind them, so that neither loses a unit to the
             other when both grow; at the lowest level nobody may be in an arm
    traffic  the share of all units that is let in, under a salt of its own; the arms share those among them
    """

    arms: tuple[Arm, ...]
    hashing: Hashing
    rest: int = 0
    outside: str = ""
    ramped: bool = False
    traffic: int = SHARE_WHOLE

    def __post_init__(self) -> None:
        variations = [arm.variation for arm in self.arms]
        shares = sum(arm.share for arm in self.arms)
        check(
            shares <= SHARE_WHOLE or Violation("arms", "shares sum to at most 100 percent", shares / 1000),
            shares > SHARE_WHOLE
            or shares + self.rest == SHARE_WHOLE
            or Violation("arms", f"shares and rest sum to {SHARE_WHOLE}", shares + self.rest),
            self.ramped
            or any(arm.share > 0 for arm in self.arms)
            or Violation("arms", "one arm has a share above zero"),
            all(arm.share >= 0 for arm in self.arms) or Violation("arms", "a share is not negative"),
            sum(arm.control for arm in self.arms) <= 1 or Violation("arms", "at most one arm is the control"),
            len(set(variations)) == len(variations)
            or Violation("arms", "each variation stands in at most one arm", variations),
            0 < self.traffic <= SHARE_WHOLE
            or Violation("traffic", "is a share above zero, at most the whole", self.traffic),
            self.traffic == SHARE_WHOLE
            or (bool(self.hashing.traffic) and not self.rest)
            or Violation("traffic", "a share of it has a salt, and leaves no rest", self.traffic),
        )

    @property
    def unarmed(self) -> int:
        """The share of all units that is in no arm."""
        return self.rest + SHARE_WHOLE - self.traffic

    @property
    def variations(self) -> frozenset[str]:
        """Ids of all it serves or names."""
        named = {arm.variation for arm in self.arms}
        return frozenset(named | {self.outside} if self.outside else named)


class SegmentArm(Struct, frozen=True):
    """One arm of an allocation by segment: whoever is in the segment gets the variation.

    segment  its key
    rules    who was in it when the phase began: the segment may change, the phase does not
    """

    variation: str
    segment: str
    control: bool = False
    name: str = ""
    rules: tuple[SegmentRule, ...] = ()


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
        segments = [arm.segment for arm in self.arms]
        check(
            bool(self.fallback) or Violation("arms", "one arm is the fallback"),
            all(arm.segment for arm in self.arms) or Violation("arms", "every other arm names a segment"),
            len(set(segments)) == len(segments)
            or Violation("arms", "each segment stands once: whoever is in it gets the first", segments),
            len(self.controls) <= 1 or Violation("arms", "at most one variation is the control"),
        )

    @property
    def controls(self) -> frozenset[str]:
        """Id of the variation that others are compared with, whichever of its arms says so; none or one."""
        said = (arm.variation for arm in self.arms if arm.control)
        return frozenset(said).union({self.fallback} if self.fallback_control else ())

    @property
    def variations(self) -> frozenset[str]:
        """Ids of all it serves."""
        return frozenset({self.fallback}).union(arm.variation for arm in self.arms)


Allocation = Split | BySegment
