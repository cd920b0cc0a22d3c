"""Ids: a prefix and ours, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.vercel import ids
from equipoise.domain.errors import Missing

SPELLED = {ids.STORE: ids.store_id, ids.INVOICE: ids.invoice_id}

plain = st.integers(0, 16**24 - 1).map(lambda number: f"{number:024x}")
prefixes = st.sampled_from(sorted(SPELLED))


@given(prefixes, plain)
def test_an_id_comes_back_as_it_was(prefix: str, id: str) -> None:
    assert SPELLED[prefix](id).startswith(prefix)
    assert ids.read(prefix, SPELLED[prefix](id), "thing") == id


@given(plain)
def test_an_id_is_of_one_noun(id: str) -> None:
    with pytest.raises(Missing):
        ids.read(ids.STORE, ids.invoice_id(id), "config store")
    with pytest.raises(Missing):
        ids.read(ids.STORE, ids.token_id(id), "config store")


@given(prefixes, st.text())
def test_any_other_text_is_missing(prefix: str, text: str) -> None:
    for said in (text, prefix + text):
        try:
            id = ids.read(prefix, said, "thing")
        except Missing:
            continue
        assert SPELLED[prefix](id) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ecfg_",
        "0" * 24,
        "ecfg_" + "0" * 23,
        "ecfg_" + "0" * 25,
        "ecfg_" + "A" * 24,
        "ECFG_" + "0" * 24,
        "ecfg_ecfg_" + "0" * 24,
        "ecfg_" + "0" * 23 + "\n",
        "ecfg_" + "\u0660" * 24,
    ],
)
def test_what_no_store_can_have_is_missing(text: str) -> None:
    with pytest.raises(Missing):
        ids.read(ids.STORE, text, "config store")
