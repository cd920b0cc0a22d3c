"""Contexts in every form in which they come, and what is none."""

import json
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldclient import Context as Published

from equipoise.dialects.launchdarkly.sdk.contexts import PACKED_LENGTH_MAX, canonical_key, read, unpacked
from equipoise.domain.limits import CONTEXT_BYTES_MAX
from equipoise.translation.errors import Oversized, Unreadable

MULTI = {"kind": "multi", "user": {"key": "a%b:c"}, "org": {"key": "o:1"}}


@given(st.binary(max_size=40))
def test_base64_is_read_in_either_alphabet_padded_or_not(body: bytes) -> None:
    for packed in (b64encode(body).decode(), urlsafe_b64encode(body).decode()):
        assert unpacked(packed) == unpacked(packed.rstrip("=")) == body


def test_what_is_no_base64_or_too_long_is_refused() -> None:
    for said in ("a", "ab?d", "ab\ncd", "ä"):
        with pytest.raises(Unreadable):
            unpacked(said)
    assert len(unpacked("A" * PACKED_LENGTH_MAX)) == pytest.approx(CONTEXT_BYTES_MAX, abs=2)
    with pytest.raises(Oversized):
        unpacked("A" * (PACKED_LENGTH_MAX + 1))


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
    assert canonical_key(read(json.dumps(said).encode())) == key
    assert (
        Published.from_dict(said if "kind" in said else {**said, "kind": "user"}).fully_qualified_key == key
    )


BAD: tuple[bytes, ...] = (
    b"",
    b"[]",
    b"null",
    b'"anna"',
    b"{",
    b"{}",
    b"\xff",
    b'{"kind":"user"}',
    b'{"kind":"user","key":""}',
    b'{"kind":"user","key":7}',
    b'{"key":""}',
    b'{"kind":"kind","key":"a"}',
    b'{"kind":"multi"}',
    b'{"kind":"multi","user":{"key":""}}',
    b'{"kind":"user","key":"a","anonymous":"yes"}',
    b'{"kind":"user","key":"a\\u0000"}',
    b'{"kind":"user","key":"\\ud800"}',
    b'{"kind":"user","key":"a","deep":' + b"[" * 65 + b"]" * 65 + b"}",
    b"[" * 30_000,
)


@pytest.mark.parametrize("body", BAD, ids=lambda body: body.decode("latin-1")[:30])
def test_what_is_no_context_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_the_bytes_nothing_but_unreadable_is_raised(body: bytes) -> None:
    with suppress(Unreadable):
        assert read(body).parts
