"""What must hold of an experiment as it is said: findings for `check`, each at its place on the wire.

This is form. Whether it may be activated is another matter (`validity`): an unfinished draft is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import UNSET, UnsetType

from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.experiments import documents
from equipoise.dialects.auth0.experiments.documents import ALLOCATIONS_MAX, AllocationInput
from equipoise.domain.errors import Violation
from equipoise.domain.flag.state import Flag
from equipoise.domain.project.state import Project
from equipoise.domain.segment.state import Segment

Findings = Iterator[bool | Violation]
Said = documents.CreateExperiment | documents.UpdateExperiment

LEVEL_MAX = 100
PRIORITY_MAX = 2**31 - 1


def of_managed(said: Said) -> bool | Violation:
    refused = "applies to flags that Auth0 manages, and there are none here"
    return said.default_config is UNSET or Violation("default_config", refused, said.default_config)


def of_subject(subject: str, project: Project) -> bool | Violation:
    known = ", ".join(kind.key for kind in project.context_kinds)
    rule = f"must be one of the project's context kinds: {known}"
    there = project.context_kind(subject) is not None
    return there or Violation("assignment_config.subject", rule, subject)


def of_levels(levels: Sequence[int] | UnsetType, strategy: str) -> Findings:
    if isinstance(levels, UnsetType):
        return
    yield not levels or strategy == "percentage" or Violation("levels", "need the percentage strategy")
    for index, level in enumerate(levels):
        yield _percent(f"levels[{index}]", level)
    rising = all(low < high for low, high in pairwise(levels))
    yield rising or Violation("levels", "must strictly increase", list(levels))


def of_allocations(
    said: Sequence[AllocationInput] | UnsetType,
    strategy: str,
    flag: Flag,
    segments: Mapping[str, Segment],
) -> Findings:
    """`segments` by the id that is said. Keys of the other strategy need be well said alone."""
    if isinstance(said, UnsetType):
        return
    count = len(said)
    yield (
        1 <= count <= ALLOCATIONS_MAX
        or Violation("allocations", f"must be 1 to {ALLOCATIONS_MAX} allocations", count)
    )
    for index, each in enumerate(said):
        here = f"allocations[{index}]"
        yield from _of_allocation(here, each, flag)
        if each.segment_id is not UNSET:
            yield _of_segment(f"{here}.segment_id", each.segment_id, strategy, segments)


def _of_segment(where: str, id: str, strategy: str, segments: Mapping[str, Segment]) -> bool | Violation:
    if strategy == "segment":
        return id in segments or Violation(where, "must be the id of a segment that is not archived", id)
    return bool(ids.known("segment", id)) or Violation(where, "must be the id of a segment", id)


def _of_allocation(here: str, said: AllocationInput, flag: Flag) -> Findings:
    rule = "must be the id of a variation of the feature flag"
    own = flag.variation(ids.known("variation", said.variation_id)) is not None
    yield own or Violation(f"{here}.variation_id", rule, said.variation_id)
    if said.weight is not UNSET:
        yield _percent(f"{here}.weight", said.weight)
    if said.priority is not UNSET:
        fits = 1 <= said.priority <= PRIORITY_MAX
        yield fits or Violation(f"{here}.priority", "must be 1 or more", said.priority)


def _percent(where: str, value: int) -> bool | Violation:
    rule = f"must be a whole number, 0 to {LEVEL_MAX}"
    return 0 <= value <= LEVEL_MAX or Violation(where, rule, value)
