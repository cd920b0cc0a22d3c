"""Results over our own interface."""

import msgspec
import pytest

from equipoise.analysis.results import Call, Results
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, Start
from equipoise.domain.flag import FLAG
from equipoise.domain.flag import commands as flags
from equipoise.domain.identity import Place
from equipoise.domain.metric import METRIC
from equipoise.domain.metric import commands as metrics
from tests.analysis.found import BOUGHT, converted, facts
from tests.domain.builders import OFF, ON, a_flag, a_targeting
from tests.domain.experiment.examples import an_experiment, the_facts
from tests.fixtures_surface import Surface

PATH = "/equipoise/v1/experiments/new-checkout/results"
HERE = {"project": "default", "environment": "production"}


@pytest.fixture
def shop(surface: Surface) -> Surface:
    """A running experiment in which the new checkout sells more."""
    flag = a_flag(targeting={"production": a_targeting()})
    metric = msgspec.structs.replace(BOUGHT, version=1)
    surface.plant((FLAG, None, flags.Create(flag)), (METRIC, None, metrics.Create(metric)))
    surface.plant((EXPERIMENT, None, Create(an_experiment())))
    with surface.store.read() as reader:
        now = reader.named(EXPERIMENT, Place("default", "production"), "new-checkout")
    surface.plant((EXPERIMENT, now, Start(the_facts(), pins={"purchases": 1})))
    surface.warehouse.facts = facts({OFF: converted(200, 2_000), ON: converted(300, 2_000)})
    return surface


def test_a_result_is_told_whole(shop: Surface) -> None:
    response = shop.call("GET", PATH, params=HERE)
    assert response.status_code == 200, response.text
    results = msgspec.json.decode(response.content, type=Results)
    assert results.verdict.call is Call.BETTER
    assert [arm.units for arm in results.arms] == [2_000, 2_000]
    assert response.headers["etag"].startswith('"equipoise-')


def test_the_tokens_home_is_meant_where_no_place_is_said(shop: Surface) -> None:
    at_home = shop.token("reader", "default", "production")
    assert shop.call("GET", PATH, token=at_home).status_code == 200
    assert shop.call("GET", PATH, token="admin").status_code == 200


def test_a_token_without_a_home_is_asked_where(shop: Surface) -> None:
    response = shop.call("GET", PATH, token="reader")
    said = response.json()
    assert (response.status_code, said["code"]) == (400, "invalid")
    assert said["violations"] == [
        {"where": "environment", "rule": "must be said: this token is at home in no environment of it"}
    ]


def test_a_bearer_token_is_taken_with_its_word_and_without(shop: Surface) -> None:
    for said in (shop.tokens["admin"], f"Bearer {shop.tokens['admin']}", f"bearer {shop.tokens['admin']}"):
        assert shop.call("GET", PATH, token=None, headers={"Authorization": said}).status_code == 200
    refused = shop.call("GET", PATH, token=None)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_what_came_after_a_time_does_not_count(shop: Surface) -> None:
    shop.call("GET", PATH, params={**HERE, "until": "2023-11-14T22:13:21Z"})
    question, _ = shop.warehouse.asked[-1]
    assert question.until == 1_700_000_001_000_000


@pytest.mark.parametrize("until", ["yesterday", "2023-11-14T22:13:21", "0001-01-01T00:00:00+14:00x"])
def test_a_time_that_is_none_is_refused(shop: Surface, until: str) -> None:
    response = shop.call("GET", PATH, params={**HERE, "until": until})
    assert response.status_code == 400
    assert response.json()["violations"][0]["where"] == "until"


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z"])
def test_a_time_that_is_far_away_is_a_time(shop: Surface, until: str) -> None:
    assert shop.call("GET", PATH, params={**HERE, "until": until}).status_code == 200


def test_an_iteration_that_is_not_there_is_missing(shop: Surface) -> None:
    response = shop.call("GET", PATH, params={**HERE, "iteration": "f" * 24})
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_result_that_has_not_changed_is_not_sent_again(shop: Surface) -> None:
    tag = shop.call("GET", PATH, params=HERE).headers["etag"]
    shop.clock.pass_ms(30_000)
    again = shop.call("GET", PATH, params=HERE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
