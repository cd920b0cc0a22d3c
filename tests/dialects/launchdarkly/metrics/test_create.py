"""Metrics are made, of every kind."""

from typing import Any

import pytest

from tests.dialects.launchdarkly.metrics.builders import METRICS, Metrics
from tests.fixtures_surface import conforms

NUMBER = {"isNumeric": True, "unit": "EUR", "unitAggregationType": "sum"}
PERCENTILE = {"analysisType": "percentile", "percentileValue": 95, "successCriteria": "LowerThanBaseline"}
WINDOWS = {"windowStartOffset": 0, "windowEndOffset": 86_400_000}
WINSOR = {"winsorLowerPercentile": 0.5, "winsorUpperPercentile": 99.5, "winsorIncludeImputed": True}
FILTER = {"type": "eventProperty", "attribute": "country", "op": "in", "values": ["SE", 1], "negate": True}
CONTEXT = {**FILTER, "type": "contextAttribute", "contextKind": "device"}


def test_a_key_and_an_event_make_a_metric(metrics: Metrics) -> None:
    made = metrics.make()
    assert (made["name"], made["kind"], made["eventKey"]) == ("bought", "custom", "bought")
    assert made["isNumeric"] is False
    assert (made["successCriteria"], made["analysisType"]) == ("HigherThanBaseline", "mean")
    assert made["unitAggregationType"] == "average"
    assert made["analysisUnits"] == made["randomizationUnits"] == ["user"]
    assert made["eventDefault"] == {"disabled": False, "value": 0}
    assert made["dataSource"] == {"key": "launchdarkly-hosted"}
    assert made["lastModified"]["date"] == "2023-11-14T22:13:20.000Z"
    assert made["_maintainer"]["email"] == "owner@localhost"
    assert metrics.get() == made


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Bought", "description": "Text", "tags": ["a", "b"]},
        NUMBER,
        PERCENTILE,
        WINDOWS,
        WINSOR,
        {"filters": FILTER},
        {"filters": CONTEXT},
        {"analysisUnits": ["device", "user"]},
        {"eventDefault": {"disabled": True}},
        {"eventDefault": {"disabled": False, "value": 1.5}},
        {"unitAggregationType": "count_distinct", "unitAggregationField": "order"},
        {"isNumeric": True, "valueColumn": "amount"},
        {"dataSource": {"key": "warehouse-1"}},
        {"denominator": {"eventName": "seen", "isNumeric": False, "unitAggregationType": "sum"}},
        {
            "denominator": {
                "eventName": "seen",
                "isNumeric": True,
                "unitAggregationType": "average",
                "valueColumn": "seconds",
                "filters": FILTER,
                **WINDOWS,
                **WINSOR,
            }
        },
        {"kind": "pageview", "eventKey": ..., "urls": [{"kind": "exact", "url": "https://a.example/"}]},
        {
            "kind": "click",
            "eventKey": ...,
            "selector": ".buy",
            "urls": [
                {"kind": "canonical", "url": "https://a.example/"},
                {"kind": "substring", "substring": "cart"},
                {"kind": "regex", "pattern": "^.*$"},
            ],
        },
        {"kind": "trace", "eventKey": ..., "traceQuery": "service=shop"},
        {"kind": "trace", "eventKey": ..., "traceQuery": "q", "isNumeric": True, "traceValueLocation": "ms"},
    ],
)
def test_all_that_is_said_is_shown_again(metrics: Metrics, fields: dict[str, Any]) -> None:
    made = metrics.make(**fields)
    said = {name: value for name, value in fields.items() if value is not ...}
    assert {name: made.get(name) for name in said} == said


def test_units_may_be_said_under_their_older_name(metrics: Metrics) -> None:
    assert metrics.make(randomizationUnits=["device"])["analysisUnits"] == ["device"]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"kind": "survey"}, "kind"),
        ({"eventKey": ...}, "eventKey"),
        ({"kind": "click", "urls": [{"kind": "exact", "url": "x"}]}, "selector"),
        ({"kind": "pageview"}, "urls"),
        ({"kind": "pageview", "urls": [{"kind": "exact", "substring": "x"}]}, "urls[0]"),
        ({"kind": "pageview", "urls": [{"url": "x"}]}, "urls[0]"),
        ({"kind": "trace"}, "traceQuery"),
        ({"analysisType": "percentile"}, "percentileValue"),
        ({"percentileValue": 50}, "percentileValue"),
        ({"unitAggregationType": "count_distinct"}, "unitAggregationField"),
        ({"analysisUnits": ["planet"]}, "analysisUnits"),
        ({"analysisUnits": []}, "analysisUnits"),
        ({"denominator": {}}, "denominator.eventName"),
        (
            {"denominator": {"eventName": "x", "unitAggregationType": "median"}},
            "denominator.unitAggregationType",
        ),
        ({"filters": {**FILTER, "op": "resembles"}}, "filters.op"),
        ({"filters": {**FILTER, "type": "group", "op": "and"}}, "filters.type"),
        ({"windowStartOffset": 5, "windowEndOffset": 5}, "windowStartOffset"),
        ({"winsorLowerPercentile": 99, "winsorUpperPercentile": 1}, "winsorLowerPercentile"),
        ({"maintainerId": "nobody"}, "maintainerId"),
        ({"isNumeric": "yes"}, "isNumeric"),
        ({"windowEndOffset": 2**63}, "windowEndOffset"),
    ],
)
def test_what_cannot_be_measured_is_refused_by_place(
    metrics: Metrics, fields: dict[str, Any], where: str
) -> None:
    refused = metrics.post(**fields)
    assert refused.status_code == 400
    assert [each["where"] for each in refused.json()["errors"]] == [where]
    assert metrics.surface.call("GET", f"{METRICS}/bought").status_code == 404


def test_a_key_that_is_taken_is_refused(metrics: Metrics) -> None:
    metrics.make()
    refused = metrics.surface.call("POST", METRICS, json={"key": "bought", "kind": "custom", "eventKey": "x"})
    assert refused.status_code == 409
    conforms(refused, "postMetric")
