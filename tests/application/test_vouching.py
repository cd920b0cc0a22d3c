"""Hashes made with the SDK key of an environment."""

from hashlib import sha256
from hmac import new
from typing import Any

import pytest
from ldclient import Context as Published

from equipoise.application.vouching import Hashes, canonical_key
from equipoise.domain.environment.state import SealedKey
from equipoise.evaluation.context import context
from tests.domain.builders import an_environment
from tests.fakes import FakeVault

VAULT = FakeVault()
FITS = Hashes(VAULT)
MULTI = {"kind": "multi", "user": {"key": "a%b:c"}, "org": {"key": "o:1"}}


def hashed(key: str, text: str) -> str:
    return new(key.encode(), text.encode(), sha256).hexdigest()


def test_a_hash_fits_the_environment_and_the_text_it_was_made_for() -> None:
    here, there = (
        an_environment(sdk_key=SealedKey(VAULT.seal(key), "digest")) for key in ("sdk-here", "sdk-there")
    )
    made = hashed("sdk-here", "anna")
    assert FITS(here, "anna", made)
    assert not FITS(there, "anna", made)
    assert not FITS(here, "bert", made)
    for said in ("", made[:-1], made.upper(), made + "0", "\ud800", "ä"):
        assert not FITS(here, "anna", said)
    assert FITS(here, "süß", hashed("sdk-here", "süß"))


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"kind": "user", "key": "a%b:c"}, "a%b:c"),
        ({"key": "older", "custom": {"plan": "gold"}}, "older"),
        ({"kind": "org", "key": "a%b:c"}, "org:a%25b%3Ac"),
        (MULTI, "org:o%3A1:user:a%25b%3Ac"),
        ({"kind": "multi", "user": {"key": "a%b:c"}}, "a%b:c"),
    ],
)
def test_the_text_that_is_hashed_is_the_published_one(said: Any, key: str) -> None:
    assert canonical_key(context(said)) == key
    assert (
        Published.from_dict(said if "kind" in said else {**said, "kind": "user"}).fully_qualified_key == key
    )
