"""Routes on the raw path."""

import pytest

from equipoise.application.answers import Answer
from equipoise.security.permissions import Act
from equipoise.translation.errors import NoMethod, NoRoute, Unreadable
from equipoise.translation.routes import Route, Router


def route(method: str, path: str, operation: str) -> Route:
    return Route(method, path, Act.READ, lambda call: Answer(200), operation, {200: None})


ROUTER = Router(
    [
        route("GET", "/api/{project}/things/{key}", "one"),
        route("PATCH", "/api/{project}/things/{name}", "patch"),
        route("GET", "/api/{project}/things/best", "best"),
        route("GET", "/api", "root"),
    ]
)


def test_each_segment_is_decoded_by_itself_so_that_an_encoded_slash_stays_inside_a_key() -> None:
    found, path = ROUTER.find("GET", b"/api/a%2Fb/things/c%20d")
    assert (found.operation, path) == ("one", {"project": "a/b", "key": "c d"})


def test_a_literal_segment_comes_before_a_parameter() -> None:
    assert ROUTER.find("GET", b"/api/p/things/best")[0].operation == "best"


def test_routes_of_one_shape_keep_their_own_parameter_names() -> None:
    assert ROUTER.find("PATCH", b"/api/p/things/x")[1] == {"project": "p", "name": "x"}


def test_a_trailing_slash_does_no_harm() -> None:
    assert ROUTER.find("GET", b"/api/")[0].operation == "root"


def test_where_empty_parameters_count_a_trailing_slash_begins_one() -> None:
    strict = Router(
        [
            route("POST", "/flags", "all"),
            route("POST", "/flags/{key}", "one"),
            route("GET", "/ping", "ping"),
        ],
        empties=True,
    )
    found, path = strict.find("POST", b"/flags/")
    assert (found.operation, path) == ("one", {"key": ""})
    assert strict.find("POST", b"/flags")[0].operation == "all"
    assert strict.find("GET", b"/ping/")[0].operation == "ping"


def test_a_path_that_is_no_text_has_a_route_all_the_same() -> None:
    for path in (b"/api/%ff/things/x", b"/api/p/things/%00", b"/api/p/things/\xff"):
        found = ROUTER.nearest("GET", path)
        assert found is not None
        assert found.operation == "one"
    assert ROUTER.nearest("GET", b"/%ff") is None
    assert ROUTER.nearest("DELETE", b"/api/%ff/things/x") is None


def test_another_method_is_told_which_are_allowed() -> None:
    with pytest.raises(NoMethod) as caught:
        ROUTER.find("DELETE", b"/api/p/things/x")
    assert caught.value.allowed == ("GET", "PATCH")


def test_a_path_that_nothing_serves_is_no_route() -> None:
    with pytest.raises(NoRoute):
        ROUTER.find("GET", b"/api/p/other")


@pytest.mark.parametrize("path", [b"/api/%ff/things/x", b"/api/p/things/%00"])
def test_a_path_that_is_no_text_is_unreadable(path: bytes) -> None:
    with pytest.raises(Unreadable):
        ROUTER.find("GET", path)


def test_two_routes_for_one_operation_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="two routes"):
        Router([route("GET", "/a/{x}", "one"), route("GET", "/a/{y}", "two")])
