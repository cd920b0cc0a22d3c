"""The vendor's reference page "Update an experiment": its example is sent as it stands, in every status."""

import json
import os
from typing import Any

import httpx
import pytest
from auth0.management import SegmentMatchConditions, SegmentRule

from equipoise.application.ports import space_of
from tests.contracts.openapi import shared
from tests.flows.stores import opened
from tests.flows.tenant import Tenancy, Tenant, Watched

PLACEHOLDER = "<string>"
WITH_A_LIFE = {"started_at", "ended_at"}  # the keys that a draft has no value for


def example(part: str) -> Any:
    folder = shared()
    file = None if folder is None else folder / "contracts" / "auth0-examples.json"
    if file is None or not (file.exists() or os.environ.get("CI")):
        pytest.skip("this clone has no contract files")
    return json.loads(file.read_text())[part]


class Page:
    """The example with valid values in its placeholders, and an experiment that it is sent to."""

    def __init__(self, tenancy: Tenancy) -> None:
        self.tenancy, self.project = tenancy, tenancy.project()
        token = tenancy.token(self.project).secret
        self.tenant = Tenant(tenancy.server.url, token)
        self.flag = self.tenant.flag()
        self.experiment: str = self.tenant.experiment(self.flag).id
        rules = [SegmentRule(match=SegmentMatchConditions(country=["AT"]))]
        self.values = {
            "name": "As the page has it",
            "description": "A text",
            "variation_id": self.flag.control,
            "segment_id": self.tenant.segments.create(name="Austria", rules=rules).id,
        }
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(transport=Watched(), base_url=tenancy.server.url, headers=headers)

    def body(self) -> dict[str, Any]:
        filled: dict[str, Any] = self._filled(example("request"), "")
        return filled

    def _filled(self, said: Any, name: str) -> Any:
        if isinstance(said, dict):
            return {key: self._filled(value, key) for key, value in said.items()}
        if isinstance(said, list):
            return [self._filled(each, name) for each in said]
        return self.values[name] if said == PLACEHOLDER else said

    def send(self, body: Any) -> httpx.Response:
        return self.http.patch(f"/api/v2/experimentation/experiments/{self.experiment}", json=body)

    def read(self) -> Any:
        return self.http.get(f"/api/v2/experimentation/experiments/{self.experiment}").json()

    def move(self, *statuses: str) -> None:
        for status in statuses:
            self.tenant.experiments.update(self.experiment, status=status)

    def events(self) -> list[str]:
        """What happened to it, as the log has it."""
        with opened(self.tenancy.place) as store, store.read() as reader:
            rows = reader.history(space_of(self.project), 0, 1_000)
        return [type(event).__name__ for row in rows if row.noun == "experiment" for event in row.events]


@pytest.fixture
def page(tenancy: Tenancy) -> Page:
    return Page(tenancy)


def keys(document: Any, path: str = "") -> set[str]:
    """Of a document and of all within, by their path; the items of a list are one."""
    if isinstance(document, list):
        return {key for each in document for key in keys(each, path)}
    if not isinstance(document, dict):
        return set()
    own = {f"{path}{name}" for name in document}
    return own | {key for name, value in document.items() for key in keys(value, f"{path}{name}.")}


def test_the_example_is_taken_as_it_stands_and_every_key_of_its_reply_is_in_ours(page: Page) -> None:
    body = page.body()
    response = page.send(body)
    assert response.status_code == 200, response.text
    told = response.json()
    assert keys(example("reply")) - keys(told) <= WITH_A_LIFE
    assert {name: told[name] for name in ("name", "description")} == {
        name: body[name] for name in ("name", "description")
    }
    (sent,), (kept,) = body["allocations"], told["allocations"]
    assert sent.items() <= kept.items(), "keys of the other strategy are kept"
    assert told["is_valid"] is False, "half of the weight is nobody's"
    before = page.events()
    assert page.send(body).json() == told
    assert page.events() == before, "said again, it changes nothing"

    page.tenant.experiments.update(page.experiment, allocations=page.flag.weighted())
    page.move("active", "paused")
    assert page.send(body).status_code == 200
    page.move("completed")
    assert keys(example("reply")) <= keys(page.read())


def test_its_allocations_replace_all_in_a_draft_and_open_a_phase_while_paused(page: Page) -> None:
    body = page.body()
    assert [each["weight"] for each in page.send(body).json()["allocations"]] == [50]
    assert "PhaseOpened" not in page.events()
    page.tenant.experiments.update(page.experiment, allocations=page.flag.weighted())
    page.move("active", "paused")
    began = page.read()["started_at"]
    opened_before = page.events().count("PhaseOpened")
    replaced = page.send(body)
    assert replaced.status_code == 200, replaced.text
    assert [each["weight"] for each in replaced.json()["allocations"]] == [50]
    assert page.events().count("PhaseOpened") == opened_before + 1
    page.tenant.experiments.update(page.experiment, allocations=page.flag.weighted(10), status="active")
    assert page.read()["started_at"] == began, "it is one run"


@pytest.mark.parametrize(
    ("moves", "code"),
    [
        (["active"], "experiment_requires_pause"),
        (["active", "completed"], "field_not_editable"),
        (["archived"], "field_not_editable"),
    ],
    ids=["active", "completed", "archived"],
)
def test_it_is_refused_where_allocations_stay(page: Page, moves: list[str], code: str) -> None:
    page.move(*moves)
    before = page.read()
    response = page.send(page.body())
    assert response.status_code == 400
    assert response.json()["errorCode"] == code
    assert page.read() == before
