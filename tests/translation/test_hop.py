"""When a request hops to a worker thread."""

from time import sleep

from equipoise.application.answers import Answer
from equipoise.security.permissions import Act
from equipoise.translation.hop import BRIEF_BYTES_MAX, QUICK_SECONDS, Hop
from equipoise.translation.routes import Route


def route(operation: str, brief: bool) -> Route:
    return Route("GET", "/x", Act.READ, lambda call: Answer(200), operation, {200: None}, brief=brief)


GET, PATCH, LIST = route("get", True), route("patch", True), route("list", False)


def test_what_is_quick_stays_where_it_is() -> None:
    hop = Hop(lambda: True)
    assert hop.timed("get", lambda: 7) == 7
    assert not hop.needed(GET, 0)


def test_what_is_not_brief_hops_however_quick_it_was() -> None:
    hop = Hop(lambda: True)
    assert hop.needed(LIST, 0)
    assert hop.needed(GET, BRIEF_BYTES_MAX + 1)


def test_what_was_slow_once_hops_for_a_while_and_nothing_else_does() -> None:
    hop = Hop(lambda: True)
    hop.timed("get", lambda: sleep(QUICK_SECONDS * 2))
    assert hop.needed(GET, 0)
    assert not hop.needed(PATCH, 0)


def test_all_hop_while_somebody_is_in_the_way() -> None:
    assert Hop(lambda: False).needed(GET, 0)
