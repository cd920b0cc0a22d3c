"""Chance, and the streak of luck that is planted."""

from random import Random

import pytest
from scipy.stats import chi2_contingency

from equipoise.cli.demo.luck import STREAK, Tally, chance, streak

RATES = (0.15, 0.15)


def arms(random: Random, count: int = 1_500) -> list[bool]:
    return [random.random() < 0.5 for _ in range(count)]


def test_a_tally_counts_each_arm_by_itself() -> None:
    tally = Tally().with_day([True, True, False], [True, False, True])
    assert tally == Tally(units=(1, 2), successes=(1, 1))


def test_the_p_value_is_that_of_the_test_it_pretends_to_be() -> None:
    tally = Tally(units=(1_000, 1_100), successes=(150, 200))
    table = [[150, 850], [200, 900]]
    assert tally.p == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-9)


def test_nothing_is_called_while_nothing_can_be_said() -> None:
    assert Tally().p == 1.0
    assert Tally(units=(10, 10), successes=(0, 0)).p == 1.0
    assert Tally(units=(10, 10), successes=(10, 10)).p == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_a_streak_fools_a_t_test_on_day_three_and_is_drawn_of_the_true_rates(seed: int) -> None:
    random, tally = Random(seed), Tally()
    for day, (low, high) in enumerate(STREAK):
        today = arms(random)
        tally = tally.with_day(today, streak(random, RATES, today, tally, day))
        assert low <= tally.z <= high
    assert tally.p < 0.05
    assert sum(tally.successes) / sum(tally.units) == pytest.approx(RATES[0], abs=0.02)


def test_after_the_streak_no_second_one_comes() -> None:
    random, tally = Random(3), Tally()
    for day in range(14):
        today = arms(random)
        tally = tally.with_day(today, streak(random, RATES, today, tally, day))
        assert abs(tally.z) <= 2.5


def test_chance_follows_the_rate_of_the_arm() -> None:
    random = Random(5)
    today = arms(random, 20_000)
    tally = Tally().with_day(today, chance(random, (0.2, 0.24), today))
    assert tally.successes[0] / tally.units[0] == pytest.approx(0.2, abs=0.01)
    assert tally.successes[1] / tally.units[1] == pytest.approx(0.24, abs=0.01)
