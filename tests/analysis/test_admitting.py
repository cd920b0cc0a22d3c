"""Who is let in, in sentences."""

from equipoise.analysis.admitting import sentences
from equipoise.domain.experiment.admission import Admission, Beside, HeldOut, InLayer

LAYER = InLayer("checkout", "Checkout", 40_000, 40_000, (Beside("exp-b", 30_000),))


def test_where_nobody_is_kept_out_nothing_is_said() -> None:
    assert sentences(Admission(), "user") == ()


def test_what_keeps_units_out_is_told_one_by_one_and_together() -> None:
    said = Admission(36_000, layer=LAYER, holdout=HeldOut("q4", "Q4", 10_000))
    assert sentences(said, "user") == (
        "In layer “Checkout”, which gives it 40 % of its users, beside exp-b (30 %).",
        "Holdout “Q4” keeps out 10 % of all users.",
        "36 % of all users are in an arm. Shares of arms are of those who are let in.",
    )


def test_a_reservation_that_grew_is_told_apart_from_what_is_given() -> None:
    grown = InLayer("checkout", "Checkout", 40_000, 55_000)
    _, later, _ = sentences(Admission(40_000, layer=grown), "")
    assert later == "By now 55 % is reserved for it, and given from the next iteration or phase on."


def test_of_many_others_a_few_are_named() -> None:
    crowd = tuple(Beside(f"exp-{at}", 1_000) for at in range(8))
    first, *_ = sentences(Admission(layer=InLayer("a", "A", 10_000, 10_000, crowd)), "user")
    assert first.endswith("exp-4 (1 %), 3 more.")


def test_a_share_of_traffic_and_a_ramp_say_what_they_are_of() -> None:
    assert sentences(Admission(20_000, 20_000), "user") == (
        "20 % of those whom its rule reaches are in an arm.",
    )
    ramp = Admission(50_000, 50_000, levels=(5_000, 25_000), level=25_000)
    assert sentences(ramp, "user") == (
        "A ramp of 5, 25 %, at 25 %: 50 % of those whom its rule reaches are in an arm.",
    )
