"""Facts as a warehouse would find them, from the values of units; and the plan that asked for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from equipoise.analysis.moments import Moments, merged
from equipoise.analysis.plan import Plan, plan
from equipoise.analysis.question import Cohort, Facts, Look
from equipoise.analysis.report import Circumstances, report
from equipoise.analysis.results import Results
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.metric.state import Measure, Metric
from tests.domain.builders import ID, OFF, ON, a_definition, a_flag, a_metric
from tests.domain.experiment.examples import STARTED_AT, running

MINUTE = 60_000_000
START = STARTED_AT * 1_000
NOW = START + 60 * MINUTE
BOUGHT = a_metric(version=3, definition=a_definition(measure=Measure("purchase", aggregation="average")))

Values = Sequence[float | None]


def moments(values: Values) -> Moments:
    """Of the values that are there; None is missing."""
    sound = [value for value in values if value is not None]
    missing = len(values) - len(sound)
    if not sound:
        return Moments(missing=missing)
    mean = sum(sound) / len(sound)
    off = [value - mean for value in sound]
    return Moments(
        n=len(sound),
        missing=missing,
        means=(mean,),
        products=((sum(each * each for each in off),),),
        cubes=(sum(each * each * each for each in off),),
        low=(min(sound),),
        high=(max(sound),),
    )


def converted(of: int, units: int) -> list[float]:
    """So many of so many units did it, evenly over time."""
    return [float((at + 1) * of // units - at * of // units) for at in range(units)]


def facts(values: Mapping[str, Values], metric: str = "purchases", buckets: int = 4, **fields: Any) -> Facts:
    """Units of each arm in their order, an equal part of them first seen in each bucket."""
    cohorts, looks = [], []
    for arm, all_of_it in values.items():
        parts = [all_of_it[at::buckets] for at in range(buckets)]
        for at, part in enumerate(parts):
            bucket, found = START + at * MINUTE, moments(part)
            if part:
                cohorts.append(Cohort(arm, bucket, len(part), {metric: found}))
            so_far = merged(moments(each) for each in parts[: at + 1])
            looks.append(Look(metric, arm, bucket, so_far))
    units = sum(map(len, values.values()))
    known: dict[str, Any] = {
        "exposures": units,
        "outcomes": units,
        "watermark": NOW - MINUTE,
        "engine": "paper 1",
        "sql": ("SELECT",),
    }
    return Facts(tuple(cohorts), tuple(looks), **(known | fields))


def of_running(**fields: Any) -> tuple[Experiment, Iteration]:
    """A running experiment of OFF (the control) against ON, its iteration with these fields."""
    experiment = running()
    assert experiment.current is not None
    iteration = replace(experiment.current, **fields)
    return replace(experiment, current=iteration), iteration


def a_plan(iteration: Iteration, metrics: Mapping[str, Metric | None] | None = None, **said: Any) -> Plan:
    found = {"purchases": BOUGHT} if metrics is None else metrics
    made = plan(iteration, found, a_flag(), ID, NOW, **said)
    return replace(made, question=replace(made.question, bucket=MINUTE))


def reported(
    found: Facts,
    known: Mapping[str, Metric | None] | None = None,
    dead: Mapping[str, int] | None = None,
    **fields: Any,
) -> Results:
    """The document about a running experiment, its iteration with these fields."""
    experiment, iteration = of_running(**fields)
    around = Circumstances(dead or {}, 2, NOW)
    return report(a_plan(iteration, known), experiment, iteration, found, around)


def halves(on: Values, off: Values, **fields: Any) -> Facts:
    return facts({ON: on, OFF: off}, **fields)
