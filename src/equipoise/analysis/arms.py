"""The arms of an iteration as planned: over all its phases, by name and share."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from equipoise.domain.allocation import Allocation, Split
from equipoise.domain.experiment.state import Iteration
from equipoise.domain.flag.state import Flag
from equipoise.domain.identity import Id
from equipoise.domain.proposal import Proposal


class PlannedArm(Struct, frozen=True):
    """An arm as planned; `share` in thousandths of a percent, of those who were let in, once somebody was;
    0 where it goes by segment."""

    id: Id
    name: str
    share: int
    control: bool = False


def arms_of(iteration: Iteration, flag: Flag | None) -> tuple[PlannedArm, ...]:
    """The arms of all phases, those of the last one first; of a draft, as proposed. No two share a name."""
    names = {each.id: each.name or _spelled(each.value) for each in flag.variations} if flag else {}
    found: dict[Id, PlannedArm] = {}
    for each in _allocated(iteration):
        name = each.name or names.get(each.id) or each.id
        if any(other.name == name and other.id != each.id for other in found.values()):
            name = f"{name} ({each.id[:8]})"
        found.setdefault(each.id, msgspec.structs.replace(each, name=name))
    return tuple(found.values())


def _spelled(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 40 else text[:37] + "..."


def _allocated(iteration: Iteration) -> Iterator[PlannedArm]:
    """Arms of the last phase; then, without a share, those of the phases before it."""
    if not iteration.phases:
        yield from _proposed(iteration.proposal)
        return
    *before, last = iteration.phases
    yield from _of_phase(last.allocation)
    for phase in before:
        for arm in _of_phase(phase.allocation):
            yield msgspec.structs.replace(arm, share=0, control=False)


def _of_phase(allocation: Allocation) -> Iterator[PlannedArm]:
    if isinstance(allocation, Split):
        for arm in allocation.arms:
            yield PlannedArm(arm.variation, arm.name, arm.share, arm.control)
        return
    controls = allocation.controls
    for one in allocation.arms:
        yield PlannedArm(one.variation, one.name, 0, one.variation in controls)
    yield PlannedArm(allocation.fallback, "", 0, allocation.fallback in controls)


def _proposed(proposal: Proposal) -> Iterator[PlannedArm]:
    controls = {arm.variation for arm in proposal.arms if arm.control}
    for arm in proposal.arms:
        yield PlannedArm(arm.variation, arm.name, arm.share or 0, arm.variation in controls)


def expected(iteration: Iteration, arms: tuple[PlannedArm, ...]) -> dict[str, int] | None:
    """Shares by arm, in the same proportions in all phases; None where they are not, or where nothing goes by
    share. A phase that gave nobody an arm says nothing."""
    shares = [_shares(phase.allocation, arms) for phase in iteration.phases]
    spoken = [each for each in shares if each is None or any(each.values())]
    if not spoken or spoken[0] is None or not all(_proportional(spoken[0], each) for each in spoken):
        return None
    return spoken[0]


def _proportional(these: dict[str, int], those: dict[str, int] | None) -> bool:
    if those is None:
        return False
    whole, other = sum(these.values()), sum(those.values())
    return all(share * other == those[arm] * whole for arm, share in these.items())


def _shares(allocation: Allocation, arms: tuple[PlannedArm, ...]) -> dict[str, int] | None:
    if not isinstance(allocation, Split):
        return None
    said = {arm.variation: arm.share for arm in allocation.arms}
    return {arm.id: said.get(arm.id, 0) for arm in arms}
