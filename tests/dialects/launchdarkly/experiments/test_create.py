from typing import Any

import pytest

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.identity import INSTANCE
from equipoise.domain.project import PROJECT
from equipoise.domain.project.commands import SetUnits
from tests.dialects.launchdarkly.experiments.shop import (
    ALL,
    HERE,
    NEW,
    OLD,
    RULE,
    Shop,
    places,
)


def test_an_experiment_is_born_with_its_first_iteration(shop: Shop) -> None:
    made = shop.create(description="why", tags=["b", "a", "b"])
    assert made["key"] == "new-checkout"
    assert made["description"] == "why"
    assert made["tags"] == ["b", "a"]
    assert made["_maintainerId"] == shop.surface.owner
    assert made["environmentKey"] == "production"
    assert made["methodology"] == "frequentist"
    assert made["dataSource"] == "launchdarkly"
    assert made["type"] == "experiment"
    assert made["_links"]["self"]["href"] == f"{ALL}/new-checkout"
    assert made["_links"]["parent"]["href"] == "/api/v2/projects/default/environments/production"
    current = made["currentIteration"]
    assert current["status"] == "not_started"
    assert current["version"] == 1
    assert current["randomizationUnit"] == "user"
    assert current["canReshuffleTraffic"] is True
    assert current["primarySingleMetric"]["key"] == "purchase"
    assert current["primarySingleMetricKey"] == "purchase"
    assert current["flags"]["checkout"]["targetingRule"] == "fallthrough"
    assert current["flags"]["checkout"]["notInExperimentVariationId"] == OLD
    assert [each["_id"] for each in current["treatments"]] == [OLD, NEW]
    assert [each["allocationPercent"] for each in current["treatments"]] == ["50", "50"]
    assert made["draftIteration"] == current


def test_a_draft_may_be_as_thin_as_the_vendors_example(shop: Shop) -> None:
    thin = {
        "hypothesis": "",
        "metrics": [],
        "treatments": [shop.arm("one", NEW, "10", baseline=False)],
        "flags": shop.flags(),
    }
    current = shop.create(iteration=thin)["currentIteration"]
    assert current["metrics"] == []
    assert "primarySingleMetric" not in current
    assert [each["allocationPercent"] for each in current["treatments"]] == ["10"]


def test_a_treatment_may_be_given_nothing_yet(shop: Shop) -> None:
    made = shop.create(iteration=shop.iteration(treatments=shop.arms("0", "0")))
    assert [each["allocationPercent"] for each in made["currentIteration"]["treatments"]] == ["0", "0"]


def test_the_first_metric_decides_where_none_is_said_to(shop: Shop) -> None:
    metrics = [{"key": "basket"}, {"key": "purchase"}]
    made = shop.create(iteration=shop.iteration(metrics=metrics, primarySingleMetricKey=...))
    assert made["currentIteration"]["primarySingleMetric"]["key"] == "basket"


def test_the_old_mark_of_the_primary_metric_is_understood(shop: Shop) -> None:
    metrics = [{"key": "basket"}, {"key": "purchase", "primary": True}]
    made = shop.create(iteration=shop.iteration(metrics=metrics, primarySingleMetricKey=...))
    assert made["currentIteration"]["primarySingleMetric"]["key"] == "purchase"
    assert [each["key"] for each in made["currentIteration"]["secondaryMetrics"]] == ["basket"]


def test_a_primary_metric_is_measured_even_when_the_list_leaves_it_out(shop: Shop) -> None:
    made = shop.create(iteration=shop.iteration(metrics=[]))
    assert [each["key"] for each in made["currentIteration"]["metrics"]] == ["purchase"]


def test_percentages_are_echoed_as_sent_and_kept_exactly(shop: Shop) -> None:
    made = shop.create(iteration=shop.iteration(treatments=shop.arms("33.30", "33.333333")))
    texts = [each["allocationPercent"] for each in made["currentIteration"]["treatments"]]
    assert texts == ["33.30", "33.333333"]
    draft = shop.stored(EXPERIMENT, HERE, "new-checkout").draft
    assert [arm.share for arm in draft.proposal.arms] == [33_300, 33_333]


def test_a_rule_of_the_flag_may_be_under_experiment(shop: Shop) -> None:
    made = shop.create(iteration=shop.iteration(flags=shop.flags(ruleId=RULE)))
    placed = made["currentIteration"]["flags"]["checkout"]
    assert placed["targetingRule"] == RULE
    assert placed["targetingRuleDescription"] == "at home"
    assert placed["targetingRuleClauses"][0]["attribute"] == "country"


def test_what_only_this_surface_has_is_kept(shop: Shop) -> None:
    holdout = shop.holdout("q4")
    made = shop.create(
        type="mab",
        dataSource="snowflake",
        holdoutId=holdout,
        analysisConfig={"bayesianThreshold": "95", "testDirection": "two-sided"},
        iteration=shop.iteration(
            reallocationFrequencyMillis=3_600_000, covariateId="c", attributes=["country", "country"]
        ),
    )
    assert made["type"] == "mab"
    assert made["methodology"] == "bayesian"
    assert made["dataSource"] == "snowflake"
    assert made["holdoutId"] == holdout
    assert made["analysisConfig"] == {"bayesianThreshold": "95", "testDirection": "two-sided"}
    assert made["currentIteration"]["reallocationFrequencyMillis"] == 3_600_000
    assert made["currentIteration"]["attributes"] == ["country"]


def test_without_a_default_unit_a_draft_has_none(shop: Shop) -> None:
    shop.settle(PROJECT, shop.stored(PROJECT, INSTANCE, "default"), SetUnits(()))
    assert "randomizationUnit" not in shop.create()["currentIteration"]


# what is refused


def iteration(**fields: Any) -> Any:
    return lambda shop: shop.body(iteration=shop.iteration(**fields))


def treated(**fields: Any) -> Any:
    """The second treatment with other fields."""

    def body(shop: Shop) -> Any:
        first, second = shop.arms("50", "50")
        return shop.body(iteration=shop.iteration(treatments=[first, second | fields]))

    return body


def flagged(**fields: Any) -> Any:
    return lambda shop: shop.body(iteration=shop.iteration(flags=shop.flags(**fields)))


FIRST, SECOND = "iteration.treatments[0]", "iteration.treatments[1]"
BAD: dict[str, tuple[Any, str]] = {
    "no name": (lambda shop: shop.body(name=...), "name"),
    "a blank name": (lambda shop: shop.body(name=" "), "name"),
    "a key with a space": (lambda shop: shop.body(key="a b"), "key"),
    "an empty key": (lambda shop: shop.body(key=""), "key"),
    "no iteration": (lambda shop: shop.body(iteration=...), "iteration"),
    "a list for a body": (lambda shop: [], ""),
    "tags that are no list": (lambda shop: shop.body(tags="a"), "tags"),
    "an unknown methodology": (lambda shop: shop.body(methodology="tea"), "methodology"),
    "an unknown type": (lambda shop: shop.body(type="tea"), "type"),
    "an unknown data source": (lambda shop: shop.body(dataSource="databricks"), "dataSource"),
    "a bandit by frequentist rules": (
        lambda shop: shop.body(type="mab", methodology="frequentist"),
        "methodology",
    ),
    "a maintainer nobody knows": (lambda shop: shop.body(maintainerId="f" * 24), "maintainerId"),
    "a threshold that is no number": (
        lambda shop: shop.body(analysisConfig={"bayesianThreshold": "high"}),
        "analysisConfig.bayesianThreshold",
    ),
    "two baselines": (treated(baseline=True), "iteration.treatments"),
    "a percentage that is no string": (treated(allocationPercent=50), f"{SECOND}.allocationPercent"),
    "a percentage that is no number": (treated(allocationPercent="half"), f"{SECOND}.allocationPercent"),
    "a percentage that is nothing": (treated(allocationPercent=""), f"{SECOND}.allocationPercent"),
    "not a number": (treated(allocationPercent="NaN"), f"{SECOND}.allocationPercent"),
    "infinity": (treated(allocationPercent="Infinity"), f"{SECOND}.allocationPercent"),
    "a negative percentage": (treated(allocationPercent="-1"), f"{SECOND}.allocationPercent"),
    "an exponent": (treated(allocationPercent="1e1"), f"{SECOND}.allocationPercent"),
    "a silly exponent": (treated(allocationPercent="1e999999999"), f"{SECOND}.allocationPercent"),
    "foreign digits": (treated(allocationPercent="\u0665\u0660"), f"{SECOND}.allocationPercent"),
    "above 100 alone": (treated(allocationPercent="100.001"), f"{SECOND}.allocationPercent"),
    "above 100 in sum": (treated(allocationPercent="50.0000001"), "iteration.treatments"),
    "no parameters": (treated(parameters=[]), f"{SECOND}.parameters"),
    "a variation that is unknown": (
        treated(parameters=[{"flagKey": "checkout", "variationId": "x"}]),
        f"{SECOND}.parameters[0].variationId",
    ),
    "another flag": (
        treated(parameters=[{"flagKey": "banner", "variationId": NEW}]),
        f"{SECOND}.parameters[0].flagKey",
    ),
    "a variation twice": (
        treated(parameters=[{"flagKey": "checkout", "variationId": OLD}]),
        f"{SECOND}.parameters[0].variationId",
    ),
    "no flag": (iteration(flags={}), "iteration.flags"),
    "two flags": (
        lambda shop: shop.body(
            iteration=shop.iteration(flags=shop.flags() | {"b": shop.flags()["checkout"]})
        ),
        "iteration.flags",
    ),
    "an unknown flag": (
        lambda shop: shop.body(
            iteration=shop.iteration(
                flags={"banner": shop.flags()["checkout"]},
                treatments=shop.arms("50", "50", flag="banner"),
            )
        ),
        "iteration.flags.banner",
    ),
    "an unknown rule": (flagged(ruleId="x"), "iteration.flags.checkout.ruleId"),
    "a version that is no number": (
        flagged(flagConfigVersion="1"),
        "iteration.flags.checkout.flagConfigVersion",
    ),
    "an unknown variation outside": (
        flagged(notInExperimentVariationId="x"),
        "iteration.flags.checkout.notInExperimentVariationId",
    ),
    "an unknown metric": (iteration(metrics=[{"key": "tea"}]), "iteration.metrics[0].key"),
    "a metric twice": (iteration(metrics=[{"key": "basket"}, {"key": "basket"}]), "iteration.metrics"),
    "two primary metrics": (
        iteration(metrics=[{"key": "basket", "primary": True}, {"key": "purchase", "primary": True}]),
        "iteration.metrics",
    ),
    "a metric group": (
        iteration(metrics=[{"key": "funnel", "isGroup": True}]),
        "iteration.metrics[0].isGroup",
    ),
    "a primary funnel": (iteration(primaryFunnelKey="funnel"), "iteration.primaryFunnelKey"),
    "an unknown primary metric": (
        iteration(primarySingleMetricKey="tea"),
        "iteration.primarySingleMetricKey",
    ),
    "an analysis unit nobody knows": (
        iteration(metrics=[{"key": "purchase", "analysisUnit": "tea"}]),
        "iteration.metrics[0].analysisUnit",
    ),
    "an empty randomization unit": (iteration(randomizationUnit=""), "iteration.randomizationUnit"),
    "an unknown randomization unit": (iteration(randomizationUnit="tea"), "iteration.randomizationUnit"),
    "null for a hypothesis": (iteration(hypothesis=None), "iteration.hypothesis"),
    "a cadence of nothing": (
        iteration(reallocationFrequencyMillis=0),
        "iteration.reallocationFrequencyMillis",
    ),
    "a blank attribute": (iteration(attributes=["a", ""]), "iteration.attributes[1]"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_body_is_refused_where_it_is_bad_and_makes_nothing(shop: Shop, name: str) -> None:
    body, place = BAD[name]
    said = shop.unchanged(lambda: shop.post(body(shop)))
    assert places(said) == [place]
    assert not place or place in said["message"]


def test_everything_wrong_with_a_body_is_named_at_once(shop: Shop) -> None:
    first, second = shop.arms("fifty", "60")
    body = shop.body(
        key="a b",
        tags=[1],
        iteration=shop.iteration(
            treatments=[first, second | {"baseline": True, "name": 5}],
            metrics=[{"key": "tea"}, {}],
            randomizationUnit="",
            flags=shop.flags(ruleId="x"),
        ),
    )
    said = shop.unchanged(lambda: shop.post(body))
    assert set(places(said)) == {
        "key",
        "tags[0]",
        "iteration.treatments",
        "iteration.treatments[0].allocationPercent",
        "iteration.treatments[1].name",
        "iteration.metrics[0].key",
        "iteration.metrics[1].key",
        "iteration.randomizationUnit",
        "iteration.flags.checkout.ruleId",
    }


@pytest.mark.parametrize("content", [b"", b"{", b'"\xff"', b'{"name": "a\\u0000"}', b"[" * 10_000])
def test_bytes_that_are_no_document_are_refused(shop: Shop, content: bytes) -> None:
    shop.unchanged(lambda: shop.surface.call("POST", ALL, content=content))


def test_ten_megabytes_are_too_large(shop: Shop) -> None:
    content = b'"' + b"a" * 10_000_000 + b'"'
    shop.unchanged(lambda: shop.surface.call("POST", ALL, content=content), 413, "request_too_large")


def test_a_stale_flag_version_is_a_conflict(shop: Shop) -> None:
    stale = shop.body(iteration=shop.iteration(flags=shop.flags(flagConfigVersion=1)))
    said = shop.unchanged(lambda: shop.post(stale), 409, "optimistic_locking_error")
    assert "checkout" in said["message"]


def test_a_key_is_taken_once(shop: Shop) -> None:
    shop.create()
    shop.unchanged(lambda: shop.post(shop.body()), 409, "conflict")


@pytest.mark.parametrize("place", ["default/environments/tea", "tea/environments/production"])
def test_a_place_that_is_not_there_is_not_found(shop: Shop, place: str) -> None:
    path = f"/api/v2/projects/{place}/experiments"
    shop.unchanged(lambda: shop.surface.call("POST", path, json=shop.body()), 404)
    assert shop.surface.call("GET", path).status_code == 404


def test_a_service_token_is_given_an_owner(shop: Shop) -> None:
    shop.surface.tokens["robot"] = shop.surface.token("writer", "default", service=True)
    made = shop.surface.call("POST", ALL, json=shop.body(), token="robot")
    assert made.status_code == 201
    assert made.json()["_maintainerId"]


def test_a_dry_run_answers_and_makes_nothing(shop: Shop) -> None:
    before = shop.everything()
    said = shop.surface.call("POST", ALL, json=shop.body(), params={"dryRun": "true"})
    assert said.status_code == 201
    assert shop.everything() == before
