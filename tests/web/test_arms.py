"""Arms on a page: shares of all units, whatever lets them in."""

from equipoise.domain.experiment.state import Iteration
from equipoise.domain.proposal import Proposal
from equipoise.web.arms import arms_of, rest_of
from tests.domain.builders import OFF, ON, a_flag
from tests.domain.experiment.examples import a_ramp, an_arm, an_iteration, running

FEW = Proposal((an_arm(OFF, 10_000, control=True), an_arm(ON, 20_000)))


def started(proposal: Proposal) -> Iteration:
    current = running(draft=an_iteration(proposal=proposal)).current
    assert current is not None
    return current


def test_what_is_let_in_is_shown_as_shares_of_all_as_it_was_proposed() -> None:
    for iteration in (an_iteration(proposal=FEW), started(FEW)):
        assert [(arm.share, arm.left) for arm in arms_of(iteration, a_flag())] == [
            (10_000, 0),
            (20_000, 10_000),
        ]
        assert rest_of(iteration) == 70_000


def test_along_a_ramp_the_shares_are_those_that_are_counted() -> None:
    iteration = started(a_ramp(30_000))
    assert [arm.share for arm in arms_of(iteration, a_flag())] == [30_000, 30_000]
    assert rest_of(iteration) == 40_000
