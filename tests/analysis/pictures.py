"""A result worth a picture: three arms, two metrics, an interval that is open, a lift that is none."""

from math import sqrt
from typing import Any

from msgspec.structs import replace

from equipoise.analysis.results import (
    ArmResult,
    Bounds,
    Call,
    Compared,
    Computation,
    Estimate,
    Exposed,
    Interval,
    Results,
    Verdict,
)
from equipoise.domain.experiment.state import Role, Side

START, HOUR = 1_700_000_000_000_000, 3_600_000_000
CONTROL, STEPS, PAGE = "c", "a", "b"
NAMES = {CONTROL: "Control", STEPS: "Two steps", PAGE: "One page & <all>"}


def estimate(relative: float | None, low: float | None, high: float | None) -> Estimate:
    tenfold = (None if bound is None else 10 * bound for bound in (low, high))
    around = None if relative is None else Interval(low, high)
    difference = 10 * (relative or 0.0)
    return Estimate(
        "confidence-sequence",
        True,
        difference,
        1.0,
        None,
        Interval(*tenfold),
        relative,
        around,
        0.01,
        -2,
        0.95,
    )


def compared(metric: str, arm: str, role: Role, always: Estimate | None) -> Compared:
    return Compared(metric, metric.title(), 1, role, Side.TWO, 0.0, 1, arm, CONTROL, always, always)


def bounds(arm: str, lift: float, looks: int = 48) -> list[Bounds]:
    found = []
    for at in range(1, looks + 1):
        width = 1.2 / sqrt(at)
        low, high = lift - width, lift + width
        relative = Interval(None if at < 3 else low, high)
        naive = Interval(low + width / 3, high - width / 3)
        end = START + at * HOUR
        found.append(
            Bounds("purchases", arm, end, 10 * lift, Interval(10 * low, 10 * high), lift, relative, naive)
        )
    return found


def a_result(**fields: Any) -> Results:
    arms = tuple(ArmResult(id, name, id == CONTROL, 33_333, 4_800, ()) for id, name in NAMES.items())
    results = Results(
        project="default",
        environment="production",
        experiment="checkout",
        name="Shorter checkout",
        flag="checkout",
        unit="user",
        status="running",
        iteration="1" * 24,
        started_at=START,
        ended_at=None,
        bucket=HOUR,
        verdict=Verdict(Call.BETTER, "“Two steps” raises “Purchases” by 20.3 %.", "Ship it."),
        arms=arms,
        comparisons=(
            compared("revenue", STEPS, Role.SECONDARY, estimate(0.1, None, 0.5)),
            compared("purchases", STEPS, Role.PRIMARY, estimate(0.203, 0.121, 0.29)),
            compared("purchases", PAGE, Role.PRIMARY, estimate(0.02, -0.05, 0.1)),
            compared("revenue", PAGE, Role.SECONDARY, None),
        ),
        health=(),
        bounds=(*bounds(STEPS, 0.2), *bounds(PAGE, 0.02)),
        exposed=tuple(Exposed(arm, START + at * HOUR, 100) for arm in NAMES for at in range(48)),
        computation=Computation("p", 0.05, {}, START, START, "paper 1", (), 1, 1, 1, 1, "sha1/15hex"),
    )
    return replace(results, **fields)


def nothing() -> Results:
    """Nobody has been seen, and nothing is measured."""
    bare = tuple(replace(arm, units=0) for arm in a_result().arms)
    return a_result(arms=bare, comparisons=(), bounds=(), exposed=())
