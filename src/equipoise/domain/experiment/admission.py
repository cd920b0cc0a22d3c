"""Which units an experiment is given at all: said of its layer, its holdout, and its share of traffic.

Shares are thousandths of a percent. The three go by hashes of salts of their own, so they are independent of
each other, and of the arms.
"""

from collections.abc import Iterable

from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE, Split
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.gates import Gate, length
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.layer.state import Layer


class Beside(Struct, frozen=True):
    """Another experiment of the layer, by key, and what is reserved for it now."""

    experiment: str
    share: int


class InLayer(Struct, frozen=True):
    """The layer, by key, and the share of units that it gives.

    reserved  what it holds by now: what has grown is given from the next iteration or phase on
    beside    the others in it now; none once the iteration has ended
    """

    key: str
    name: str
    share: int
    reserved: int
    beside: tuple[Beside, ...] = ()

    @property
    def free(self) -> int:
        return SHARE_WHOLE - self.reserved - sum(each.share for each in self.beside)


class HeldOut(Struct, frozen=True):
    """The holdout, by key, and the share of units that it keeps out."""

    key: str
    name: str
    share: int


class Admission(Struct, frozen=True):
    """share    of all units that are in an arm
    traffic  of the units that layer and holdout let in, those that are in an arm
    levels   through which a ramp takes the treatment's share of all units; `level` where it stands
    """

    share: int = SHARE_WHOLE
    traffic: int = SHARE_WHOLE
    layer: InLayer | None = None
    holdout: HeldOut | None = None
    levels: tuple[int, ...] = ()
    level: int | None = None

    @property
    def gated(self) -> bool:
        """Whether a layer or a holdout stands before it."""
        return self.layer is not None or self.holdout is not None


def admission(
    now: Experiment, iteration: Iteration, layers: Iterable[Layer], holdouts: Iterable[Holdout]
) -> Admission:
    """As its last phase was told; a draft, as it would be told now.

    layers    of its project
    holdouts  of its environment
    """
    started = bool(iteration.phases)
    gates = iteration.phases[-1].gates if started else None
    layer = _layer(now, iteration, layers, gates)
    holdout = _holdout(now, holdouts, gates)
    traffic = _traffic(iteration)
    share = traffic * (SHARE_WHOLE if layer is None else layer.share)
    share = share * (SHARE_WHOLE - (0 if holdout is None else holdout.share)) // SHARE_WHOLE**2
    proposal = iteration.proposal
    return Admission(share, traffic, layer, holdout, proposal.levels, proposal.level if started else None)


Gates = tuple[Gate, ...] | None  # of a phase; None before there is one


def _layer(now: Experiment, iteration: Iteration, layers: Iterable[Layer], gates: Gates) -> InLayer | None:
    for layer in layers:
        own = layer.of(now.environment, now.key)
        reserved = 0 if own is None else own.share
        given = reserved if gates is None else _given(layer.salt, gates)
        if given is None or (gates is None and own is None):
            continue
        others = [each for each in layer.within(now.environment) if each is not own]
        beside = tuple(Beside(each.experiment, each.share) for each in others)
        return InLayer(layer.key, layer.name, given, reserved, () if iteration.ended_at else beside)
    return None


def _holdout(now: Experiment, holdouts: Iterable[Holdout], gates: Gates) -> HeldOut | None:
    for holdout in holdouts:
        gate = holdout.gate if holdout.id == now.holdout else Gate(holdout.salt, ((0, SHARE_WHOLE),))
        let_in = length(gate.ranges) if gates is None else _given(holdout.salt, gates)
        if let_in is not None and let_in < SHARE_WHOLE:
            return HeldOut(holdout.key, holdout.name, SHARE_WHOLE - let_in)
    return None


def _given(salt: str, gates: tuple[Gate, ...]) -> int | None:
    return next((length(each.ranges) for each in gates if each.salt == salt), None)


def _traffic(iteration: Iteration) -> int:
    """Arms by segment take whoever is in one, which no share says."""
    if isinstance(iteration.allocation, Split):
        return SHARE_WHOLE - iteration.allocation.unarmed
    arms, level = iteration.proposal.arms, iteration.proposal.level
    if iteration.allocation is not None or any(arm.segment or arm.fallback for arm in arms):
        return SHARE_WHOLE
    if level is not None:
        return min(level, SHARE_WHOLE // 2) + min(level, SHARE_WHOLE - level)
    return min(sum(arm.share or 0 for arm in arms), SHARE_WHOLE)
