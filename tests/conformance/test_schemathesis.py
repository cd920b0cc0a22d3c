"""The served OpenAPI document, held against the server that serves it: schemathesis over every operation.

An operation is asked in a project of its own: what is drawn from its schema, under paths that exist and paths
that do not; and valid requests crossed with what was drawn, so that some get past the first check. The valid
requests themselves are counted apart.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from equipoise.application.administration import HOME, make_token
from equipoise.config import Settings
from equipoise.domain.identity import Place
from equipoise.server import opened
from equipoise.translation.openapi import document
from equipoise.translation.routes import Route
from tests.conformance.scenes import DIALECTS, NEW, Golden, Scene, path_of, reads, requests_of, route_of
from tests.served import Place as Where
from tests.served import Server, serving
from tests.summaries import SUMMARY

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES, SECONDS = 60, 0.6  # per operation
EXAMPLES_FULL, SECONDS_FULL = 3_000, 20.0
RATES = (0.02, 0.1, 0.4)  # of the parts of a valid body, those that are replaced by what was drawn
FAULTS_MAX = 6  # per operation; more say nothing new
SCENES_MAX = 4  # per operation that deletes the one it is in


class Enough(Exception):
    """There is no time left, or no need."""


@dataclass
class Tally:
    """How often one operation was asked, and how often that went well."""

    operation: str
    asked: int = 0
    accepted: int = 0
    valid_accepted: bool = False
    faults: list[str] = field(default_factory=list)

    def count(self, status: int) -> None:
        self.asked += 1
        self.accepted += 200 <= status < 300

    def __str__(self) -> str:
        share = self.accepted / max(self.asked, 1)
        valid = "yes" if self.valid_accepted else "NO"
        return f"{self.operation:32} {share:6.1%} of {self.asked:4}   valid request: {valid}"


class Assault:
    """One dialect of a running server, and what was found there."""

    def __init__(self, name: str, server: Server, data: Path, examples: int, seconds: float) -> None:
        self.dialect, self.requests, self.server = DIALECTS[name], requests_of(DIALECTS[name]), server
        self.examples, self.seconds = examples, seconds
        self.data = data
        self._numbers = count(1)
        self._shared: Scene | None = None
        self._secrets: dict[Place, str] = {}

    def run(self) -> Iterator[Tally]:
        schema: Any = schemathesis.openapi.from_url(
            f"{self.server.url}/equipoise/v1/openapi/{self.dialect.name}.json"
        )
        schema.validate()
        for found in schema.get_all_operations():
            operation = found.ok()
            route = route_of(self.dialect, operation.definition.raw["operationId"])
            tally = Tally(route.operation)
            self._valid(route, tally)
            self._drawn(route, operation, tally)
            yield tally

    def _valid(self, route: Route, tally: Tally) -> None:
        scene = self._scene(route)
        golden = scene.requests[route.operation]
        response = self.server.client.request(
            route.method,
            path_of(route, golden.path),
            params=golden.query,
            content=golden.content,
            headers={"Content-Type": golden.media, **self._headers(scene.place)},
        )
        tally.valid_accepted = response.status_code in route.answers
        if not tally.valid_accepted:
            tally.faults.append(f"a valid request was answered {response.status_code}: {response.text}")

    def _drawn(self, route: Route, operation: Any, tally: Tally) -> None:
        scenes = [self._scene(route)]
        until = monotonic() + self.seconds

        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), seed=st.integers(0, 2**32))
        def ask(case: Any, seed: int) -> None:
            if monotonic() > until or len(tally.faults) >= FAULTS_MAX:
                raise Enough
            number = next(self._numbers)
            shape(case, scenes[-1].requests[route.operation], Random(f"{seed}/{number}"), number)
            response = case.call(base_url=self.server.url, headers=self._headers(scenes[-1].place))
            tally.count(response.status_code)
            try:
                case.validate_response(response, checks=CHECKS)
            except (AssertionError, BaseExceptionGroup) as fault:
                tally.faults += map(str, getattr(fault, "exceptions", (fault,)))
                tally.faults.append(case.as_curl_command())
            if route.method == "DELETE" and response.status_code < 300 and len(scenes) < SCENES_MAX:
                scenes.append(self._scene(route))

        with suppress(Enough):
            ask()

    def _scene(self, route: Route) -> Scene:
        """A project that no other operation changes; those that read share one."""
        if not reads(route):
            return self.requests.scene(self._ask, f"shop{next(self._numbers)}")
        if self._shared is None:
            self._shared = self.requests.scene(self._ask, "readers")
        return self._shared

    def _headers(self, home: Place) -> dict[str, str]:
        """Of an admin of the instance, at home there where the dialect asks for it."""
        if home == HOME or not self.requests.AT_HOME:
            return {"Authorization": self.server.token}
        if home not in self._secrets:
            self._secrets[home] = at_home(self.data, home)
        return {"Authorization": self._secrets[home]}

    def _ask(
        self, method: str, path: str, body: Any, media: str = "application/json", home: Place = HOME
    ) -> Any:
        headers = {"Content-Type": media, **self._headers(home)}
        response = self.server.client.request(method, path, json=body, headers=headers)
        assert response.is_success, f"{method} {path}: {response.text}"
        return response.json() if response.content else None


def at_home(data: Path, home: Place) -> str:
    """The secret of a token of one environment, made as the command does, beside the server."""
    with opened(Settings(data=data)) as instance:
        return make_token(instance.desk, home, "admin").secret


def shape(case: Any, golden: Golden, luck: Random, number: int) -> None:
    """Mostly a path that exists, sometimes a valid body with something drawn in it."""
    for name, value in golden.path.items():
        if luck.random() < 0.85:
            case.path_parameters[name] = value
    if luck.random() < 0.5:
        case.query = dict(golden.query)
    for said in (case.query, case.headers):
        for name in ("asOf", "If-Match", "Idempotency-Key"):
            if luck.random() < 0.8:
                said.pop(name, None)
    if golden.body is not None and luck.random() < 0.6:
        case.body = renewed(crossed(golden.body, case.body, luck, luck.choice(RATES)), f"{NEW}-{number}")
        case.media_type = golden.media


def crossed(valid: Any, drawn: Any, luck: Random, rate: float) -> Any:
    """The valid value, with some of what was drawn in the place of its parts, or beside them."""
    if isinstance(valid, dict) and isinstance(drawn, dict):
        beside = {name: value for name, value in drawn.items() if luck.random() < rate}
        return beside | {name: crossed(each, drawn.get(name), luck, rate) for name, each in valid.items()}
    if isinstance(valid, list) and isinstance(drawn, list) and drawn:
        return [crossed(each, drawn[0], luck, rate) for each in valid]
    return valid if drawn is None or luck.random() > rate else drawn


def renewed(value: Any, key: str) -> Any:
    """The same, with a key of its own for what it makes."""
    if isinstance(value, dict):
        return {name: renewed(each, key) for name, each in value.items()}
    if isinstance(value, list):
        return [renewed(each, key) for each in value]
    return value.replace(NEW, key) if isinstance(value, str) else value


def assail(
    name: str, folder: Path, examples: int, seconds: float, record: Callable[[str, object], None]
) -> None:
    with serving(Where(folder / "data")) as server:
        tallies = list(Assault(name, server, folder / "data", examples, seconds).run())
        assert server.process.poll() is None, server.log.read_text()
        if any(tally.faults for tally in tallies):
            print(server.log.read_text()[-20_000:])
    table = "\n".join(map(str, tallies))
    print(table)
    record(f"{SUMMARY}{name}: share of 2xx per operation", table)
    assert {tally.operation: tally.faults for tally in tallies if tally.faults} == {}
    assert [each.operation for each in tallies if not (each.accepted or each.valid_accepted)] == []


@pytest.mark.parametrize("name", DIALECTS)
def test_the_document_is_openapi_and_says_every_operation(name: str) -> None:
    said = json.loads(document(DIALECTS[name]))
    schemathesis.openapi.from_dict(said).validate()
    found = {each["operationId"] for path in said["paths"].values() for each in path.values()}
    assert found == {route.operation for route in DIALECTS[name].routes}
    assert not any("." in each for each in said["components"]["schemas"]), "modules are our own business"


@pytest.mark.parametrize("name", DIALECTS)
def test_the_server_keeps_to_the_document_it_serves(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assail(name, tmp_path, EXAMPLES, SECONDS, record_property)


@pytest.mark.full
@pytest.mark.parametrize("name", DIALECTS)
def test_the_server_keeps_to_the_document_it_serves_over_many_thousand_requests(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assail(name, tmp_path, EXAMPLES_FULL, SECONDS_FULL, record_property)
