"""Arms as pages show them: by name, with what they serve and the share that is served."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE, Split
from equipoise.domain.experiment.state import Iteration
from equipoise.domain.flag.state import Flag


class ArmShown(Struct, frozen=True):
    """An arm; `share` in thousandths of a percent, from `left` on where all stand side by side."""

    name: str
    serves: str
    share: int | None
    left: int
    control: bool
    winner: bool
    segment: str = ""


def arms_of(iteration: Iteration | None, flag: Flag | None) -> tuple[ArmShown, ...]:
    if iteration is None:
        return ()
    shares = _served(iteration)
    arms, left = [], 0
    for arm in iteration.proposal.arms:
        share = shares.get(arm.variation, arm.share)
        variation = flag.variation(arm.variation) if flag else None
        value = "" if variation is None else repr_of(variation.value)
        name = arm.name or (variation.name if variation else "") or value or arm.variation
        segment = "everybody else" if arm.fallback else arm.segment
        won = bool(iteration.winner) and iteration.winner == arm.variation
        arms.append(ArmShown(name, value, share, left, arm.control, won, segment))
        left += share or 0
    return tuple(arms)


def ramp_of(iteration: Iteration | None, arms: Iterable[ArmShown]) -> str:
    """What a ramp stands at, in a sentence; "" where there is none."""
    if iteration is None or not iteration.proposal.levels:
        return ""
    steps = ", ".join(f"{level / 1_000:g}" for level in iteration.proposal.levels)
    if iteration.started_at is None:
        return f"A ramp of {steps} %: it starts at the first of these."
    level = (iteration.proposal.level or 0) / 1_000
    treatment = next((arm.name for arm in arms if not arm.control), "the treatment")
    return (
        f"A ramp of {steps} %, at {level:g} %: so many of all units get “{treatment}”, the others the "
        "control. The shares here are of those who are counted."
    )


def rest_of(iteration: Iteration | None) -> int:
    """The share that is in no arm, in thousandths of a percent."""
    if iteration is None or any(arm.segment or arm.fallback for arm in iteration.proposal.arms):
        return 0
    if isinstance(iteration.allocation, Split):
        return iteration.allocation.unarmed
    return max(SHARE_WHOLE - sum(arm.share or 0 for arm in iteration.proposal.arms), 0)


def repr_of(value: object) -> str:
    """A flag's value as short JSON."""
    text = msgspec.json.encode(value).decode("utf-8", "replace")
    return text if len(text) <= 60 else text[:57] + "…"


def _served(iteration: Iteration) -> dict[str, int]:
    """The shares of all units that are served where they are other than the proposed: along a ramp."""
    allocation = iteration.allocation
    if isinstance(allocation, Split) and allocation.ramped:
        return {arm.variation: arm.share for arm in allocation.arms}
    return {}
