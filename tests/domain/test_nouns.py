"""The nouns are there, and each can do what it announces."""

from typing import Any

import pytest

from equipoise.domain.change import Noun
from equipoise.domain.nouns import NOUNS


def test_every_noun_stands_under_its_name() -> None:
    ours = {"project", "environment", "token", "flag", "metric", "segment", "experiment", "layer", "holdout"}
    providers = {"installation", "resource", "config store", "catalog entry", "invoice", "statement"}
    assert set(NOUNS) == ours | providers
    assert all(name == noun.name for name, noun in NOUNS.items())


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS)
def test_every_noun_decides_its_own_birth(noun: Noun[Any]) -> None:
    assert noun.birth in noun.decide


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS)
def test_the_stored_names_of_events_are_told_apart(noun: Noun[Any]) -> None:
    assert len({event.__name__ for event in noun.evolve}) == len(noun.evolve)
    assert noun.decode_events(b"[]") == ()
