"""Whether units came in the shares that were planned."""

from collections.abc import Sequence
from math import exp, log

from equipoise.analysis.statistics import special

CONCENTRATION = (
    10_000  # how near to the plan a broken split is thought to be; higher finds smaller faults, later
)


def chi_square(units: Sequence[int], shares: Sequence[float]) -> float:
    """p-value of the counts under the planned shares, for one look.

    shares  relative, in the order of `units`; arms of share 0 are left out
    returns 1.0 where there are fewer than two arms or no units
    """
    counts, weights = _planned(units, shares)
    total = sum(counts)
    if len(counts) < 2 or not total:
        return 1.0
    found = sum((n - total * share) ** 2 / (total * share) for n, share in zip(counts, weights, strict=True))
    return float(special.chdtrc(len(counts) - 1, found))


def sequential(increments: Sequence[Sequence[int]], shares: Sequence[float]) -> float:
    """p-value of the counts under the planned shares, valid at all looks at once.

    increments  new units by arm, one row for each look, in order of time
    shares      relative, in the order of the arms; arms of share 0 are left out
    returns     one over the greatest Bayes factor so far; 1.0 where there are fewer than two arms
    source      Lindon & Malek, Anytime-valid inference for multinomial count data, NeurIPS 2022, eq. 7 and
                theorem 2.2; Dirichlet prior of 10,000 times the shares
    """
    best, so_far = 0.0, [0] * len(shares)
    for row in increments:
        so_far = [before + new for before, new in zip(so_far, row, strict=True)]
        best = max(best, log_bayes_factor(so_far, shares))
    return exp(-best)


def log_bayes_factor(units: Sequence[int], shares: Sequence[float]) -> float:
    """Log of the evidence for shares near the plan over that for the plan; 0 with fewer than two arms."""
    counts, weights = _planned(units, shares)
    if len(counts) < 2:
        return 0.0
    total = float(special.gammaln(CONCENTRATION) - special.gammaln(CONCENTRATION + sum(counts)))
    return total + sum(_evidence(n, share) for n, share in zip(counts, weights, strict=True))


def _evidence(n: int, share: float) -> float:
    prior = CONCENTRATION * share
    return float(special.gammaln(prior + n) - special.gammaln(prior)) - n * log(share)


def _planned(units: Sequence[int], shares: Sequence[float]) -> tuple[list[int], list[float]]:
    whole = sum(shares)
    kept = [(n, share / whole) for n, share in zip(units, shares, strict=True) if share > 0]
    return [n for n, _ in kept], [share for _, share in kept]
