"""What was known at the end of each bucket, from sums over states (see aggregate.states)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.analysis.moments import Moments
from equipoise.analysis.question import Look, Measured, Question
from equipoise.warehouse.answers import Row, arms, centres, mean, product
from equipoise.warehouse.units import variables

Array = Any  # numpy, floats, one for each bucket


def looks(question: Question, rows: Sequence[Row], columns: Mapping[str, Array]) -> tuple[Look, ...]:
    """For each metric and arm, one at the end of each bucket: from the first bucket with an exposure to the
    last with an exposure or an outcome that counts, the same for all.

    rows     of aggregate.cohorts; at least one of them in an arm
    columns  of aggregate.states
    """
    in_arms = arms(rows)
    cohort = np.array([row["bucket"] for row in in_arms]) // question.bucket
    began, ends = columns["bucket"] // question.bucket, columns["ends"] // question.bucket
    first, last = int(cohort.min()), int(max(cohort.max(), began.max(initial=0)))
    buckets = [question.started + k * question.bucket for k in range(first, last + 1)]
    size, middles = len(buckets), centres(question, rows)
    found: dict[tuple[int, int], list[Moments]] = {}
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # values near the largest double: not finite, and no error
        for arm in range(len(question.arms)):
            in_arm = columns["arm"] == arm
            ending = np.where(ends[in_arm] < 0, size, ends[in_arm] - first)
            states = _States(columns, in_arm, began[in_arm] - first, ending, size)
            joined = [row for row in in_arms if row["arm"] == arm]
            entered = _Entered(joined, [row["bucket"] // question.bucket - first for row in joined], size)
            for i, measured in enumerate(question.measured):
                found[i, arm] = list(_run(i, measured, middles[i], states, entered))
    return tuple(
        Look(measured.name, arm, bucket, moments)
        for i, measured in enumerate(question.measured)
        for j, arm in enumerate(question.arms)
        for bucket, moments in zip(buckets, found[i, j], strict=True)
    )


class _States:
    """Sums over the states of one arm that last at the end of each bucket."""

    def __init__(
        self, columns: Mapping[str, Array], rows: Array, began: Array, ends: Array, size: int
    ) -> None:
        self._columns, self._rows, self._at, self._size = columns, rows, (began, ends), size

    def __getitem__(self, name: str) -> Array:
        """Adds up, and takes nothing off: what ended leaves no rounding behind."""
        sums = np.zeros((self._size, self._size + 1))
        values = np.ma.filled(self._columns[name][self._rows].astype(float), 0.0)
        np.add.at(sums, self._at, values)
        begun = np.cumsum(sums, axis=0)
        lasting = np.cumsum(begun[:, ::-1], axis=1)[:, ::-1]  # [b, e]: ends in bucket e or later
        steps = np.arange(self._size)
        return lasting[steps, steps + 1]


class _Entered:
    """Sums over the units of one arm exposed by the end of each bucket."""

    def __init__(self, rows: Sequence[Row], buckets: Sequence[int], size: int) -> None:
        self._rows, self._buckets, self._size = rows, buckets, size

    def total(self, values: Sequence[float]) -> Array:
        sums = np.zeros(self._size)
        np.add.at(sums, np.array(self._buckets, dtype=int), np.array(values, dtype=float))
        return np.cumsum(sums)

    def units(self) -> Array:
        return self.total([row["units"] for row in self._rows])

    def x(self, i: int, centre: float) -> tuple[Array, Array]:
        """Deviations of x from the centre, and their squares."""
        off = [mean(row, "x", i) - centre for row in self._rows]
        n = [row[f"n{i}"] for row in self._rows]
        squares = [product(row, "x", i) + k * d * d for row, k, d in zip(self._rows, n, off, strict=True)]
        return self.total([k * d for k, d in zip(n, off, strict=True)]), self.total(squares)


def _run(
    i: int, measured: Measured, centre: tuple[float, float], states: _States, entered: _Entered
) -> Iterator[Moments]:
    """Units with outcomes, about their own mean; those without, if they have a value, are all alike; then
    both together as in Chan, Golub & LeVeque 1979."""
    names, (y0, x0), units = variables(measured), centre, entered.units()
    had, sy = states[f"n{i}"], states[f"y{i}"]
    empty = np.zeros_like(had) if measured.missing is None else units - had
    n, filled = had + empty, measured.missing or 0.0
    y = y0 + _ratio(sy, had)
    between = _ratio(had * empty, n)
    means = [np.where(empty == 0, y, filled + _ratio(had, n) * (y - filled))]
    yy = states[f"yy{i}"] - _ratio(sy * sy, had) + between * (y - filled) ** 2
    products = [[yy]]
    if "x" in names:
        sx = states[f"x{i}"]
        all_x, all_xx = (sx, states[f"xx{i}"]) if measured.missing is None else entered.x(i, x0)
        apart = _ratio(sx, had) - _ratio(all_x - sx, empty)
        xy = states[f"xy{i}"] - _ratio(sx * sy, had) + between * (y - filled) * apart
        means.append(x0 + _ratio(all_x, n))
        products = [[yy, xy], [xy, all_xx - _ratio(all_x * all_x, n)]]
    for b in range(len(n)):
        yield _moments(names, int(n[b]), int(units[b] - n[b]), [m[b] for m in means], products, b)


def _moments(
    names: tuple[str, ...], n: int, missing: int, means: list[float], products: list[list[Array]], b: int
) -> Moments:
    none = (0.0,) * len(names)
    square = tuple(
        tuple(max(float(cell[b]), 0.0) if i == j else float(cell[b]) for j, cell in enumerate(line))
        for i, line in enumerate(products)
    )
    return Moments(names, n, missing, tuple(map(float, means)) if n else none, square, none, none, none)


def _ratio(over: Array, under: Array) -> Array:
    """0 where there is nothing to divide by."""
    return np.divide(over, under, out=np.zeros_like(over), where=under != 0)
