"""What an activation freezes for readers: the flag, the variations and the segments as they were told then.

Evaluation needs none of it: it holds to the values and rules that the phase began with.
"""

from typing import Any

from msgspec import to_builtins

from equipoise.dialects.auth0.flags import render as flags
from equipoise.dialects.auth0.segments import render as segments
from equipoise.domain.experiment.state import Iteration
from equipoise.domain.flag.state import Flag
from equipoise.domain.segment.state import Segment


def snapshots(
    iteration: Iteration, flag: Flag, environment: str, known: dict[str, Segment]
) -> dict[str, Any]:
    """known  segments by key"""
    proposal = iteration.proposal
    served = {arm.variation for arm in proposal.arms}
    return {
        "iteration": iteration.id,
        "feature_flag": to_builtins(flags.feature_flag(flag, environment)),
        "variations": {
            each.id: to_builtins(flags.variation(flag, each)) for each in flag.variations if each.id in served
        },
        "segments": {
            key: to_builtins(segments.segment(known[key])) for key in proposal.segments if key in known
        },
    }
