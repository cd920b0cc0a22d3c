"""Contexts in every form in which they come, and what is none."""

from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.launchdarkly.sdk.contexts import PACKED_LENGTH_MAX, read, unpacked
from equipoise.domain.limits import CONTEXT_BYTES_MAX
from equipoise.translation.errors import Oversized, Unreadable


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
