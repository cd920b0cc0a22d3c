"""Events of a config store are believed: none fails, whatever the state."""

from equipoise.domain.change import fold
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.events import Created, Pushed
from equipoise.domain.config_store.state import digest_of
from tests.domain.builders import LATER, a_config_store

ITEMS = {"no key": 1}


def test_the_items_are_those_that_were_told_last() -> None:
    now = fold(CONFIG_STORE, a_config_store(), (Pushed({"a": 1}, 2), Pushed(ITEMS, 1)), LATER)
    assert now == a_config_store(
        items=ITEMS, digest=digest_of(ITEMS), updated_at=1, revision=1, touched_at=LATER
    )


def test_the_digest_of_a_newborn_is_that_of_its_items_whatever_was_told() -> None:
    now = fold(CONFIG_STORE, None, (Created(a_config_store(items=ITEMS, digest="wrong")),), LATER)
    assert now is not None
    assert now.digest == digest_of(ITEMS)
