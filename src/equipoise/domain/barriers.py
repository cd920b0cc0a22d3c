"""What stands before an experiment's units beside its own share of traffic: a layer's gate, a holdout's."""

from collections.abc import Iterator

from msgspec import Struct

from equipoise.domain.errors import Violation
from equipoise.domain.gates import Gate, ReservedShare


class Demand(Struct, frozen=True):
    """Somebody, as refusals call it, whose units these must be: keys of other kinds say nothing to it."""

    by: str
    unit: str


class Barriers(Struct, frozen=True):
    """gates    what units must pass
    reserved  what its layer holds for it; None where it is in none
    demands   whose units its own must be
    """

    gates: tuple[Gate, ...] = ()
    reserved: ReservedShare | None = None
    demands: tuple[Demand, ...] = ()

    @property
    def open(self) -> bool:
        """Whether everybody passes."""
        return all(gate.open for gate in self.gates)

    def shortcomings(self, unit: str) -> Iterator[Violation]:
        """Every reason why what randomises this unit cannot start behind them."""
        if self.reserved is not None and not self.reserved.share:
            yield Violation("layer", f"layer {self.reserved.layer} must reserve a share for it first")
        for each in self.demands:
            if unit and unit != each.unit:
                yield Violation("unit", f"must be {each.unit}, which is that of {each.by}", unit)


NONE = Barriers()
