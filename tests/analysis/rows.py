"""Rows of units for tests, and the moments that a warehouse would make of them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.analysis.moments import Moments, X, Y
from tests.contracts.launchdarkly import shared

Floats = NDArray[np.float64]


def moments_of(y: Floats, x: Floats | None = None) -> Moments:
    """Two-pass moments: the reference. NaN in y is a missing value."""
    kept = ~np.isnan(y)
    columns = [each[kept].astype(np.float64) for each in ([y] if x is None else [y, x])]
    away = [each - each.mean() for each in columns]
    return Moments(
        variables=(Y, X)[: len(columns)],
        n=int(kept.sum()),
        missing=int((~kept).sum()),
        means=tuple(float(each.mean()) for each in columns),
        products=tuple(tuple(float(one @ two) for two in away) for one in away),
        cubes=tuple(float((each**3).sum()) for each in away),
        low=tuple(float(each.min()) for each in columns),
        high=tuple(float(each.max()) for each in columns),
    )


def converted(hits: int, units: int) -> Moments:
    """Zeros and ones."""
    return moments_of(np.repeat([1.0, 0.0], [hits, units - hits]))


def data(name: str) -> Path:
    """A file of real experiments; the test is left out where this clone has none."""
    folder = shared()
    if folder is None or not (folder / "data" / name).is_file():
        pytest.skip("the data sets are not here")
    return folder / "data" / name


def table(name: str) -> dict[str, Floats]:
    """Columns of numbers of a data set; what is empty or no number is NaN."""
    with data(name).open() as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([_number(row[key]) for row in rows]) for key in rows[0]}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
