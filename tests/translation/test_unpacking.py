"""Bodies are unpacked within a limit, whole or not at all."""

import gzip
from tracemalloc import get_traced_memory, start, stop

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.translation.errors import Oversized, Unreadable
from equipoise.translation.unpacking import MEMBERS_MAX, encoding_of, unpacked


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=4))
def test_a_gzip_of_one_or_more_members_is_what_was_packed(parts: list[bytes]) -> None:
    packed = b"".join(map(gzip.compress, parts))
    assert unpacked(packed, "gzip", 10_000) == b"".join(parts)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_of_exactly_the_limit_passes_and_one_more_does_not(encoding: str) -> None:
    def packed(size: int) -> bytes:
        return gzip.compress(b"x" * size) if encoding else b"x" * size

    assert len(unpacked(packed(1_000), encoding, 1_000)) == 1_000
    with pytest.raises(Oversized):
        unpacked(packed(1_001), encoding, 1_000)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    start()
    try:
        with pytest.raises(Oversized):
            unpacked(bomb, "gzip", 1_000_000)
        assert get_traced_memory()[1] < 20_000_000
    finally:
        stop()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        gzip.compress(b"[1]" * 100)[:-1],
        gzip.compress(b"[1]")[:-8] + b"12345678",
        gzip.compress(b"[1]") + b"more",
        gzip.compress(b"") * (MEMBERS_MAX + 1),
    ],
    ids=["empty", "plain", "cut off", "wrong checksum", "trailing bytes", "too many members"],
)
def test_what_is_no_whole_gzip_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        unpacked(body, "gzip", 1_000)


def test_an_encoding_that_is_not_known_is_unreadable() -> None:
    assert [encoding_of(said) for said in ("", "identity", " GZip ", "x-gzip")] == ["", "", "gzip", "gzip"]
    with pytest.raises(Unreadable, match="br is not known"):
        encoding_of("br")
