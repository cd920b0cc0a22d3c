"""Ids: each of ours has one spelling, and each spelling one of ours."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.auth0 import ids
from equipoise.domain.errors import Missing

PREFIXES = {"experiment": "exp_", "feature flag": "flg_", "variation": "var_", "segment": "seg_"}
LENGTHS = {"experiment": 17, "feature flag": 17, "variation": 22, "segment": 17}
LAST = dict.fromkeys(PREFIXES, "f" * 24) | {"variation": str(uuid.UUID(int=2**128 - 1))}

plain = st.integers(0, 16**24 - 1).map(lambda number: f"{number:024x}")
uuids = st.uuids().map(str)
nouns = st.sampled_from(sorted(PREFIXES))


@st.composite
def owned(draw: st.DrawFn) -> tuple[str, str]:
    """A noun and an id of ours of it."""
    noun = draw(nouns)
    return noun, draw(uuids if noun == "variation" else plain)


@given(owned())
def test_an_id_comes_back_as_it_was(said: tuple[str, str]) -> None:
    noun, id = said
    assert ids.read(noun, ids.spelled(noun, id)) == id


@given(nouns, st.data())
def test_a_spelling_that_can_be_read_is_the_only_one(noun: str, data: st.DataObject) -> None:
    digits = data.draw(st.text(ids.ALPHABET, min_size=LENGTHS[noun], max_size=LENGTHS[noun]))
    text = PREFIXES[noun] + digits
    id = ids.known(noun, text)
    assert not id or ids.spelled(noun, id) == text


@given(owned())
def test_an_id_is_spelt_as_published_and_always_at_full_length(said: tuple[str, str]) -> None:
    noun, id = said
    text = ids.spelled(noun, id)
    assert re.fullmatch(PREFIXES[noun] + "[A-HJ-NP-Za-km-z1-9]+", text)
    assert len(text) == len(PREFIXES[noun]) + LENGTHS[noun]


@pytest.mark.parametrize("noun", PREFIXES)
def test_the_least_and_the_greatest_id_are_spelt_at_full_length_too(noun: str) -> None:
    none = "00000000-0000-0000-0000-000000000000" if noun == "variation" else ids.GONE
    assert ids.spelled(noun, none) == PREFIXES[noun] + "1" * LENGTHS[noun]
    assert ids.read(noun, ids.spelled(noun, none)) == none
    assert ids.read(noun, ids.spelled(noun, LAST[noun])) == LAST[noun]


@given(owned(), nouns)
def test_an_id_is_of_one_noun(said: tuple[str, str], other: str) -> None:
    noun, id = said
    if noun != other:
        with pytest.raises(Missing):
            ids.read(other, ids.spelled(noun, id))


GREATEST = ids.spelled("segment", LAST["segment"])
OVER = GREATEST[:-1] + ids.ALPHABET[ids.ALPHABET.index(GREATEST[-1]) + 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seg_",
        "seg",
        "seg_" + "1" * 16,
        "seg_" + "1" * 18,
        "1" * 17,
        "seg_" + "1" * 16 + "0",
        "seg_" + "1" * 16 + "O",
        "seg_" + "1" * 16 + "I",
        "seg_" + "1" * 16 + "l",
        "seg_" + "1" * 16 + "é",
        "seg_" + "1" * 16 + "\uff11",
        "seg_" + "1" * 16 + "\n",
        " seg_" + "1" * 17,
        "SEG_" + "1" * 17,
        "seg_seg_" + "1" * 13,
        OVER,
        "seg_" + "z" * 17,
        "0" * 24,
        "seg_" + "1" * 1_000_000,
    ],
)
def test_what_no_segment_can_have_is_missing(text: str) -> None:
    with pytest.raises(Missing):
        ids.read("segment", text)
    assert ids.known("segment", text) == ""


@given(nouns, st.text())
def test_no_text_whatever_is_anything_but_known_or_missing(noun: str, text: str) -> None:
    for said in (text, PREFIXES[noun] + text):
        id = ids.known(noun, said)
        assert id == "" or ids.spelled(noun, id) == said
