"""Regular expressions out of a grammar, and texts for them."""

from hypothesis import strategies as st

_atoms = st.sampled_from(
    [
        *("a", "b", "s", "K", "1", "-", "_", " ", "@", "é", "."),
        *(r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\.", r"\n", r"\t", r"\-", r"\\"),
        *("[ab]", "[^a]", "[a-k]", "[a-]", "[]a]", r"[\d_-]", r"[^\s@]"),
    ]
)
_edges = st.sampled_from(["^", "$", r"\b", r"\B"])
_repeats = st.sampled_from(["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{2,}"])
_parts = st.tuples(_atoms, _repeats).map("".join) | _edges


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.tuples(st.sampled_from(["(", "(?:"]), inner, st.just(")"), _repeats).map("".join)
    several = st.lists(inner, min_size=2, max_size=3)
    return several.map("".join) | several.map("|".join) | groups


_wholes = st.recursive(_parts, _larger, max_leaves=8)
patterns = st.tuples(st.sampled_from(["", "", "(?i)"]), _wholes).map("".join)
plain_texts = st.text("abcksKS1 -_@.A", max_size=12)
texts = plain_texts | st.text("ab\n\t\x0b\0é٣sSkK\u017f\u212a1 \ud800", max_size=8)
scribbles = st.text("ab|()[]*+?{}1,2^$\\.d:-<P=x!Q", max_size=12)
