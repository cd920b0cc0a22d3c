"""Lines on which units lie, as pages draw them: who has which part, from the near end to the far one."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from equipoise.analysis import admitting
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.experiment.admission import Admission
from equipoise.domain.gates import Range

MINE, OTHERS, NOBODYS = "mine", "others", "shut"  # classes in the style sheet


class Part(Struct, frozen=True):
    """A part of a line, in thousandths of a percent, and the class that colours it."""

    left: int
    width: int
    look: str


class Line(Struct, frozen=True):
    """A line in words and in parts; what no part covers is nobody's."""

    name: str
    said: str
    parts: tuple[Part, ...]


def parts(ranges: Iterable[Range], look: str) -> tuple[Part, ...]:
    return tuple(Part(low, high - low, look) for low, high in ranges)


def lines_of(said: Admission, unit: str) -> tuple[Line, ...]:
    """What stands before an experiment, one by one, and what they amount to; none where nothing does."""
    if not said.gated and not said.levels and said.traffic == SHARE_WHOLE:
        return ()
    return tuple(_lines(said, f"{unit or 'unit'}s"))


def _lines(said: Admission, units: str) -> Iterator[Line]:
    if said.layer is not None:
        others = [each.share for each in said.layer.beside]
        row = _row((said.layer.share, MINE), *((share, OTHERS) for share in others))
        yield Line("Layer", admitting.of_layer(said.layer, units), row)
    if said.holdout is not None:
        let_in = SHARE_WHOLE - said.holdout.share
        row = _row((said.holdout.share, NOBODYS), (let_in, MINE))
        yield Line("Holdout", admitting.of_holdout(said.holdout, units), row)
    if said.levels or said.traffic < SHARE_WHOLE:
        yield Line("Traffic", admitting.of_traffic(said), _row((said.traffic, MINE)))
    if said.gated:
        yield Line("Together", admitting.together(said, units), _row((said.share, MINE)))


def _row(*shares: tuple[int, str]) -> tuple[Part, ...]:
    """Side by side, from the near end on."""
    found, left = [], 0
    for share, look in shares:
        if share:
            found.append(Part(left, share, look))
        left += share
    return tuple(found)
