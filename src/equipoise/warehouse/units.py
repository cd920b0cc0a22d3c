"""Exposures and outcomes as one row per unit. All here is a plan, portable between engines; nothing runs.

Units are told apart by their 60-bit key: it reads, joins and groups faster than a string. Two units that
share one are counted where both were exposed; outcomes of a unit that was not exposed are never compared,
which would cost a read of every string to find one pair among 2^60.
"""

from sys import float_info
from typing import Any

import ibis

from equipoise.analysis.question import Measured, Question, Value

Table = Any  # Ibis publishes no types
Column = Any

EXPOSURES = ibis.table(
    {
        "unit_kind": "string",
        "unit": "string",
        "unit_key": "int64",
        "at": "int64",
        "arm": "string",
        "iteration": "string",
    },
    name="exposures",
)
OUTCOMES = ibis.table(
    {
        "unit_kind": "string",
        "unit_key": "int64",
        "at": "int64",
        "event": "string",
        "value": "float64",
        "data": "string",
    },
    name="outcomes",
)

DOUBLED, STRANGE = -1, -2  # in place of an arm's number
BUCKETS_MAX = 1_000  # a sender's clock may say anything; the last bucket holds all that is later
TIME_MAX = 2**60  # microseconds: 36,000 years; the sum of two such still fits 64 bits


def exposed(question: Question) -> Table:
    """One row for each unit: number of its arm, `first` exposure, offset of its bucket in microseconds.

    A unit seen in two arms is DOUBLED; one seen with no arm at all STRANGE. Exposures to a variation
    that is no arm mark the unit, and count for nothing else.
    """
    rows = _in_time(EXPOSURES, question)
    rows = rows.filter(rows.iteration == question.iteration, rows.unit_kind == question.unit)
    rows = rows.select("unit_key", "unit", at=rows.at, arm=_number(rows.arm, question))
    units = rows.group_by("unit_key").agg(
        first=_clamped(rows.at.min(where=rows.arm >= 0)),
        low=rows.arm.min(where=rows.arm >= 0),
        high=rows.arm.max(),
        least=rows.arm.min(),
        one=rows.unit.min(),
        other=rows.unit.max(),
        seen=rows.count(),
    )
    kind = ibis.cases((units.low < units.high, DOUBLED), (units.high < 0, STRANGE), else_=units.high)
    units = units.mutate(arm=kind)
    return units.select(
        "unit_key",
        "first",
        "seen",
        "arm",
        bucket=ibis.ifelse(units.arm >= 0, bucket(units.first, question), 0),
        stranger=(units.least < 0).cast("int64"),
        collided=(units.one != units.other).cast("int64"),
    )


def happened(question: Question, units: Table) -> Table:
    """Outcomes of units that are in an arm. For metric i, y{i} and x{i} are its number where the outcome
    counts for it: in its window after first exposure, or in the one before."""
    rows = _in_time(OUTCOMES, question)
    events = sorted({measured.event for measured in question.measured})
    rows = rows.filter(rows.event.isin(events), rows.unit_kind == question.unit)
    counted = units.filter(units.arm >= 0).select("unit_key", "arm", "first", "bucket")
    rows = rows.join(counted, "unit_key")
    numbers = {
        f"{name}{i}": ibis.ifelse(window, _number_of(rows, measured), None)
        for i, measured in enumerate(question.measured)
        for name, window in _windows(rows, measured).items()
    }
    return rows.select("unit_key", "arm", "at", "bucket", **numbers)


def sums(question: Question, rows: Table) -> dict[str, Column]:
    """How many outcomes count for each metric (yn{i}, xn{i}), and the sum of their numbers (ys{i}, xs{i})."""
    return {
        f"{name}{part}{i}": rows[f"{name}{i}"].count() if part == "n" else rows[f"{name}{i}"].sum()
        for i, measured in enumerate(question.measured)
        for name in variables(measured)
        for part in parts(measured)
    }


def parts(measured: Measured) -> str:
    """What of its outcomes is kept; a sum of nothing is null, and needs no number beside it."""
    return {Value.SUM: "s", Value.MEAN: "ns"}.get(measured.value, "n")


def variables(measured: Measured) -> tuple[str, ...]:
    return ("y", "x") if measured.before else ("y",)


def valued(measured: Measured, n: Column | None, total: Column | None) -> Column:
    """The unit's number, from how many outcomes count and their sum (see `parts`); null where none does."""
    if n is None:
        return total
    if measured.value is Value.MEAN:
        number = total / n
    else:
        number = (n if measured.value is Value.COUNT else ibis.least(n, 1)).cast("float64")
    return ibis.ifelse(n > 0, number, None)


def bucket(at: Column, question: Question) -> Column:
    """Microseconds from the start to the bucket that holds it; the first one holds all that is earlier."""
    offset = _between(0, _clamped(at) - question.started, BUCKETS_MAX * question.bucket - 1)
    return offset - offset % question.bucket


def _windows(rows: Table, measured: Measured) -> dict[str, Column]:
    """Which outcomes count; both ends belong to the window."""
    event, at, first = rows.event == measured.event, rows.at, rows.first
    inside = event & (at >= first + _within(measured.since or 0))
    if measured.until is not None:
        inside &= at <= first + _within(measured.until)
    if not measured.before:
        return {"y": inside}
    return {"y": inside, "x": event & (at < first) & (at >= first - _within(measured.before))}


def _number_of(rows: Table, measured: Measured) -> Column:
    """What an outcome adds: 1 where outcomes are counted. Where their values are, an outcome without one
    (null, not finite, or a property that is no number) is null, and so does not count."""
    if measured.value in (Value.OCCURRED, Value.COUNT):
        return ibis.literal(1, "int8")
    number = _property(rows.data, measured.field) if measured.field else rows.value
    return ibis.ifelse(number.abs() <= float_info.max, number, None)


def _property(data: Column, field: str) -> Column:
    """The property of that very name, else that of the object inside ("a.b")."""
    document = data.try_cast("json")
    paths = dict.fromkeys(((field,), tuple(field.split("."))))
    named = [_extracted(document, _path(steps)).float for steps in paths if all(steps)]
    return ibis.coalesce(*named) if named else ibis.null("float64")


def _path(steps: tuple[str, ...]) -> str:
    quoted = (step.replace("\\", "\\\\").replace('"', '\\"') for step in steps)
    return "$" + "".join(f'."{step}"' for step in quoted)


def _json_extract(document: Column, path: str) -> Column:
    """Called by its full name, which SQLGlot leaves alone. The short one, as Ibis' own `document[name]`, it
    writes anew, and (27.29) leaves the quotes in a name as they are: one could end the literal."""


_extracted: Any = ibis.udf.scalar.builtin(
    _json_extract, name="json_extract", database="main", signature=(("json", "string"), "json")
)


def _number(arm: Column, question: Question) -> Column:
    named = [(name, number) for number, name in enumerate(question.arms)]
    return arm.cases(*named, else_=STRANGE) if named else ibis.literal(STRANGE)


def _in_time(rows: Table, question: Question) -> Table:
    return rows if question.until is None else rows.filter(rows.at <= question.until)


def _within(span: int) -> int:
    return max(-TIME_MAX, min(span, TIME_MAX))


def _clamped(at: Column) -> Column:
    return _between(-TIME_MAX, at, TIME_MAX)


def _between(low: int, value: Column, high: int) -> Column:
    """Like `clip`, which writes its argument eight times."""
    return ibis.greatest(low, ibis.least(value, high))
