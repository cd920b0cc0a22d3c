"""What can be told of an experiment by looking at it."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance, Place
from equipoise.domain.experiment.state import MetricUse, facets, unstarted
from equipoise.domain.proposal import Proposal
from tests.domain.builders import BORN_AT, ID, after
from tests.domain.experiment.examples import (
    SECOND,
    a_ramp,
    an_iteration,
    by_segment,
    drafted,
    paused,
    running,
    stopped,
    the_facts,
    with_draft,
)


def test_an_experiment_is_found_by_what_it_uses() -> None:
    found = facets(drafted(tags=("money",), holdout="q4"))
    assert (found.name, found.status, found.archived) == ("New checkout", "draft", False)
    assert found.created_at == BORN_AT
    assert found.links == (
        ("flag", "checkout"),
        ("metric", "purchases"),
        ("tag", "money"),
        ("maintainer", ID),
        ("holdout", "q4"),
    )


def test_the_metrics_of_what_runs_and_of_the_draft_are_linked_once() -> None:
    metrics = (MetricUse("purchases"), MetricUse("visits"), MetricUse("funnel", group=True))
    now = with_draft(running(), metrics=metrics)
    measured = [link for link in facets(now).links if link[0] in ("metric", "group")]
    assert measured == [("metric", "purchases"), ("metric", "visits"), ("group", "funnel")]


def test_an_active_experiment_claims_its_rule() -> None:
    assert facets(running()).claims == ("rule:checkout:fallthrough",)
    assert facets(paused()).claims == ("rule:checkout:fallthrough",)
    assert facets(drafted()).claims == ()
    assert facets(stopped()).claims == ()


def test_an_experiment_claims_what_it_says_beside_its_rule_while_it_runs() -> None:
    claims = ("flow:login", "flow:signup")
    rule = "rule:checkout:fallthrough"
    assert facets(running(claims=claims)).claims == (rule, *claims)
    assert facets(paused(claims=claims)).claims == (rule,)
    assert facets(drafted(claims=claims)).claims == ()
    assert facets(stopped(claims=claims)).claims == ()


def test_the_segments_of_what_runs_and_of_the_draft_are_linked_once() -> None:
    beta, other = by_segment().arms
    proposal = Proposal((beta, replace(beta, segment="staff"), replace(beta, segment="beta"), other))
    now = with_draft(running(draft=an_iteration(proposal=by_segment())), proposal=proposal)
    segments = [link for link in facets(now).links if link[0] == "segment"]
    assert segments == [("segment", "beta"), ("segment", "staff")]
    assert not [link for link in facets(running()).links if link[0] == "segment"]


def test_shares_are_those_proposed_until_a_ramp_says_other() -> None:
    assert an_iteration().shares == (50_000, 50_000)
    assert an_iteration(proposal=by_segment()).shares == (0, 0)
    assert an_iteration(proposal=a_ramp(10_000, 30_000)).shares == (0, 0)
    for level, shares in ((10_000, (10_000, 10_000)), (60_000, (40_000, 50_000)), (100_000, (0, 50_000))):
        for now in (
            running(draft=an_iteration(proposal=a_ramp(level))),
            stopped(draft=an_iteration(proposal=a_ramp(level))),
        ):
            assert now.current is not None
            assert now.current.shares == shares


def test_a_draft_that_waits_claims_nothing() -> None:
    now = after(EXPERIMENT, with_draft(running()), Place("rule-1"))
    assert facets(now).claims == ("rule:checkout:fallthrough",)


def test_an_archived_experiment_says_so() -> None:
    assert facets(after(EXPERIMENT, stopped(), labels.Archive())).archived


def test_the_current_iteration_is_shown_before_the_draft() -> None:
    assert drafted().shown == drafted().draft
    now = with_draft(running())
    assert now.shown == now.current
    assert [each.id for each in now.iterations][-1] == SECOND


def test_without_its_life_an_iteration_is_the_plan_it_was() -> None:
    now = stopped()
    assert now.current is not None
    assert unstarted(now.current) == an_iteration()
    assert the_facts().on
    ramp = a_ramp(1_000, 2_000)
    climbed = after(EXPERIMENT, running(draft=an_iteration(proposal=ramp)), Advance(2_000))
    assert climbed.current is not None
    assert unstarted(climbed.current) == an_iteration(proposal=ramp)
