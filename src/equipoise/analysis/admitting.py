"""Who is let into an experiment, in sentences for people."""

from collections.abc import Iterator

from equipoise.analysis.wording import count
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.experiment.admission import Admission, HeldOut, InLayer

NAMED_MAX = 5


def sentences(said: Admission, unit: str) -> tuple[str, ...]:
    """What keeps units out, one by one, and what they amount to; nothing where everybody may be in it."""
    return tuple(_sentences(said, f"{unit or 'unit'}s"))


def _sentences(said: Admission, units: str) -> Iterator[str]:
    if said.layer is not None:
        yield of_layer(said.layer, units)
        if said.layer.reserved > said.layer.share:
            now = _percent(said.layer.reserved)
            yield f"By now {now} is reserved for it, and given from the next iteration or phase on."
    if said.holdout is not None:
        yield of_holdout(said.holdout, units)
    if said.levels or said.traffic < SHARE_WHOLE:
        yield of_traffic(said)
    if said.gated:
        yield together(said, units)


def together(said: Admission, units: str) -> str:
    return f"{_percent(said.share)} of all {units} are in an arm. Shares of arms are of those who are let in."


def of_layer(layer: InLayer, units: str) -> str:
    given = f"In layer “{layer.name}”, which gives it {_percent(layer.share)} of its {units}"
    others = [f"{each.experiment} ({_percent(each.share)})" for each in layer.beside]
    more = len(others) - NAMED_MAX
    named = others[:NAMED_MAX] + ([count(more, "more", "more")] if more > 0 else [])
    beside = f", beside {', '.join(named)}" if named else ""
    return f"{given}{beside}."


def of_holdout(holdout: HeldOut, units: str) -> str:
    return f"Holdout “{holdout.name}” keeps out {_percent(holdout.share)} of all {units}."


def of_traffic(said: Admission) -> str:
    let_in = "who are let in" if said.gated else "whom its rule reaches"
    counted = f"{_percent(said.traffic)} of those {let_in} are in an arm"
    if not said.levels:
        return f"{counted}."
    steps = ", ".join(f"{level / 1_000:g}" for level in said.levels)
    stands = "not started" if said.level is None else f"at {_percent(said.level)}"
    return f"A ramp of {steps} %, {stands}: {counted}."


def _percent(share: int) -> str:
    return f"{share / 1_000:g} %"
