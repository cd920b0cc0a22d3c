"""From the warehouse's answer to the document of a result. Pure: the same facts give the same document."""

from collections.abc import Iterator, Mapping
from math import isfinite

from msgspec import Struct

from equipoise.analysis.compare import compare, glance
from equipoise.analysis.health import checks
from equipoise.analysis.moments import Moments, merged
from equipoise.analysis.plan import Plan, Planned
from equipoise.analysis.question import Facts
from equipoise.analysis.results import (
    ArmResult,
    Bounds,
    Compared,
    Computation,
    Exposed,
    Measurement,
    Results,
)
from equipoise.analysis.statistics.skewness import pooled_skewness
from equipoise.analysis.verdict import verdict
from equipoise.analysis.warnings import obstacles
from equipoise.domain.experiment.admission import Admission
from equipoise.domain.experiment.state import Experiment, Iteration

NOTHING = Facts((), ())


class Circumstances(Struct, frozen=True):
    """What is known beside the facts.

    dead         cause → events of the environment that could not be used
    files        how many were read
    computed_at  microseconds since 1970
    admission    which units are given to the experiment at all
    serving      whether the flag is on
    """

    dead: Mapping[str, int]
    files: int
    computed_at: int
    admission: Admission = Admission()
    serving: bool = True


Table = Mapping[tuple[str, str], Moments]  # (metric, arm) → moments


def report(
    plan: Plan, experiment: Experiment, iteration: Iteration, facts: Facts, around: Circumstances
) -> Results:
    """The whole document. Facts may be of nothing: then it says so in words, and holds no figure."""
    table = _table(plan, facts)
    arms = _arms(plan, facts, table)
    comparisons = tuple(_compared(planned, plan, table) for planned in plan.comparisons)
    health = checks(plan, iteration, facts, arms, around.dead, around.computed_at, around.serving)
    return Results(
        project=experiment.project,
        environment=experiment.environment,
        experiment=experiment.key,
        name=experiment.name,
        flag=experiment.flag,
        unit=iteration.unit,
        status=iteration.status.value,
        iteration=iteration.id,
        started_at=_micros(iteration.started_at),
        ended_at=_micros(iteration.ended_at),
        bucket=plan.question.bucket,
        verdict=verdict(experiment, iteration, plan, arms, comparisons, health),
        arms=arms,
        comparisons=comparisons,
        health=health,
        bounds=tuple(_bounds(plan, facts, table)),
        exposed=tuple(Exposed(each.arm, each.bucket, each.units) for each in facts.cohorts),
        computation=_computation(plan, iteration, facts, around),
        admission=around.admission,
    )


def _micros(at: int | None) -> int | None:
    return None if at is None else at * 1_000


def _table(plan: Plan, facts: Facts) -> dict[tuple[str, str], Moments]:
    """Cohorts added up; only what has units is in it."""
    parts: dict[tuple[str, str], list[Moments]] = {}
    for cohort in facts.cohorts:
        for metric, moments in cohort.moments.items():
            parts.setdefault((metric, cohort.arm), []).append(moments)
    return {which: merged(some, some[0].variables) for which, some in parts.items()}


def _arms(plan: Plan, facts: Facts, table: Table) -> tuple[ArmResult, ...]:
    units = dict.fromkeys((arm.id for arm in plan.arms), 0)
    for cohort in facts.cohorts:
        units[cohort.arm] = units.get(cohort.arm, 0) + cohort.units
    return tuple(
        ArmResult(
            id=arm.id,
            name=arm.name,
            control=arm.control,
            share=arm.share,
            units=units[arm.id],
            measurements=tuple(_measurements(arm.id, plan, table)),
        )
        for arm in plan.arms
    )


def _measurements(arm: str, plan: Plan, table: Table) -> Iterator[Measurement]:
    for measured in plan.question.measured:
        found = table.get((measured.name, arm), Moments())
        if not found.n:
            yield Measurement(measured.name, 0, found.missing, None, None, None)
            continue
        deviation = found.var() ** 0.5 if found.n > 1 else None
        figures = map(_finite, (found.mean(), deviation, found.total()))
        yield Measurement(measured.name, found.n, found.missing, *figures)


def _finite(figure: float | None) -> float | None:
    """None for what is beyond all numbers: JSON has no word for it."""
    return figure if figure is not None and isfinite(figure) else None


def _compared(planned: Planned, plan: Plan, table: Table) -> Compared:
    arm, against = _pair(planned, table)
    always, fixed, warnings = compare(
        arm, against, alpha=planned.alpha, binary=planned.binary, tuned=plan.tuned
    )
    return Compared(
        metric=planned.metric,
        name=planned.name,
        version=planned.version,
        role=planned.role,
        side=planned.side,
        margin=planned.margin,
        direction=planned.direction,
        arm=planned.arm,
        against=planned.against,
        always=always,
        fixed=fixed,
        warnings=warnings,
        binary=planned.binary,
    )


def _pair(planned: Planned, table: Table) -> tuple[Moments, Moments]:
    """What is known of the two arms; nothing where no unit was seen."""
    arm, against = (table.get((planned.metric, each), Moments()) for each in (planned.arm, planned.against))
    return arm, against


def _bounds(plan: Plan, facts: Facts, table: Table) -> Iterator[Bounds]:
    """As it stood at the end of each bucket, for every comparison."""
    looks: dict[tuple[str, str], dict[int, Moments]] = {}
    for look in facts.looks:
        looks.setdefault((look.metric, look.arm), {})[look.bucket] = look.moments
    for planned in plan.comparisons:
        mine, theirs = (looks.get((planned.metric, arm), {}) for arm in (planned.arm, planned.against))
        pair = _pair(planned, table)
        if any(obstacles(*pair)):
            continue
        skewness = pooled_skewness(*pair, binary=planned.binary)
        for bucket in sorted(mine.keys() & theirs.keys()):
            yield _bound(planned, plan, bucket, (mine[bucket], theirs[bucket]), skewness)


def _bound(
    planned: Planned, plan: Plan, bucket: int, pair: tuple[Moments, Moments], skewness: float
) -> Bounds:
    always, naive = glance(
        *pair, alpha=planned.alpha, binary=planned.binary, tuned=plan.tuned, skewness=skewness
    )
    at = bucket + plan.question.bucket
    return Bounds(
        metric=planned.metric,
        arm=planned.arm,
        at=at if plan.question.until is None else min(at, plan.question.until),
        difference=always.difference if always else None,
        interval=always.interval if always else None,
        relative=always.relative if always else None,
        relative_interval=always.relative_interval if always else None,
        naive=naive.relative_interval if naive else None,
        naive_difference=naive.interval if naive else None,
        against=planned.against,
    )


def _computation(plan: Plan, iteration: Iteration, facts: Facts, around: Circumstances) -> Computation:
    hashing = iteration.hashing
    return Computation(
        plan=plan.digest,
        alpha=plan.alpha,
        metrics=plan.versions,
        watermark=facts.watermark,
        computed_at=around.computed_at,
        engine=facts.engine,
        sql=facts.sql,
        files=around.files,
        exposures=facts.exposures,
        outcomes=facts.outcomes,
        seed=hashing.seed if hashing else None,
        scheme=hashing.scheme if hashing else "",
    )
