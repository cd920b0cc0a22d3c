"""Metrics are patched; a change of meaning is a new version."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.launchdarkly.metrics.documents import MetricEdit
from tests.dialects.launchdarkly.metrics.builders import METRICS, Metrics, added, replaced
from tests.fakes import MemoryStore
from tests.fixtures_surface import SEMANTIC, Surface


@pytest.mark.parametrize(
    ("path", "value"),
    [("/name", "New"), ("/description", "Text"), ("/tags", ["a"]), ("/archived", True)],
)
def test_what_it_is_called_changes_and_the_version_stays(metrics: Metrics, path: str, value: Any) -> None:
    made = metrics.make()
    told = metrics.edited(replaced(path, value))
    assert told[path[1:]] == value
    assert told["_versionId"] == made["_versionId"]
    assert told["_version"] == made["_version"] + 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/eventKey", "sold"),
        ("/isNumeric", True),
        ("/successCriteria", "LowerThanBaseline"),
        ("/unitAggregationType", "sum"),
        ("/analysisUnits", ["device"]),
        ("/randomizationUnits", ["device"]),
        ("/eventDefault", {"disabled": True}),
        ("/unit", "EUR"),
        ("/winsorUpperPercentile", 99),
        ("/windowEndOffset", 1_000),
        ("/denominator", {"eventName": "seen", "isNumeric": True, "unitAggregationType": "sum"}),
        ("/filters", {"type": "eventProperty", "attribute": "a", "op": "in", "values": [1], "negate": False}),
    ],
)
def test_what_it_means_changes_with_its_version(metrics: Metrics, path: str, value: Any) -> None:
    made = metrics.make()
    told = metrics.edited(added(path, value))
    assert told[path[1:]] == value
    assert told["_versionId"] != made["_versionId"]


def test_several_fields_of_its_meaning_make_one_version(metrics: Metrics) -> None:
    metrics.make()
    metrics.edited(
        added("/analysisType", "percentile"), added("/percentileValue", 50), replaced("/eventKey", "sold")
    )
    row = metrics.surface.rows("project/default")[-1]
    assert row.state.version == 2
    assert len(row.events) == 1


def test_what_is_taken_away_is_the_default_again(metrics: Metrics) -> None:
    metrics.make(denominator={"eventName": "seen"}, description="Text", successCriteria="LowerThanBaseline")
    told = metrics.edited(
        {"op": "remove", "path": "/denominator"},
        {"op": "remove", "path": "/description"},
        {"op": "remove", "path": "/successCriteria"},
        {"op": "remove", "path": "/maintainerId"},
    )
    assert not {"denominator", "maintainerId"} & told.keys()
    assert (told["description"], told["successCriteria"]) == ("", "HigherThanBaseline")


def test_a_patch_may_stand_beside_a_comment(metrics: Metrics) -> None:
    metrics.make()
    assert metrics.patch({"patch": [replaced("/name", "New")], "comment": "why"}).json()["name"] == "New"
    assert metrics.surface.rows("project/default")[-1].comment == "why"


@pytest.mark.parametrize(
    ("path", "value"),
    [("/key", "x"), ("/kind", "trace"), ("/_versionId", "x"), ("/_creationDate", 1), ("/new", 1)],
)
def test_what_is_not_to_be_changed_is_refused_by_name(metrics: Metrics, path: str, value: Any) -> None:
    metrics.make()
    refused = metrics.patch([added(path, value)])
    assert refused.status_code == 400
    assert [each["where"] for each in refused.json()["errors"]] == [path[1:]]


def test_every_fault_is_named_at_once(metrics: Metrics) -> None:
    made = metrics.make()
    refused = metrics.patch([replaced("/name", " "), replaced("/tags", [""]), replaced("/eventKey", "")])
    assert refused.status_code == 400
    assert [each["where"] for each in refused.json()["errors"]] == ["name", "tags", "eventKey"]
    assert metrics.get() == made


def test_a_patch_that_cannot_be_applied_is_told_apart(metrics: Metrics) -> None:
    metrics.make()
    assert metrics.patch([{"op": "test", "path": "/name", "value": "x"}]).status_code == 422


def test_instructions_are_not_taken(metrics: Metrics) -> None:
    metrics.make()
    body = {"instructions": [{"kind": "updateName", "value": "x"}]}
    refused = metrics.surface.call("PATCH", f"{METRICS}/bought", json=body, headers=SEMANTIC)
    assert refused.status_code == 400


def test_a_patch_of_what_has_changed_since_is_refused(metrics: Metrics) -> None:
    metrics.make()
    tag = metrics.surface.call("GET", f"{METRICS}/bought").headers["etag"]
    metrics.edited(replaced("/name", "New"))
    late = metrics.surface.call(
        "PATCH", f"{METRICS}/bought", json=[replaced("/name", "Newer")], headers={"If-Match": tag}
    )
    assert late.status_code == 412


MADE: list[dict[str, Any]] = [
    {},
    {"isNumeric": True, "valueColumn": "x", "winsorLowerPercentile": 5},
    {"unitAggregationType": "count_distinct", "unitAggregationField": "order"},
    {"kind": "pageview", "eventKey": ..., "urls": [{"kind": "regex", "pattern": "."}]},
    {"kind": "trace", "eventKey": ..., "traceQuery": "q", "traceValueLocation": "ms"},
    {"denominator": {"eventName": "seen", "valueColumn": "y"}, "eventDefault": {"disabled": True}},
    {"filters": {"type": "contextAttribute", "attribute": "a", "op": "in", "values": [1], "negate": True}},
]


@given(st.sampled_from(MADE), st.booleans())
def test_a_patch_with_the_document_as_it_is_changes_nothing(fields: dict[str, Any], merge: bool) -> None:
    surface = Surface(MemoryStore())
    metrics = Metrics(surface)
    shown = metrics.make(**fields)
    names = [name for name in MetricEdit.__struct_encode_fields__ if name in shown]
    whole = [replaced(f"/{name}", shown[name]) for name in names]
    assert metrics.patch({"merge": shown} if merge else whole).json() == shown
    surface.close()


@given(st.sampled_from(MADE))
def test_to_rename_a_metric_never_makes_a_version(fields: dict[str, Any]) -> None:
    surface = Surface(MemoryStore())
    metrics = Metrics(surface)
    made = metrics.make(**fields)
    assert metrics.edited(replaced("/name", "New"))["_versionId"] == made["_versionId"]
    surface.close()
