"""When a request hops to a worker thread."""

from time import sleep

from equipoise.translation.hop import QUICK_SECONDS, Hop


def test_what_is_quick_stays_where_it_is() -> None:
    hop = Hop(lambda: True)
    assert hop.timed("get", lambda: 7) == 7
    assert not hop.needed("get")


def test_what_was_slow_once_hops_for_a_while_and_nothing_else_does() -> None:
    hop = Hop(lambda: True)
    hop.timed("list", lambda: sleep(QUICK_SECONDS * 2))
    assert hop.needed("list")
    assert not hop.needed("get")


def test_all_hop_while_somebody_is_in_the_way() -> None:
    assert Hop(lambda: False).needed("get")
