"""Metrics are listed, shown and deleted."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.launchdarkly.metrics.filters import Term, terms
from equipoise.dialects.launchdarkly.metrics.render import iso, version_id
from equipoise.domain.errors import Invalid
from tests.dialects.launchdarkly.flags.builders import Flags
from tests.dialects.launchdarkly.metrics.builders import METRICS, Metrics, replaced
from tests.fixtures_surface import conforms


@pytest.fixture
def listed(metrics: Metrics) -> Metrics:
    metrics.make("apple", tags=["a", "b"], isNumeric=True, unitAggregationType="sum")
    metrics.surface.clock.pass_ms(1_000)
    metrics.make("berry", tags=["a"], name="Zz")
    metrics.surface.clock.pass_ms(1_000)
    metrics.make("cherry", kind="pageview", eventKey=..., urls=[{"kind": "exact", "url": "x"}])
    return metrics


def asked(metrics: Metrics, **params: Any) -> Any:
    response = metrics.surface.call("GET", METRICS, params=params)
    assert response.status_code == 200, response.text
    return conforms(response, "getMetrics")


def keys(metrics: Metrics, **params: Any) -> list[str]:
    return [each["key"] for each in asked(metrics, **params)["items"]]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("", ["apple", "berry", "cherry"]),
        ('query equals "RRY"', ["berry", "cherry"]),
        ("query equals zz", ["berry"]),
        ('query equals ["app", "cher"]', ["apple", "cherry"]),
        ('tags contains ["a"]', ["apple", "berry"]),
        ('tags contains ["a", "b"]', ["apple"]),
        ('tags contains "b"', ["apple"]),
        ("eventKind equals pageview", ["cherry"]),
        ("isNumeric equals true", ["apple"]),
        ('isNumeric equals "false", eventKind equals "custom"', ["berry"]),
        ("unitAggregationType equals sum", ["apple"]),
        ('eventKeys anyOf ["apple", "berry"]', ["apple", "berry"]),
        ("maintainerIds anyOf nobody", []),
    ],
)
def test_a_filter_narrows_the_list(listed: Metrics, filter: str, found: list[str]) -> None:
    assert keys(listed, filter=filter) == found


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "query:apple"},
        {"filter": "query"},
        {"filter": "query contains apple"},
        {"filter": "view equals x"},
        {"filter": "isNumeric equals maybe"},
        {"filter": "tags contains [1]"},
        {"filter": 'query equals "a" isNumeric equals true'},
        {"filter": "query equals "},
        {"sort": "key"},
        {"limit": "-1"},
    ],
)
def test_what_nobody_can_look_for_is_refused(listed: Metrics, params: dict[str, str]) -> None:
    refused = listed.surface.call("GET", METRICS, params=params)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert refused.json()["errors"]


def test_versions_are_found_by_their_ids(listed: Metrics) -> None:
    version = listed.get("berry")["_versionId"]
    assert keys(listed, filter=f'versionIds anyOf ["{version}"]') == ["berry"]


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("name", ["berry", "apple", "cherry"]),
        ("-createdAt", ["cherry", "berry", "apple"]),
    ],
)
def test_the_list_is_sorted(listed: Metrics, sort: str, found: list[str]) -> None:
    assert keys(listed, sort=sort) == found


def test_pages_are_linked(listed: Metrics) -> None:
    page = asked(listed, limit=1, offset=1)
    assert [each["key"] for each in page["items"]] == ["berry"]
    assert page["totalCount"] == 3
    assert {"self", "first", "prev", "next", "last"} == page["_links"].keys()


def test_a_list_is_cut_to_fifty(metrics: Metrics) -> None:
    for number in range(51):
        metrics.make(f"m{number}")
    assert len(keys(metrics, limit=1_000)) == 50
    assert len(keys(metrics)) == 20


def test_experiments_are_counted_and_named_where_it_is_asked(metrics: Metrics) -> None:
    flags = Flags(metrics.surface)
    flags.make()
    assert "experimentCount" not in metrics.surface.call("GET", METRICS).text
    flags.run_experiment()
    shown = metrics.get("of-checkout", expand="experiments,experimentCount")
    assert (shown["experimentCount"], shown["activeExperimentCount"]) == (1, 1)
    assert [each["key"] for each in shown["experiments"]] == ["on-checkout"]
    assert asked(metrics, expand="experimentCount")["items"][0]["experimentCount"] == 1


def test_groups_are_none(metrics: Metrics) -> None:
    metrics.make()
    shown = metrics.get(expand="metricGroups,metricGroupCount")
    assert (shown["metricGroups"], shown["metricGroupCount"]) == ([], 0)


def test_only_the_present_version_is_shown(metrics: Metrics) -> None:
    old = metrics.make()["_versionId"]
    new = metrics.edited(replaced("/eventKey", "sold"))["_versionId"]
    assert metrics.get(versionId=new)["_versionId"] == new
    assert metrics.surface.call("GET", f"{METRICS}/bought?versionId={old}").status_code == 404


def test_a_metric_is_deleted(metrics: Metrics) -> None:
    metrics.make()
    assert conforms(metrics.surface.call("DELETE", f"{METRICS}/bought"), "deleteMetric") is None
    assert metrics.surface.call("DELETE", f"{METRICS}/bought").status_code == 404


def test_a_metric_that_an_experiment_uses_is_not_deleted(metrics: Metrics) -> None:
    flags = Flags(metrics.surface)
    flags.make()
    flags.run_experiment()
    assert metrics.surface.call("DELETE", f"{METRICS}/of-checkout").status_code == 409


def test_what_is_not_there_is_missing(metrics: Metrics) -> None:
    for path in (f"{METRICS}/nothing", "/api/v2/metrics/nowhere", "/api/v2/metrics/nowhere/x"):
        assert metrics.surface.call("GET", path).status_code == 404


METRIC_IDS = st.integers(0, 2**96 - 1).map(lambda number: f"{number:024x}")


@given(METRIC_IDS, METRIC_IDS, st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_version_id_tells_metrics_and_versions_apart(one: str, other: str, first: int, second: int) -> None:
    assert (version_id(one, first) == version_id(other, first)) is (one == other)
    assert (version_id(one, first) == version_id(one, second)) is (first == second)
    assert len(version_id(one, first)) == 24


def test_times_are_iso_8601() -> None:
    assert iso(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"


def test_a_filter_is_terms_at_commas() -> None:
    text = 'tags contains ["a", "b"],query equals "x, y" , isNumeric equals true'
    assert list(terms(text)) == [
        Term("tags", "contains", ["a", "b"]),
        Term("query", "equals", "x, y"),
        Term("isNumeric", "equals", True),
    ]


@given(st.text())
def test_a_filter_is_read_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert all(term.field and term.operator for term in terms(text))
