"""The gateway: whose a path is, and the tags of answers."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.domain.change import Outcome
from equipoise.security.permissions import Act
from equipoise.translation.call import etag, previewed
from equipoise.translation.dialect import Dialect
from equipoise.translation.doors import Door, Outlets, Visit
from equipoise.translation.http import Gateway
from equipoise.translation.routes import Route
from tests.domain.test_change import DARK, LAMP, Lit
from tests.translation.gateways import ask, opened


class Refusal(Struct):
    why: str


def dialect(name: str, prefixes: tuple[str, ...], *routes: Route) -> Dialect:
    return Dialect(
        name=name,
        title=name,
        prefixes=prefixes,
        routes=routes,
        credential=lambda headers: "",
        refuse=lambda error: Answer(404, msgspec.json.encode(Refusal(str(error)))),
        quotas=lambda quota: (),
        refusal=Refusal,
        security={"type": "http", "scheme": "bearer"},
    )


def route(method: str, path: str, answer: Answer) -> Route:
    return Route(method, path, Act.READ, lambda call: answer, f"{method} {path}", {answer.status: None})


SAID = Answer(200, b'"said"', revision=3)
DONE, MADE, TOLD = Answer(204, revision=7), Answer(201), Answer(200, b"{}")
BELOW = dialect(
    "below",
    ("/things",),
    route("GET", "/things/{id}", SAID),
    route("PATCH", "/things/{id}", DONE),
    route("POST", "/things", MADE),
    route("PUT", "/things/{id}", TOLD),
)


async def _opened(visit: Visit) -> Answer:
    return SAID


CORS = (("Access-Control-Allow-Origin", "https://a.example"), ("Access-Control-Allow-Methods", "REPORT"))


def door(path: str, **fields: Any) -> Door:
    return Door("REPORT", path, path, "A door.", _opened, lambda error: Answer(500), (200,), **fields)


BEGINNING = replace(
    dialect("beginning", ("/thing_*",), route("GET", "/{id}/part", SAID)),
    doors=(door("/pages/{id}", cors=CORS), door("/others")),
)


@pytest.fixture
def gateway() -> Gateway:
    return opened(BELOW, BEGINNING, outlets=Outlets(None, None, None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/things", True),
        ("/things/a", True),
        ("/thingsome", False),
        ("/thing_", True),
        ("/thing_1/part", True),
        ("/thing", False),
        ("/other", False),
    ],
)
def test_a_prefix_owns_what_is_below_it_and_one_with_an_asterisk_what_begins_so(
    gateway: Gateway, path: str, served: bool
) -> None:
    scope = {"type": "http", "method": "TRACE", "raw_path": path.encode(), "query_string": b"", "headers": []}
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    assert asyncio.run(gateway(scope, send, send)) is served  # type: ignore[arg-type]
    assert bool(told) is served


def test_a_path_is_answered_by_whom_it_belongs_to(gateway: Gateway) -> None:
    assert ask(gateway, "GET", "/thing_1/part").json() == "said"
    assert ask(gateway, "GET", "/thing_1/whole").status_code == 404


def test_an_answer_about_one_object_carries_a_tag_with_or_without_a_body(gateway: Gateway) -> None:
    assert ask(gateway, "GET", "/things/a").headers["etag"] == etag("below", SAID)
    assert ask(gateway, "PATCH", "/things/a").headers["etag"].startswith('"below-7-')


def test_an_answer_about_none_carries_no_tag_unless_it_is_read(gateway: Gateway) -> None:
    for method, path in (("POST", "/things"), ("PUT", "/things/a")):
        assert "etag" not in ask(gateway, method, path).headers


def test_a_bodiless_answer_is_never_taken_for_one_that_is_known(gateway: Gateway) -> None:
    tag = ask(gateway, "PATCH", "/things/a").headers["etag"]
    assert ask(gateway, "PATCH", "/things/a", {"If-None-Match": tag}).status_code == 204


def test_what_stands_in_the_header_of_a_preview_is_one_printable_line() -> None:
    """It names what would change, and names come from requests."""
    named = replace(DARK, key="a\r\nX-Evil: 1\x01")
    world: Any = SimpleNamespace(outcomes=(Outcome(LAMP, None, named, (Lit(True),)),))
    said = previewed(lambda *_: Answer(204))(world, None)
    (preview,) = (value for name, value in said.headers if name == "X-Equipoise-Preview")
    assert preview.isprintable()
    assert "a??X-Evil: 1?" in preview


def test_a_door_for_pages_of_other_origins_says_so_whatever_it_is_asked(gateway: Gateway) -> None:
    asked = {"Origin": "https://b.example", "Access-Control-Request-Method": "REPORT"}
    for method, status in (("REPORT", 200), ("OPTIONS", 204), ("GET", 405)):
        for headers in (asked, {}):
            answer = ask(gateway, method, "/pages/a", headers)
            assert answer.status_code == status
            said = [each for each in answer.headers.multi_items() if each[0].startswith("access-control")]
            assert said == [(name.lower(), value) for name, value in CORS]
    assert ask(gateway, "OPTIONS", "/pages/a").headers["allow"] == "REPORT"


def test_another_door_answers_a_preflight_alone(gateway: Gateway) -> None:
    asked = {"Origin": "https://b.example", "Access-Control-Request-Method": "GET"}
    assert ask(gateway, "OPTIONS", "/others", asked).headers["access-control-allow-origin"] == "*"
    assert ask(gateway, "OPTIONS", "/others").status_code == 405
