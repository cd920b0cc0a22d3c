"""Results in every state, as pages are given them: figures of no real experiment."""

from typing import Any

from msgspec.structs import replace

from equipoise.analysis.results import (
    ArmResult,
    Bounds,
    Call,
    Check,
    Compared,
    Computation,
    Estimate,
    Exposed,
    Grade,
    Interval,
    Measurement,
    Results,
    Verdict,
    Warned,
)
from equipoise.domain.experiment.state import Role, Side

DAY = 86_400_000_000
STARTED = 1_790_000_000_000_000
OFF, ON = "off", "on"


def an_estimate(lift: float = 0.2, half: float = 0.05, **fields: Any) -> Estimate:
    base = 0.1
    made = Estimate(
        method="confidence-sequence",
        adjusted=False,
        difference=lift * base,
        standard_error=None,
        degrees=None,
        interval=Interval((lift - half) * base, (lift + half) * base),
        relative=lift,
        relative_interval=Interval(lift - half, lift + half),
        p_value=0.0004,
        p_log10=-3.4,
        level=0.95,
    )
    return replace(made, **fields)


def a_comparison(metric: str = "purchase", name: str = "Purchases", **fields: Any) -> Compared:
    made = Compared(
        metric=metric,
        name=name,
        version=1,
        role=Role.PRIMARY,
        side=Side.TWO,
        margin=0.0,
        direction=1,
        arm=ON,
        against=OFF,
        always=an_estimate(),
        fixed=an_estimate(half=0.03, method="welch"),
    )
    return replace(made, **fields)


def an_arm(id: str, name: str, units: int = 10_000, **fields: Any) -> ArmResult:
    measured = (
        Measurement("purchase", units, 0, 0.1 if id == OFF else 0.12, 0.31, 1_000.0),
        Measurement("revenue", units, 3, 41.2, 120.5, 412_000.0),
    )
    made = ArmResult(id, name, id == OFF, 50_000, units, measured)
    return replace(made, **fields)


def some_bounds(days: int = 14, lift: float = 0.2) -> tuple[Bounds, ...]:
    return tuple(
        Bounds(
            metric="purchase",
            arm=ON,
            at=STARTED + day * DAY,
            difference=lift * 0.1,
            interval=Interval((lift - 0.6 / day) * 0.1, (lift + 0.6 / day) * 0.1),
            relative=lift,
            relative_interval=Interval(lift - 0.6 / day, lift + 0.6 / day),
            naive=Interval(lift - 0.35 / day, lift + 0.35 / day),
        )
        for day in range(1, days + 1)
    )


def some_exposures(days: int = 14) -> tuple[Exposed, ...]:
    return tuple(
        Exposed(arm, STARTED + day * DAY, 700 + 10 * day) for arm in (OFF, ON) for day in range(days)
    )


GOOD_HEALTH = (
    Check("srm", "Split as planned", Grade.GOOD, "The arms have the shares that were planned (p = 0.61)."),
    Check("doubled", "Units in one arm", Grade.GOOD, "No unit was seen in two arms."),
    Check("dead", "Events understood", Grade.WARNING, "12 events could not be used.", "See which, by cause."),
    Check("power", "Enough units", Grade.UNKNOWN, "Nobody said what effect matters."),
)
BROKEN = Check(
    "srm",
    "Split as planned",
    Grade.BAD,
    "5,512 units are in Control and 4,488 in Shorter, where equal shares were planned (p = 10^-24).",
    "Look for what keeps units of one arm from being counted; fix it and start a new iteration.",
)
FEW = Warned("small", "Fewer than 100 units in an arm: intervals are wide.", "Let it run on.")


def some_results(call: Call = Call.BETTER, **fields: Any) -> Results:
    made = Results(
        project="default",
        environment="production",
        experiment="checkout",
        name="A shorter checkout",
        flag="checkout",
        unit="user",
        status="running",
        iteration="0123456789abcdef01234567",
        started_at=STARTED,
        ended_at=None,
        bucket=DAY,
        verdict=VERDICTS[call],
        arms=(an_arm(OFF, "Control"), an_arm(ON, "Shorter")),
        comparisons=(
            a_comparison(),
            a_comparison(
                "revenue",
                "Revenue per user",
                role=Role.SECONDARY,
                always=an_estimate(0.03, 0.09, p_value=0.41, p_log10=-0.39),
                fixed=an_estimate(0.03, 0.05, p_value=0.24, p_log10=-0.6, method="welch"),
            ),
            a_comparison(
                "latency",
                "Time to pay",
                role=Role.GUARDRAIL,
                direction=-1,
                always=an_estimate(-0.04, 0.07),
                fixed=None,
            ),
        ),
        health=GOOD_HEALTH,
        bounds=some_bounds(),
        exposed=some_exposures(),
        computation=Computation(
            plan="5f0c" * 16,
            alpha=0.05,
            metrics={"purchase": 1, "revenue": 2},
            watermark=STARTED + 14 * DAY,
            computed_at=STARTED + 14 * DAY + 5_000_000,
            engine="duckdb 2.0",
            sql=("SELECT arm, count(*)\nFROM exposures\nWHERE iteration = ?\nGROUP BY arm",),
            files=12,
            exposures=41_022,
            outcomes=8_120,
            seed=1_790_001,
            scheme="sha1/15hex",
        ),
    )
    return replace(made, **{**STATES[call], **fields})


VERDICTS = {
    Call.NO_DATA: Verdict(Call.NO_DATA, "Nobody has been exposed yet.", "Evaluate the flag somewhere."),
    Call.UNTRUSTED: Verdict(
        Call.UNTRUSTED,
        "The split is not the one that was planned, so no figure here can be believed.",
        "Find out why units of one arm are missing before you decide anything.",
    ),
    Call.UNDECIDED: Verdict(
        Call.UNDECIDED,
        "Purchases: between -4.1 % and +7.9 %; it cannot be said yet which arm is better.",
        "Let it run on, or stop and keep Control: both are sound.",
    ),
    Call.BETTER: Verdict(
        Call.BETTER,
        "“Shorter” is better than “Control” on Purchases: +20 %, and +15 % to +25 % is what the data allow.",
        "Stop the experiment and serve “Shorter” to all.",
        ON,
        "purchase",
    ),
    Call.NOT_WORSE: Verdict(
        Call.NOT_WORSE, "“Shorter” is not worse than “Control” by more than 5 %.", "Serve it.", ON, "purchase"
    ),
    Call.WORSE: Verdict(
        Call.WORSE, "“Shorter” is worse than “Control” on Purchases: -20 %.", "Stop it.", ON, "purchase"
    ),
}

_NOBODY = {
    "arms": (an_arm(OFF, "Control", 0, measurements=()), an_arm(ON, "Shorter", 0, measurements=())),
    "comparisons": (),
    "bounds": (),
    "exposed": (),
    "health": (),
}
_WIDE = an_estimate(0.02, 0.06, p_value=0.7, p_log10=-0.15)
STATES: dict[Call, dict[str, Any]] = {
    Call.NO_DATA: _NOBODY,
    Call.UNTRUSTED: {
        "health": (BROKEN, *GOOD_HEALTH[1:]),
        "arms": (an_arm(OFF, "Control", 5_512), an_arm(ON, "Shorter", 4_488)),
    },
    Call.UNDECIDED: {
        "comparisons": (
            a_comparison(always=_WIDE, warnings=(FEW,)),
            a_comparison("revenue", "Revenue", always=None, fixed=None, warnings=(FEW,)),
        ),
        "bounds": some_bounds(lift=0.02),
    },
    Call.BETTER: {},
    Call.NOT_WORSE: {"comparisons": (a_comparison(always=an_estimate(0.01, 0.02)),)},
    Call.WORSE: {"comparisons": (a_comparison(always=an_estimate(-0.2)),), "bounds": some_bounds(lift=-0.2)},
}
