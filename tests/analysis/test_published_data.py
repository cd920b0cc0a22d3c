"""Real experiments, and what scipy and statsmodels made of them."""

import json

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray

from equipoise.analysis.compare import compare, fixed_horizon
from equipoise.analysis.moments import Moments
from equipoise.analysis.results import Estimate
from equipoise.analysis.statistics.cuped import cuped
from equipoise.analysis.statistics.srm import chi_square, sequential
from equipoise.analysis.statistics.welch import welch
from tests.analysis.rows import Floats, converted, data, moments_of, table


def earnings() -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Earnings as they were published, in single precision; earlier ones; who was trained."""
    columns = table("lalonde_nsw.csv")
    return columns["re78"].astype(np.float32).astype(float), columns["re75"], columns["treat"] == 1


def of(arm: Moments, other: Moments, *, binary: bool = False) -> Estimate:
    found = compare(arm, other, alpha=0.05, binary=binary)[1]
    assert found is not None
    return found


def test_job_training_raised_earnings_by_what_was_published() -> None:
    y, _, trained = earnings()
    found = of(moments_of(y[trained]), moments_of(y[~trained]))
    assert f"{found.difference:.4f}" == "1794.3424"
    assert f"{found.difference / (found.standard_error or 1):.10f}" == "2.6741454880"
    assert f"{found.degrees:.7f}" == "307.1324945"
    assert f"{found.p_value:.10f}" == "0.0078929783"


def test_welchs_error_is_that_of_regression_with_hc2() -> None:
    y, _, trained = earnings()
    hc2 = sm.OLS(y, sm.add_constant(trained.astype(float))).fit(cov_type="HC2").bse[1]
    found = of(moments_of(y[trained]), moments_of(y[~trained]))
    assert found.standard_error == pytest.approx(hc2, rel=1e-9)
    assert found.standard_error == pytest.approx(670.9965465, rel=1e-8)


def test_adjusted_for_earlier_earnings_it_is_lins_figure() -> None:
    _, x, trained = earnings()
    y = table("lalonde_nsw.csv")["re78"]
    found = fixed_horizon(
        cuped(moments_of(y[trained], x[trained]), moments_of(y[~trained], x[~trained])), 0.05
    )
    assert f"{found.difference:.7f}" == "1749.0515311"
    # HC2 is another estimate of the same error: docs/reference/statistics.md says how far apart they are
    assert found.standard_error == pytest.approx(669.5239995, rel=0.005)
    assert found.standard_error == pytest.approx(671.3372062, rel=1e-9)


def test_an_incentive_makes_people_collect_a_result_and_missing_answers_are_left_out() -> None:
    columns = table("thornton_hiv.csv")
    paid, got, village = columns["any"], columns["got"], columns["villnum"]
    kept = ~np.isnan(paid) & ~np.isnan(village)
    arms = [moments_of(got[kept & (paid == which)]) for which in (1, 0)]
    assert sum(arm.n for arm in arms) == 2_830
    found = of(*arms, binary=True)
    assert f"{found.difference:.10f}" == "0.4519822744"
    assert f"{found.standard_error:.10f}" == "0.0208595406"
    shares = [moments_of(got[paid == which]).mean() for which in (1, 0)]
    assert [f"{share:.4f}" for share in shares] == ["0.7892", "0.3387"]


@pytest.fixture
def gates() -> tuple[dict[str, int], dict[str, int]]:
    told = json.loads(data("cookie_cats_aggregates.json").read_text())
    return told["gate_40"], told["gate_30"]


def test_a_later_gate_loses_players_after_a_week(gates: tuple[dict[str, int], dict[str, int]]) -> None:
    found = of(*(converted(gate["retention_7"], gate["n"]) for gate in gates), binary=True)
    assert f"{found.difference / (found.standard_error or 1):.9f}" == "-3.164028947"
    assert f"{found.p_value:.9f}" == "0.001556530"
    assert f"{found.interval.low:.10f}" == "-0.0132816770"
    assert f"{found.interval.high:.10f}" == "-0.0031209196"


def test_after_a_day_the_loss_is_not_clear(gates: tuple[dict[str, int], dict[str, int]]) -> None:
    found = of(*(converted(gate["retention_1"], gate["n"]) for gate in gates), binary=True)
    assert f"{found.difference / (found.standard_error or 1):.9f}" == "-1.784077487"
    assert f"{found.p_value:.9f}" == "0.074414437"


def test_one_player_with_fifty_thousand_rounds_is_pointed_out() -> None:
    told = json.loads(data("cookie_cats_aggregates.json").read_text())
    arms = []
    for name in ("gate_40", "gate_30"):
        n, rounds = told[name]["n"], told[name]["gamerounds"]
        arms.append(
            Moments(
                n=n,
                means=(rounds["mean"],),
                products=((rounds["var"] * (n - 1),),),
                high=(rounds["max"],),
            )
        )
    found = fixed_horizon(welch(*arms), 0.05)
    assert f"{found.difference / (found.standard_error or 1):.9f}" == "-0.885437433"
    assert f"{found.p_value:.9f}" == "0.375924384"
    assert "dominant_unit" in {each.code for each in compare(*arms, alpha=0.05)[2]}


def test_the_gates_split_is_shown_and_does_not_alarm(gates: tuple[dict[str, int], dict[str, int]]) -> None:
    units = [gates[1]["n"], gates[0]["n"]]
    assert f"{chi_square(units, [1, 1]):.9f}" == "0.008607988"
    assert sequential([units], [1, 1]) > 0.001
