"""The two plans: moments by cohort, and the states that the looks are made of."""

from typing import Any

import ibis

from equipoise.analysis.question import Measured, Question
from equipoise.warehouse.units import bucket, exposed, happened, parts, sums, valued, variables

Table = Any
Column = Any


def cohorts(question: Question) -> Table:
    """Sums for each arm and bucket of first exposure, and for those who are in no arm (see `exposed`).

    Deviations are from the mean of the cohort, taken first; what rounding left in that mean is in the
    sums of deviations (y1, x1), and comes off later: Chan, Golub & LeVeque 1983, "corrected two-pass".
    """
    units = _values(question)
    keys = ["arm", "bucket"]
    names = [f"{name}{i}" for i, measured in enumerate(question.measured) for name in variables(measured)]
    if not names:
        return units.group_by(keys).agg(**_counts(units))
    means = units.group_by(keys).agg(**{f"mean_{name}": units[name].mean() for name in names})
    centred = units.join(means, keys)
    columns = _counts(centred)
    for i, measured in enumerate(question.measured):
        columns |= _deviations(centred, i, measured)
    return centred.group_by(keys).agg(**columns)


def states(question: Question, centres: tuple[tuple[float, float], ...]) -> Table:
    """What units with outcomes were worth, and for how long: sums for each arm, bucket in which a state
    began and bucket in which the next one did (-1 for none). A state lasts while a unit's outcomes stay
    as they are, so a look is the sum of the states that had begun and had not ended: nothing is subtracted.

    centres  for each metric what is taken off y and off x before squaring, about their mean
    """
    rows = happened(question, exposed(question))
    counts = [rows[f"{name}{i}"].notnull() for i, m in enumerate(question.measured) for name in variables(m)]
    rows = rows.filter(ibis.or_(*counts))
    rows = rows.mutate(bucket=ibis.greatest(rows.bucket, bucket(rows.at, question)))
    steps = rows.group_by(["unit_key", "bucket"]).agg(arm=rows.arm.min(), **sums(question, rows))
    so_far = ibis.cumulative_window(group_by="unit_key", order_by="bucket")
    columns = {"ends": steps.bucket.lead().over(ibis.window(group_by="unit_key", order_by="bucket"))}
    for i, measured in enumerate(question.measured):
        for name in variables(measured):
            for part in parts(measured):  # of x too: all of it is in a unit's first bucket
                column = f"{name}{part}{i}"
                columns[column] = steps[column].sum().over(so_far)
    running = steps.select("arm", "bucket", **columns)
    shifted = running.select(
        "arm", "bucket", ends=running.ends.fill_null(-1), **_shifted(question, running, centres)
    )
    products: dict[str, Column] = {}
    for i, measured in enumerate(question.measured):
        products |= _products(shifted, i, measured)
    return shifted.group_by(["arm", "bucket", "ends"]).agg(**products)


def _values(question: Question) -> Table:
    """One row for each unit: y{i} and x{i} of each metric, null where it has none; had{i} where y{i} comes
    from outcomes."""
    units = exposed(question)
    kept = ["arm", "bucket", "seen", "stranger", "collided"]
    if not question.measured:
        return units.select(*kept, happened=ibis.literal(0))
    rows = happened(question, units)
    done = rows.group_by("unit_key").agg(happened=rows.count(), **sums(question, rows))
    joined = units.left_join(done, "unit_key").select(*kept, *(done[name] for name in done.columns[1:]))
    columns: dict[str, Column] = {"happened": joined.happened}
    for i, measured in enumerate(question.measured):
        y = _value(joined, i, "y", measured)
        columns[f"had{i}"] = y.notnull().cast("int64")
        columns[f"y{i}"] = y if measured.missing is None else y.fill_null(measured.missing)
        if measured.before:
            x = _value(joined, i, "x", measured).fill_null(measured.missing or 0.0)
            columns[f"x{i}"] = x if measured.missing is not None else ibis.ifelse(y.notnull(), x, None)
    return joined.select(*kept, **columns)


def _value(table: Table, i: int, name: str, measured: Measured) -> Column:
    n, total = (table[f"{name}{part}{i}"] if part in parts(measured) else None for part in "ns")
    return valued(measured, n, total)


def _counts(units: Table) -> dict[str, Column]:
    names = ("seen", "stranger", "collided", "happened")
    return {"units": units.count()} | {name: units[name].sum() for name in names}


def _deviations(units: Table, i: int, measured: Measured) -> dict[str, Column]:
    columns: dict[str, Column] = {f"n{i}": units[f"y{i}"].count(), f"had{i}": units[f"had{i}"].sum()}
    for name in variables(measured):
        value, mean = units[f"{name}{i}"], units[f"mean_{name}{i}"]
        off = value - mean
        columns |= {
            f"{name}{i}_0": mean.max(),
            f"{name}{i}_1": off.sum(),
            f"{name}{i}_2": (off * off).sum(),
            f"{name}{i}_3": (off * off * off).sum(),
            f"{name}{i}_low": value.min(),
            f"{name}{i}_high": value.max(),
        }
    if measured.before:
        y, x = units[f"y{i}"] - units[f"mean_y{i}"], units[f"x{i}"] - units[f"mean_x{i}"]
        columns[f"xy{i}"] = (y * x).sum()
    return columns


def _shifted(
    question: Question, running: Table, centres: tuple[tuple[float, float], ...]
) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for i, (measured, (y0, x0)) in enumerate(zip(question.measured, centres, strict=True)):
        y = _value(running, i, "y", measured)
        columns[f"y{i}"] = y - y0
        if measured.before:
            x = _value(running, i, "x", measured).fill_null(measured.missing or 0.0)
            columns[f"x{i}"] = ibis.ifelse(y.notnull(), x - x0, None)
    return columns


def _products(shifted: Table, i: int, measured: Measured) -> dict[str, Column]:
    y = shifted[f"y{i}"]
    columns = {f"n{i}": y.count(), f"y{i}": y.sum(), f"yy{i}": (y * y).sum()}
    if measured.before:
        x = shifted[f"x{i}"]
        columns |= {f"x{i}": x.sum(), f"xx{i}": (x * x).sum(), f"xy{i}": (x * y).sum()}
    return columns
