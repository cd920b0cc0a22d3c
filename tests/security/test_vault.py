"""The vault."""

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.security.vault import Vault, WrongKey
from tests.fakes import FakeEntropy

KEY = "correct horse battery staple, and more"


@given(st.text())
def test_what_is_sealed_opens_again(secret: str) -> None:
    if any(0xD800 <= ord(char) <= 0xDFFF for char in secret):
        return
    vault = Vault(KEY, FakeEntropy())
    assert vault.open(vault.seal(secret)) == secret


def test_the_same_secret_is_never_sealed_alike() -> None:
    vault = Vault(KEY, FakeEntropy())
    assert vault.seal("sdk-1") != vault.seal("sdk-1")


def test_another_process_with_the_same_key_opens_it() -> None:
    sealed = Vault(KEY, FakeEntropy("one")).seal("sdk-1")
    assert Vault(f" {KEY}\n", FakeEntropy("two")).open(sealed) == "sdk-1"


def test_thirty_two_bytes_in_base64_are_a_key() -> None:
    Vault(base64.b64encode(bytes(32)).decode(), FakeEntropy())


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Vault("short".ljust(40), FakeEntropy())


def test_a_wrong_key_is_said_to_be_another_one() -> None:
    sealed = Vault(KEY, FakeEntropy()).seal("sdk-1")
    with pytest.raises(WrongKey, match="sealed under another key"):
        Vault(KEY + "!", FakeEntropy()).open(sealed)


def spoiled(sealed: str) -> Iterator[str]:
    yield sealed[:-6]
    yield sealed[:-6] + "AAAAAA"
    yield sealed.rpartition(".")[0] + "."
    yield "2" + sealed[1:]
    yield ""


def test_what_was_tampered_with_does_not_open() -> None:
    vault = Vault(KEY, FakeEntropy())
    for each in spoiled(vault.seal("sdk-0123456789")):
        with pytest.raises(WrongKey):
            vault.open(each)


def test_the_secret_is_not_in_what_is_sealed() -> None:
    assert "sdk-0123456789" not in Vault(KEY, FakeEntropy()).seal("sdk-0123456789")
