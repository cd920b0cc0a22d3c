"""Events of an environment are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.events import Configured, Painted
from tests.domain.builders import LATER, an_environment


def test_a_switch_that_is_not_told_stays() -> None:
    now = fold(ENVIRONMENT, an_environment(secure_mode=True), (Configured(critical=True),), LATER)
    assert now is not None
    assert (now.secure_mode, now.critical) == (True, True)


def test_a_color_is_believed() -> None:
    now = fold(ENVIRONMENT, an_environment(), (Painted("of old, any"),), LATER)
    assert now is not None
    assert now.color == "of old, any"


def test_a_stored_event_holds_no_switch_that_stayed() -> None:
    stored = b'[{"type":"Configured","critical":true}]'
    assert ENVIRONMENT.decode_events(stored) == (Configured(critical=True),)
