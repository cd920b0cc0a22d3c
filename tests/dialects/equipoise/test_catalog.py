"""The catalog: every experiment and flag of an environment, whoever runs it, in one list."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create
from equipoise.domain.flag import FLAG
from equipoise.domain.flag import commands as flags
from tests.dialects.vercel.provider import (
    CATALOG,
    EXPERIMENT_ID,
    FLAG_ID,
    FOREIGN,
    ITEMS,
    KEY,
    OTHER,
    ROOT,
    SHOP,
    Provider,
    a_resource,
    an_item,
    at,
    installed,
    theirs,
)
from tests.domain.builders import a_flag
from tests.domain.experiment.examples import an_experiment
from tests.fixtures_surface import Surface

THEIRS = an_item(
    "feature:1",
    slug="new-login",
    name="The Login Page",
    description="Who sees it",
    category="experiment",
    createdAt=1_600_000_000_000,
    updatedAt=1_600_000_000_000.5,
)
PRODUCTION = {"project": "default", "environment": "production"}
TEST = {"project": "default", "environment": "test"}


@pytest.fixture
def provider(surface: Surface) -> Provider:
    """With an experiment and a flag of ours, and an item of its own."""
    made = Provider(surface)
    made.plant_experiment()
    made.publish(THEIRS)
    return made


def listed(provider: Provider, token: str = "admin", **asked: str) -> list[dict[str, Any]]:
    response = provider.surface.call("GET", CATALOG, params={**PRODUCTION, **asked}, token=token)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


def ids(provider: Provider, **asked: str) -> set[str]:
    return {each["id"] for each in listed(provider, **asked)}


def refused(provider: Provider, status: int, token: str | None = "admin", **asked: str) -> Any:
    response = provider.surface.call("GET", CATALOG, params={**PRODUCTION, **asked}, token=token)
    assert response.status_code == status, response.text
    return response.json()


# what it holds


def test_it_holds_what_is_run_here_and_what_others_run(provider: Provider) -> None:
    found = {each["id"]: each for each in listed(provider)}
    assert found.keys() == {EXPERIMENT_ID, FLAG_ID, "feature:1"}
    assert {id: each["source"] for id, each in found.items()} == {
        EXPERIMENT_ID: "equipoise",
        FLAG_ID: "equipoise",
        "feature:1": KEY,
    }
    assert all((each["project"], each["environment"]) == ("default", "production") for each in found.values())


def test_what_others_run_stands_as_they_said_it(provider: Provider) -> None:
    (found,) = listed(provider, source=KEY)
    said = {name: value for name, value in THEIRS.items() if name != "isArchived"}
    assert found == {
        **said,
        "archived": False,
        "uninstalled": False,
        "source": KEY,
        "resource": "shop",
        "project": "default",
        "environment": "production",
    }


def test_what_is_run_here_links_to_where_it_is_run(provider: Provider) -> None:
    (experiment,) = listed(provider, category="experiment", source="equipoise")
    assert (experiment["slug"], experiment["name"], experiment["category"]) == (
        "new-checkout",
        "New checkout",
        "experiment",
    )
    assert experiment["origin"].endswith("/projects/default/environments/production/experiments/new-checkout")
    assert experiment["status"] == provider.only(EXPERIMENT).status
    assert "resource" not in experiment


def test_what_is_not_said_is_absent_or_empty(provider: Provider) -> None:
    provider.publish(an_item("bare"))
    found = next(each for each in listed(provider) if each["id"] == "bare")
    assert (found["name"], found["description"]) == ("", "")
    assert not {"category", "createdAt", "updatedAt", "status"} & found.keys()


def test_what_is_changed_deleted_or_uninstalled_there_is_so_here(provider: Provider) -> None:
    provider.told("PATCH", at("feature:1"), {"slug": "new-login", "origin": "x", "name": "Renamed"}, 204)
    assert next(each for each in listed(provider, source=KEY))["name"] == "Renamed"
    provider.told("DELETE", at("feature:1"), status=204)
    assert ids(provider) == {EXPERIMENT_ID, FLAG_ID}


@pytest.mark.parametrize("path", [ROOT, SHOP])
def test_what_nobody_keeps_up_any_more_stays_and_is_marked(provider: Provider, path: str) -> None:
    provider.publish(an_item("next"), path=theirs(ITEMS), token="neighbour")
    provider.told("PATCH", path, {"status": "uninstalled"}, 200 if path == SHOP else 204)
    marks = {each["id"]: each["uninstalled"] for each in listed(provider)}
    assert marks == {EXPERIMENT_ID: False, FLAG_ID: False, "feature:1": True, "next": False}


def test_the_mark_goes_when_the_provider_comes_back(provider: Provider) -> None:
    provider.told("PATCH", ROOT, {"status": "uninstalled"}, 204)
    installed(provider.surface, KEY)
    assert [each["uninstalled"] for each in listed(provider, source=KEY)] == [False]


# what is looked for


@pytest.mark.parametrize(
    "text", ["login page", "LOGIN", "new-login", "NEW-LOG", "feature:1", "Feature:", "ture:1"]
)
def test_a_name_a_slug_or_an_id_is_found_in_part_and_in_any_case(provider: Provider, text: str) -> None:
    provider.publish(an_item("zzz", slug="zzz", name="zzz", origin="https://login.test/feature:1"))
    assert ids(provider, search=text) == {"feature:1"}


@pytest.mark.parametrize(("text", "id"), [("New check", EXPERIMENT_ID), ("NEW-CHECKOUT", EXPERIMENT_ID)])
def test_so_is_what_is_ours(provider: Provider, text: str, id: str) -> None:
    assert ids(provider, search=text) == {id}


@pytest.mark.parametrize("text", ["nothing like it", "%", "\\", "'", "login  page"])
def test_what_stands_nowhere_is_not_found(provider: Provider, text: str) -> None:
    assert ids(provider, search=text) == set()


def test_a_category_is_asked_for(provider: Provider) -> None:
    provider.publish(an_item("bare"), an_item("flag_1", category="flag"))
    assert ids(provider, category="experiment") == {EXPERIMENT_ID, "feature:1"}
    assert ids(provider, category="flag") == {FLAG_ID, "flag_1"}
    assert ids(provider, category="") == {EXPERIMENT_ID, FLAG_ID, "feature:1", "bare", "flag_1"}


def test_a_source_is_asked_for(provider: Provider) -> None:
    provider.publish(an_item("next"), path=theirs(ITEMS), token="neighbour")
    assert ids(provider, source="equipoise") == {EXPERIMENT_ID, FLAG_ID}
    assert ids(provider, source=KEY) == {"feature:1"}
    assert ids(provider, source=OTHER) == {"next"}
    assert ids(provider, source="icfg_none") == set()
    assert ids(provider, source="equipoise", category="flag", search="CHECK") == {FLAG_ID}


def test_what_is_archived_is_hidden_until_it_is_asked_for(provider: Provider) -> None:
    provider.publish(an_item("old", isArchived=True))
    body = {"slug": "new-checkout", "origin": "x", "isArchived": True}
    provider.told("PATCH", at(EXPERIMENT_ID), body, 204)
    assert ids(provider) == ids(provider, archived="false") == {FLAG_ID, "feature:1"}
    assert ids(provider, archived="true") == {EXPERIMENT_ID, "old"}
    assert all(each["archived"] for each in listed(provider, archived="true"))


@pytest.mark.parametrize(
    "asked",
    [
        {"category": "segment"},
        {"category": "Flag"},
        {"archived": "maybe"},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "x"},
        {"limit": "1.5"},
        {"from": "x"},
        {"from": "1"},
        {"from": "1-x"},
        {"from": f"-1-{'0' * 24}"},
        {"from": f"{'9' * 40}-{'0' * 24}"},
    ],
    ids=str,
)
def test_a_question_that_is_not_well_said_is_refused(provider: Provider, asked: dict[str, str]) -> None:
    (name,) = asked
    said = refused(provider, 400, **asked)
    assert said["violations"][0]["where"] == name


# page by page


def pages(provider: Provider, limit: int, **asked: str) -> list[list[str]]:
    found: list[list[str]] = []
    since: dict[str, str] = {}
    while True:
        params = {**PRODUCTION, **asked, **since, "limit": str(limit)}
        document = provider.surface.call("GET", CATALOG, params=params).json()
        found.append([each["id"] for each in document["items"]])
        if "next" not in document:
            return found
        since = {"from": document["next"]}


@pytest.fixture
def full(surface: Surface) -> Provider:
    """Of each kind several, some of one moment."""
    made = Provider(surface)
    for number in range(7):
        surface.clock.pass_ms(number % 2)
        id, key = f"{number + 1:024x}", f"of-{number}"
        born = surface.clock.now
        surface.plant((FLAG, None, flags.Create(a_flag(id=id, key=key, name=key, created_at=born))))
        experiment = an_experiment(id=f"{number + 100:024x}", key=key, name=key, flag=key, created_at=born)
        surface.plant((EXPERIMENT, None, Create(experiment)))
        body = {"items": [an_item(f"{key}-a", name=key), an_item(f"{key}-b")]}
        assert surface.call("POST", ITEMS, json=body, token="provider").status_code == 204
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    limit=st.integers(1, 40),
    asked=st.sampled_from([{}, {"source": KEY}, {"search": "of-"}, {"category": "flag"}]),
)
def test_every_page_together_is_the_whole_without_loss_or_repeat(
    full: Provider, limit: int, asked: dict[str, str]
) -> None:
    whole = [each["id"] for each in listed(full, limit="200", **asked)]
    found = pages(full, limit, **asked)
    assert [id for page in found for id in page] == whole
    assert (
        len(set(whole))
        == len(whole)
        == {"": 28, KEY: 14, "of-": 28, "flag": 7}[next(iter(asked.values()), "")]
    )
    assert all(len(page) == limit for page in found[:-1])


def test_the_oldest_comes_first(full: Provider) -> None:
    full.publish(an_item("youngest"))
    assert [each["id"] for each in listed(full)][-1] == "youngest"


def test_what_comes_to_be_between_two_pages_is_on_a_later_one(full: Provider) -> None:
    params = {**PRODUCTION, "limit": "10"}
    first = full.surface.call("GET", CATALOG, params=params).json()
    full.publish(an_item("youngest"))
    rest = full.surface.call("GET", CATALOG, params={**PRODUCTION, "from": first["next"]}).json()["items"]
    found = [each["id"] for each in (*first["items"], *rest)]
    assert (len(found), len(set(found)), found[-1]) == (29, 29, "youngest")


def test_a_page_has_fifty_where_no_number_is_said_and_two_hundred_at_most(provider: Provider) -> None:
    for first in range(0, 250, 50):
        provider.publish(*(an_item(f"many_{first + number}") for number in range(50)))
    assert len(listed(provider)) == 50
    assert len(listed(provider, limit="1000")) == 200


# whose it is


def test_an_environment_shows_its_own_and_the_flags_of_its_project(provider: Provider) -> None:
    shop = theirs(ITEMS, FOREIGN)
    provider.told("PUT", shop.removesuffix("/experimentation/items"), a_resource(), token="foreigner")
    provider.publish(an_item("elsewhere"), path=shop, token="foreigner")
    assert ids(provider, **TEST) == {FLAG_ID, "elsewhere"}
    assert all(each["environment"] == "test" for each in listed(provider, **TEST))
    assert "elsewhere" not in ids(provider)


def test_a_project_shows_nothing_of_another(provider: Provider) -> None:
    provider.speak("POST", "/api/v2/projects", {"name": "Next", "key": "next"})
    assert ids(provider, project="next") == set()
    confined = provider.surface.token("reader", "next")
    refused(provider, 404, confined)
    refused(provider, 404, confined, **TEST)
    assert listed(provider, confined, project="next") == []


def test_a_token_sees_as_far_as_it_is_confined(provider: Provider) -> None:
    confined = provider.surface.token("reader", "default", "production")
    assert len(listed(provider, confined)) == 3
    refused(provider, 404, confined, **TEST)


def test_the_tokens_home_is_meant_where_no_place_is_said(provider: Provider) -> None:
    home = provider.surface.token("reader", "default", "test")
    found = provider.surface.call("GET", CATALOG, token=home).json()["items"]
    assert [each["id"] for each in found] == [FLAG_ID]
    assert provider.surface.call("GET", CATALOG, token="reader").status_code == 400


def test_nobody_sees_nothing(provider: Provider) -> None:
    for token in (None, "api-wrong", "ins-wrong"):
        refused(provider, 401, token)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("equipoise:", {EXPERIMENT_ID, FLAG_ID}),
        ("EQUIPOISE:flag", {FLAG_ID}),
        ("equipoise:experiment:new", {EXPERIMENT_ID}),
        ("equipoise:flag:none", set()),
        ("icfg_shop", set()),
        ("b29a12", set()),
    ],
)
def test_an_id_of_ours_is_found_and_what_nobody_reads_is_not(
    provider: Provider, text: str, found: set[str]
) -> None:
    assert ids(provider, search=text) == found


def test_a_place_that_is_not_there_has_no_catalog(provider: Provider) -> None:
    for place in ({"project": "none", "environment": "x"}, {"environment": "none"}):
        refused(provider, 404, **place)
