"""Decoded states are shared, and forgotten when they are too many."""

from msgspec.structs import replace

from equipoise.domain.flag import FLAG
from equipoise.storage.decoded import Decoded
from tests.domain.builders import a_flag

DOCUMENT = FLAG.encode(a_flag(revision=1)).decode()


def test_a_revision_is_decoded_once() -> None:
    decoded = Decoded()
    first = decoded.of(FLAG, "a", 1, DOCUMENT)
    assert decoded.of(FLAG, "a", 1, DOCUMENT) is first
    assert decoded.of(FLAG, "b", 1, DOCUMENT) is not first


def test_those_used_longest_ago_are_forgotten() -> None:
    decoded = Decoded(most=2 * len(DOCUMENT))
    a, b = (decoded.of(FLAG, name, 1, DOCUMENT) for name in "ab")
    assert decoded.of(FLAG, "a", 1, DOCUMENT) is a
    decoded.of(FLAG, "c", 1, DOCUMENT)
    assert decoded.of(FLAG, "a", 1, DOCUMENT) is a
    assert decoded.of(FLAG, "b", 1, DOCUMENT) is not b


def test_what_is_too_large_to_keep_is_answered_all_the_same() -> None:
    decoded = Decoded(most=1)
    assert decoded.of(FLAG, "a", 1, DOCUMENT) == replace(a_flag(), revision=1)
