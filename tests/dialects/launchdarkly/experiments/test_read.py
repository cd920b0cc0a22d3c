"""Reading: one experiment, and lists of them."""

from typing import Any

import pytest

from equipoise.domain.experiment.commands import ProposeAllocation
from equipoise.domain.identity import Place
from equipoise.domain.labels import Delete, Rename
from equipoise.domain.metric import METRIC
from equipoise.domain.proposal import Proposal, ProposedArm
from tests.dialects.launchdarkly.experiments.shop import (
    ALL,
    ANYWHERE,
    ARCHIVE,
    NEW,
    OLD,
    RULE,
    START,
    Shop,
    again,
    stop,
    update,
)


def keys(collection: Any) -> list[str]:
    return [each["key"] for each in collection["items"]]


def test_what_is_not_expanded_is_left_out(shop: Shop) -> None:
    shop.running(analysisConfig={"testDirection": "x"})
    shop.patch(again())
    plain = shop.get()
    assert not {"draftIteration", "previousIterations", "analysisConfig", "mutableFieldsByStatus"} & set(
        plain
    )
    assert not {"treatments", "secondaryMetrics"} & set(plain["currentIteration"])
    whole = shop.get(expand="treatments, previousIterations,analysisConfig,tea")
    assert len(whole["currentIteration"]["treatments"]) == 2
    assert len(whole["previousIterations"][0]["treatments"]) == 2
    assert whole["analysisConfig"] == {"testDirection": "x"}
    assert "secondaryMetrics" not in shop.get(expand="secondaryMetrics")["currentIteration"]


def test_an_experiment_that_is_not_there_is_not_found(shop: Shop) -> None:
    for path in (f"{ALL}/tea", f"{ALL}/a%2Fb", f"{ALL}/ä", f"{ALL}/%00"):
        assert shop.surface.call("GET", path).status_code in (400, 404)
    assert shop.surface.call("GET", f"{ALL}/tea").json()["code"] == "not_found"


def test_the_past_can_be_read_again(shop: Shop) -> None:
    shop.create()
    with shop.surface.store.read() as reader:
        number = reader.number("project/default")
    shop.patch(update(name="Other", flags=shop.flags(ruleId=RULE)))
    shop.metric("views")
    shop.patch(update(metrics=[{"key": "views"}]))
    assert shop.get(asOf=str(number))["name"] == "New checkout"
    assert shop.get(asOf=str(number))["currentIteration"]["metrics"][0]["name"] == "Purchase"
    assert shop.get()["name"] == "Other"
    assert shop.surface.call("GET", f"{ALL}/new-checkout", params={"asOf": "0"}).status_code == 404


def test_a_revision_that_is_known_is_not_sent_again(shop: Shop) -> None:
    shop.create()
    first = shop.surface.call("GET", f"{ALL}/new-checkout")
    headers = {"If-None-Match": first.headers["etag"]}
    assert shop.surface.call("GET", f"{ALL}/new-checkout", headers=headers).status_code == 304


def test_a_metric_is_shown_under_its_present_name(shop: Shop) -> None:
    shop.running()
    shop.settle(METRIC, shop.stored(METRIC, Place("default"), "purchase"), Rename("Sold"))
    assert shop.get()["currentIteration"]["primarySingleMetric"]["name"] == "Sold"


def test_a_metric_that_is_gone_still_has_its_place(shop: Shop) -> None:
    shop.running()
    shop.settle(METRIC, shop.stored(METRIC, Place("default"), "purchase"), Delete())
    current = shop.get()["currentIteration"]
    assert current["metrics"][0]["name"] == "purchase"
    assert current["metrics"][0]["kind"] == "custom"
    assert current["primarySingleMetric"]["key"] == "purchase"


def test_arms_by_segment_are_shown_without_a_share(shop: Shop) -> None:
    shop.create()
    arms = ProposedArm(OLD, fallback=True, control=True), ProposedArm(NEW, segment="friends", priority=1)
    shop.change("new-checkout", ProposeAllocation(Proposal(arms)))
    treatments = shop.get(expand="treatments")["currentIteration"]["treatments"]
    assert [each["allocationPercent"] for each in treatments] == ["0", "0"]


# lists


def populate(shop: Shop) -> None:
    shop.flag("banner")
    shop.create("a")
    shop.create("b", "banner", iteration=shop.iteration("banner", metrics=[{"key": "basket"}]))
    shop.running("c")
    shop.running("d", "banner")
    shop.patch(stop(NEW), key="d")
    shop.create("e")
    shop.patch(ARCHIVE, key="e")


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, "abcd"),
        ({"lifecycleState": "archived"}, "e"),
        ({"lifecycleState": "active,archived"}, "abcde"),
        ({"filter": "flagKey:banner"}, "bd"),
        ({"filter": "metricKey:basket"}, "b"),
        ({"filter": "status:not_started"}, "ab"),
        ({"filter": "status:running"}, "c"),
        ({"filter": "status:stopped"}, "d"),
        ({"filter": "flagKey:banner,status:stopped"}, "d"),
        ({"filter": "flagKey:banner,metricKey:purchase,status:stopped"}, "d"),
        ({"filter": "status:running,status:stopped"}, ""),
        ({"filter": "flagKey:banner,flagKey:checkout"}, ""),
        ({"filter": "flagKey:tea"}, ""),
        ({"filter": "flagKey:checkout", "lifecycleState": "archived"}, "e"),
    ],
)
def test_lists_are_filtered(shop: Shop, params: dict[str, str], found: str) -> None:
    populate(shop)
    said = shop.list(**params)
    assert keys(said) == list(found)
    assert said["total_count"] == len(found)
    assert keys(shop.list(ANYWHERE, **params)) == list(found)


@pytest.mark.parametrize(
    "params",
    [
        {"filter": "colour:red"},
        {"filter": "status:paused"},
        {"filter": "status"},
        {"filter": "flagKey:"},
        {"lifecycleState": "tea"},
        {"limit": "x"},
        {"limit": "-1"},
        {"offset": "-1"},
    ],
)
def test_a_list_that_is_badly_asked_for_is_refused(shop: Shop, params: dict[str, str]) -> None:
    response = shop.surface.call("GET", ALL, params=params)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_request"


def test_lists_come_in_pages(shop: Shop) -> None:
    for number in range(23):
        shop.create(f"e{number:02}")
    first = shop.list()
    assert len(first["items"]) == 20
    assert first["total_count"] == 23
    assert set(first["_links"]) == {"self", "next", "last"}
    second = shop.list(first["_links"]["next"]["href"])
    assert keys(second) == ["e20", "e21", "e22"]
    assert {"first", "prev"} <= set(second["_links"])


def test_lists_expand_as_single_experiments_do(shop: Shop) -> None:
    shop.create()
    (plain,) = shop.list()["items"]
    assert "treatments" not in plain["currentIteration"]
    (whole,) = shop.list(expand="treatments,draftIteration,mutableFieldsByStatus")["items"]
    assert len(whole["currentIteration"]["treatments"]) == 2
    assert whole["draftIteration"]["status"] == "not_started"


def test_a_token_of_another_environment_sees_none_of_it(shop: Shop) -> None:
    shop.create()
    shop.surface.tokens["test"] = shop.surface.token("writer", "default", "test")
    own = shop.surface.call("GET", ANYWHERE, token="test").json()
    assert (own["items"], own["total_count"]) == ([], 0)
    assert shop.surface.call("GET", f"{ALL}/new-checkout", token="test").status_code == 404
    body: Any = {"instructions": [START]}
    assert shop.surface.call("PATCH", f"{ALL}/new-checkout", json=body, token="test").status_code == 404


def test_a_token_of_the_environment_lists_its_own_across_the_project(shop: Shop) -> None:
    shop.create()
    shop.surface.tokens["own"] = shop.surface.token("writer", "default", "production")
    assert keys(shop.surface.call("GET", ANYWHERE, token="own").json()) == ["new-checkout"]
    body: Any = {"instructions": [START, stop()]}
    assert shop.surface.call("PATCH", f"{ALL}/new-checkout", json=body, token="own").status_code == 200
