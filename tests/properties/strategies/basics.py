"""What subjects are made of: mostly sound, now and then not.

Making a strategy costs more than drawing from it, so each is made once.
"""

from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from equipoise.domain import labels
from equipoise.domain.change import Command
from equipoise.domain.clauses import OPERATORS, Clause, Json
from equipoise.domain.environment.state import SealedKey

T = TypeVar("T")

KEYS = ("user", "device", "a", "b-1", "C.2_d")
BAD_KEYS = ("", "no key", "-a", "é", "a" * 257)
SHORT = st.text(max_size=8)


def mostly(sound: st.SearchStrategy[T], unsound: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Seven of the one to one of the other, so that long histories stay alive."""
    return st.integers(0, 7).flatmap(lambda die: unsound if die == 7 else sound)


@cache
def ids() -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=24, max_size=24)


@cache
def digests() -> st.SearchStrategy[str]:
    return st.binary(min_size=32, max_size=32).map(bytes.hex)


@cache
def sealed_keys() -> st.SearchStrategy[SealedKey]:
    return st.builds(SealedKey, ids(), digests())


@cache
def sound_keys() -> st.SearchStrategy[str]:
    return st.sampled_from(KEYS)


@cache
def keys() -> st.SearchStrategy[str]:
    return mostly(sound_keys(), st.sampled_from(BAD_KEYS))


@cache
def sound_names() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8)


@cache
def names() -> st.SearchStrategy[str]:
    return mostly(sound_names(), st.text(max_size=4) | st.just("n" * 257))


@cache
def sound_texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@cache
def texts() -> st.SearchStrategy[str]:
    return mostly(sound_texts(), st.sampled_from(("\0", "t" * 4_097)))


@cache
def sound_tags() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(sound_names(), max_size=3, unique=True).map(tuple)


@cache
def tags() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(names(), max_size=3).map(tuple)


@cache
def json_values() -> st.SearchStrategy[Json]:
    whole = st.integers(-(2**53), 2**53)
    leaves = st.none() | st.booleans() | whole | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        leaves | SHORT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SHORT, inner, max_size=3),
        max_leaves=5,
    )


@cache
def json_objects() -> st.SearchStrategy[dict[str, Json]]:
    return st.dictionaries(SHORT, json_values(), max_size=3)


@cache
def annotations() -> st.SearchStrategy[dict[str, Json]]:
    return st.dictionaries(sound_keys(), json_values().filter(lambda it: it is not None), max_size=2)


@cache
def sound_clauses() -> st.SearchStrategy[Clause]:
    return st.builds(
        Clause,
        id=ids(),
        attribute=sound_keys(),
        op=st.sampled_from(sorted(OPERATORS)),
        values=st.lists(json_values(), max_size=2).map(tuple),
        kind=sound_keys(),
        negate=st.booleans(),
    )


@cache
def clauses() -> st.SearchStrategy[Clause]:
    unsound = st.builds(Clause, ids(), SHORT, SHORT, st.just(()), keys())
    return mostly(sound_clauses(), unsound)


def unsaid(field: st.SearchStrategy[T]) -> st.SearchStrategy[T | UnsetType]:
    """A field that may stay as it is."""
    return st.just(UNSET) | field


@cache
def times() -> st.SearchStrategy[int]:
    """Milliseconds, from long ago to far ahead."""
    return st.integers(0, 2**43)


_LABELS: dict[type[Command], st.SearchStrategy[Any]] = {
    labels.Rename: st.builds(labels.Rename, names()),
    labels.Describe: st.builds(labels.Describe, texts()),
    labels.Tag: st.builds(labels.Tag, tags()),
    labels.AssignMaintainer: st.builds(labels.AssignMaintainer, texts()),
    labels.Annotate: st.builds(labels.Annotate, st.sampled_from(("one", "two")), sound_keys(), json_values()),
    labels.Archive: st.just(labels.Archive()),
    labels.Restore: st.just(labels.Restore()),
}
ALL_LABELS = tuple(_LABELS)


def label_commands(*commands: type[Command]) -> st.SearchStrategy[Command]:
    """Any of these; Delete comes by itself, for it ends a history."""
    return st.one_of([_LABELS[command] for command in commands])
