"""Hashes made with the SDK key of an environment."""

from hashlib import sha256
from hmac import new

from equipoise.application.hashes import Hashes
from equipoise.domain.environment.state import SealedKey
from tests.domain.builders import an_environment
from tests.fakes import FakeVault

VAULT = FakeVault()
FITS = Hashes(VAULT)


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
