"""Rows of sums to Facts."""

from collections.abc import Sequence
from typing import Any

from equipoise.analysis.moments import Moments, X, Y, nothing
from equipoise.analysis.question import Cohort, Facts, Measured, Question
from equipoise.warehouse.units import DOUBLED, variables

Row = dict[str, Any]  # of aggregate.cohorts, column → value


def facts(question: Question, rows: Sequence[Row]) -> Facts:
    """All but the looks, and what only the engine knows."""
    in_arms = arms(rows)
    return Facts(
        cohorts=tuple(_cohort(question, row) for row in in_arms),
        looks=(),
        doubled=sum(row["units"] for row in rows if row["arm"] == DOUBLED),
        strangers=_total(rows, "stranger"),
        collisions=_total(rows, "collided"),
        exposures=_total(rows, "seen"),
        outcomes=_total(rows, "happened"),
    )


def arms(rows: Sequence[Row]) -> list[Row]:
    """Those of units that are in an arm, in order of arm and bucket."""
    return sorted((row for row in rows if row["arm"] >= 0), key=lambda row: (row["arm"], row["bucket"]))


def centres(question: Question, rows: Sequence[Row]) -> tuple[tuple[float, float], ...]:
    """For each metric the mean of y over units with outcomes, and of x over all: any number will do, one
    near the mean keeps the digits."""
    found = arms(rows)
    return tuple(_centre(found, i, measured) for i, measured in enumerate(question.measured))


def mean(row: Row, name: str, i: int) -> float:
    """Of a variable of metric i in a cohort; 0 where no unit has a value."""
    return float(row[f"{name}{i}_0"] + row[f"{name}{i}_1"] / row[f"n{i}"]) if row[f"n{i}"] else 0.0


def product(row: Row, name: str, i: int) -> float:
    """Sum of squared deviations from that mean."""
    if not row[f"n{i}"]:
        return 0.0
    return max(float(row[f"{name}{i}_2"] - row[f"{name}{i}_1"] * row[f"{name}{i}_1"] / row[f"n{i}"]), 0.0)


def _centre(rows: Sequence[Row], i: int, measured: Measured) -> tuple[float, float]:
    n, had = sum(row[f"n{i}"] for row in rows), sum(row[f"had{i}"] for row in rows)
    filled = (measured.missing or 0.0) * (n - had)
    y = (sum(row[f"n{i}"] * mean(row, Y, i) for row in rows) - filled) / had if had else 0.0
    x = sum(row[f"n{i}"] * mean(row, X, i) for row in rows) / n if n and measured.before else 0.0
    return y, x


def _total(rows: Sequence[Row], name: str) -> int:
    return sum(int(row[name] or 0) for row in rows)


def _cohort(question: Question, row: Row) -> Cohort:
    return Cohort(
        arm=question.arms[row["arm"]],
        bucket=question.started + row["bucket"],
        units=row["units"],
        moments={
            measured.name: _moments(row, i, variables(measured))
            for i, measured in enumerate(question.measured)
        },
    )


def _moments(row: Row, i: int, names: tuple[str, ...]) -> Moments:
    n, missing = row[f"n{i}"], row["units"] - row[f"n{i}"]
    if not n:
        none = nothing(names)
        return Moments(names, 0, missing, none.means, none.products, none.cubes, none.low, none.high)
    squares = {name: product(row, name, i) for name in names}
    mixed = row[f"xy{i}"] - row[f"x{i}_1"] * row[f"y{i}_1"] / n if X in names else 0.0
    return Moments(
        variables=names,
        n=n,
        missing=missing,
        means=tuple(mean(row, name, i) for name in names),
        products=tuple(tuple(squares[a] if a == b else mixed for b in names) for a in names),
        cubes=tuple(_cube(row, name, i) for name in names),
        low=tuple(row[f"{name}{i}_low"] for name in names),
        high=tuple(row[f"{name}{i}_high"] for name in names),
    )


def _cube(row: Row, name: str, i: int) -> float:
    off = row[f"{name}{i}_1"] / row[f"n{i}"]
    return float(row[f"{name}{i}_3"] - 3 * off * row[f"{name}{i}_2"] + 2 * off * off * row[f"{name}{i}_1"])
