"""A warehouse in memory: the same answers by the plainest way, in exact arithmetic and a unit at a time."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isfinite

from msgspec import Struct

from equipoise.analysis.moments import Moments
from equipoise.analysis.question import Cohort, Facts, Look, Measured, Question, Value
from equipoise.application.lake import DataFile
from equipoise.domain.clauses import Json

BUCKETS_MAX = 1_000


class Exposure(Struct, frozen=True):
    unit: str
    at: int
    arm: str
    iteration: str = "iteration"
    unit_kind: str = "user"


class Outcome(Struct, frozen=True):
    unit: str
    at: int
    event: str
    value: float | None = None
    data: Json = None
    unit_kind: str = "user"


class Unit(Struct, frozen=True):
    """One in an arm, with its outcomes."""

    arm: str
    first: int
    outcomes: tuple[Outcome, ...]


class MemoryWarehouse:
    """Files are rows by path; one that is asked for and not there is gone."""

    def __init__(self, files: Mapping[str, Sequence[Exposure | Outcome]]) -> None:
        self.files = files

    def ask(self, question: Question, files: Sequence[DataFile]) -> Facts:
        if gone := [file.path for file in files if file.path not in self.files]:
            raise OSError(f"{gone} are gone")
        rows = [row for file in files for row in self.files[file.path]]
        rows = [row for row in rows if row.unit_kind == question.unit and _in_time(question, row.at)]
        exposures = [row for row in rows if isinstance(row, Exposure) and row.iteration == question.iteration]
        seen: dict[str, list[Exposure]] = {}
        for row in exposures:
            seen.setdefault(row.unit, []).append(row)
        arms = {unit: {row.arm for row in each} & set(question.arms) for unit, each in seen.items()}
        units = _units(question, seen, arms, [row for row in rows if isinstance(row, Outcome)])
        return Facts(
            cohorts=_cohorts(question, units),
            looks=_looks(question, units),
            doubled=sum(len(each) > 1 for each in arms.values()),
            strangers=len({row.unit for row in exposures if row.arm not in question.arms}),
            exposures=len(exposures),
            outcomes=sum(len(unit.outcomes) for unit in units),
            watermark=max((file.last for file in files), default=0),
            engine="memory",
        )


def _units(
    question: Question,
    seen: Mapping[str, Sequence[Exposure]],
    arms: Mapping[str, set[str]],
    outcomes: Sequence[Outcome],
) -> list[Unit]:
    events = {measured.event for measured in question.measured}
    done: dict[str, list[Outcome]] = {}
    for row in outcomes:
        if row.event in events:
            done.setdefault(row.unit, []).append(row)
    return [
        Unit(
            arm=next(iter(arms[unit])),
            first=min(row.at for row in rows if row.arm in question.arms),
            outcomes=tuple(done.get(unit, ())),
        )
        for unit, rows in seen.items()
        if len(arms[unit]) == 1
    ]


def _cohorts(question: Question, units: Sequence[Unit]) -> tuple[Cohort, ...]:
    groups: dict[tuple[int, int], list[Unit]] = {}
    for unit in units:
        key = question.arms.index(unit.arm), _bucket(question, unit.first)
        groups.setdefault(key, []).append(unit)
    return tuple(
        Cohort(
            question.arms[arm],
            bucket,
            len(group),
            {measured.name: _moments(group, measured) for measured in question.measured},
        )
        for (arm, bucket), group in sorted(groups.items())
    )


def _looks(question: Question, units: Sequence[Unit]) -> tuple[Look, ...]:
    starts = [_bucket(question, unit.first) for unit in units]
    if not starts:
        return ()
    counted = [
        _state_bucket(question, unit, row)
        for unit in units
        for measured in question.measured
        for row in _inside(unit, measured)
    ]
    buckets = range(min(starts), max(starts + counted) + 1, question.bucket)
    return tuple(
        Look(measured.name, arm, bucket, _look(question, units, measured, arm, bucket))
        for measured in question.measured
        for arm in question.arms
        for bucket in buckets
    )


def _look(question: Question, units: Sequence[Unit], measured: Measured, arm: str, bucket: int) -> Moments:
    known = [
        Unit(
            arm,
            unit.first,
            tuple(row for row in unit.outcomes if _state_bucket(question, unit, row) <= bucket),
        )
        for unit in units
        if unit.arm == arm and _bucket(question, unit.first) <= bucket
    ]
    found = _moments(known, measured)
    none = (0.0,) * len(found.variables)
    return Moments(found.variables, found.n, found.missing, found.means, found.products, none, none, none)


def _moments(units: Sequence[Unit], measured: Measured) -> Moments:
    names = ("y", "x") if measured.before else ("y",)
    pairs = [
        (y, _value(_before(unit, measured), measured, measured.missing or 0.0))
        for unit in units
        if (y := _value(_inside(unit, measured), measured, measured.missing)) is not None
    ]
    n = len(pairs)
    if not n:
        none = (0.0,) * len(names)
        return Moments(names, 0, len(units), none, (none,) * len(names), none, none, none)
    columns = [[Fraction(pair[i] or 0.0) for pair in pairs] for i in range(len(names))]
    means = [sum(column) / n for column in columns]
    off = [[value - mean for value in column] for column, mean in zip(columns, means, strict=True)]
    return Moments(
        variables=names,
        n=n,
        missing=len(units) - n,
        means=tuple(map(float, means)),
        products=tuple(
            tuple(float(sum(a * b for a, b in zip(one, other, strict=True))) for other in off) for one in off
        ),
        cubes=tuple(float(sum(each**3 for each in one)) for one in off),
        low=tuple(float(min(column)) for column in columns),
        high=tuple(float(max(column)) for column in columns),
    )


def _value(outcomes: Sequence[Outcome], measured: Measured, missing: float | None) -> float | None:
    if not outcomes:
        return missing
    if measured.value is Value.OCCURRED:
        return 1.0
    if measured.value is Value.COUNT:
        return float(len(outcomes))
    total = sum(Fraction(number) for row in outcomes if (number := _number(row, measured)) is not None)
    return float(total if measured.value is Value.SUM else total / len(outcomes))


def _inside(unit: Unit, measured: Measured) -> list[Outcome]:
    start = unit.first + (measured.since or 0)
    return [
        row
        for row in unit.outcomes
        if _counts(row, measured)
        and row.at >= start
        and (measured.until is None or row.at <= unit.first + measured.until)
    ]


def _before(unit: Unit, measured: Measured) -> list[Outcome]:
    return [
        row
        for row in unit.outcomes
        if _counts(row, measured) and unit.first - measured.before <= row.at < unit.first
    ]


def _counts(row: Outcome, measured: Measured) -> bool:
    numbers = measured.value in (Value.SUM, Value.MEAN)
    return row.event == measured.event and (not numbers or _number(row, measured) is not None)


def _number(row: Outcome, measured: Measured) -> float | None:
    found: Json = row.value
    if measured.field:
        found = _property(row.data, [measured.field])
        if found is None:
            found = _property(row.data, measured.field.split("."))
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        return None
    return float(found)


def _property(data: Json, path: Sequence[str]) -> float | None:
    if not all(path):
        return None
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return None if isinstance(data, bool) or not isinstance(data, int | float) else data


def _state_bucket(question: Question, unit: Unit, row: Outcome) -> int:
    """An outcome from before the exposure is known when the unit is."""
    return max(_bucket(question, row.at), _bucket(question, unit.first))


def _bucket(question: Question, at: int) -> int:
    number = (at - question.started) // question.bucket
    return question.started + min(max(number, 0), BUCKETS_MAX - 1) * question.bucket


def _in_time(question: Question, at: int) -> bool:
    return question.until is None or at <= question.until
