"""Metrics as numbers per unit, and why some are none yet."""

from collections.abc import Iterator, Mapping

from equipoise.analysis.question import Measured, Value
from equipoise.analysis.results import Warned
from equipoise.domain.experiment.state import Iteration, MetricUse
from equipoise.domain.metric.state import Definition, Metric

BEFORE = 7 * 86_400_000_000  # the covariate is the same value of the seven days before the first exposure
_VALUES = {  # (numeric, aggregation) → how a unit's outcomes become its value
    (False, "average"): Value.OCCURRED,
    (False, "sum"): Value.COUNT,
    (True, "sum"): Value.SUM,
    (True, "average"): Value.MEAN,
}


def refusal(use: MetricUse, iteration: Iteration, metrics: Mapping[str, Metric | None]) -> Warned | None:
    """Why a metric cannot be measured here; None when it can."""
    metric = metrics[use.key]
    if use.group:
        return _not_yet(use.key, "it is a group of metrics", "Name the metrics of the group one by one.")
    if metric is None:
        remedy = "Make it again under its key, or leave it out of the next iteration."
        return Warned("metric_gone", f"The metric “{use.key}” is not there any more.", remedy)
    if use.unit and use.unit != iteration.unit:
        why = f"it is analysed by {use.unit}, while {iteration.unit} is randomised"
        return _not_yet(metric.name, why, "Analyse it by the unit that is randomised.")
    return next((_not_yet(metric.name, *each) for each in _lacking(metric.definition)), None)


def _lacking(definition: Definition) -> Iterator[tuple[str, str]]:
    measure = definition.measure
    if definition.kind == "trace" or definition.source != "events":
        yield "it is made of something other than events", "Send an event, and measure that."
    if definition.analysis != "mean":
        yield "percentiles are not computed", "Measure its mean beside it."
    if definition.denominator is not None:
        yield "ratios of two measures are not computed", "Measure numerator and denominator on their own."
    if measure.filters is not None:
        yield "its filters are not applied", "Send an event of its own for what the filter lets through."
    if measure.winsor.lower is not None or measure.winsor.upper is not None:
        yield "values are not clamped", "Take the clamping off, or clamp what is sent."
    if (measure.numeric, measure.aggregation) not in _VALUES:
        yield f"{measure.aggregation} is not computed", "Use sum or average."
    if not measure.event:
        yield "it names no event", "Name the key of the event that it counts."


def _not_yet(name: str, why: str, remedy: str) -> Warned:
    return Warned("not_measured", f"“{name}” is not measured yet: {why}.", remedy)


def repinned(iteration: Iteration, metrics: Mapping[str, Metric]) -> Iterator[Warned]:
    """Of metrics that are measured in another version than the one the iteration was started with."""
    for use in iteration.metrics:
        found = metrics.get(use.key)
        if found is not None and use.version and found.version != use.version:
            yield Warned(
                "metric_changed",
                f"“{found.name}” is measured as version {found.version} says; the iteration was started with "
                f"version {use.version}, which is not in the change log any more.",
                "Start a new iteration to pin the present version.",
            )


def measured(metric: Metric) -> Measured:
    """What a warehouse is asked of it."""
    definition, measure = metric.definition, metric.definition.measure
    start, end = measure.window
    return Measured(
        name=metric.key,
        event=measure.event,
        value=_VALUES[measure.numeric, measure.aggregation],
        field=measure.field,
        since=None if start is None else start * 1_000,
        until=None if end is None else end * 1_000,
        missing=definition.missing,
        before=BEFORE,
    )


def binary(metric: Metric) -> bool:
    """Whether each unit's value is 0 or 1."""
    measure, missing = metric.definition.measure, metric.definition.missing
    return _VALUES[measure.numeric, measure.aggregation] is Value.OCCURRED and missing in (0, 1, None)
