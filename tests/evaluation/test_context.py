from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.evaluation.context import context, dig
from equipoise.evaluation.decision import Fault
from equipoise.evaluation.ruleset import RuledFlag, Ruleset
from tests.evaluation.answers import Both

FLAG = RuledFlag("f", 3, True, "salt", ("a",), 0, 0)
BOTH = Both(Ruleset({"f": FLAG}))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(("kind", "key", "user", "custom")), inner, max_size=4)
    ),
    max_leaves=8,
)


def test_a_context_of_one_kind_knows_its_kind_key_and_anonymity() -> None:
    found = context({"kind": "org", "key": "acme", "size": 3, "gone": None, "_meta": {}})
    assert found.parts == {"org": {"kind": "org", "key": "acme", "anonymous": False, "size": 3}}


def test_a_context_of_several_kinds_has_a_part_for_each() -> None:
    found = context({"kind": "multi", "user": {"key": "u", "anonymous": True}, "org": {"key": "o"}})
    assert {kind: (part["key"], part["anonymous"]) for kind, part in found.parts.items()} == {
        "user": ("u", True),
        "org": ("o", False),
    }


def test_a_user_without_a_kind_keeps_its_own_attributes_under_custom() -> None:
    document = {"key": "", "custom": {"plan": "pro", "key": "other"}, "privateAttributeNames": ["plan"]}
    assert context(document).parts["user"] == {"kind": "user", "key": "", "anonymous": False, "plan": "pro"}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({"kind": "user"}, "key of kind user"),
        ({"kind": "user", "key": ""}, "key of kind user"),
        ({"kind": "user", "key": 3}, "key of kind user"),
        ({"key": None}, "key of kind user"),
        ({"kind": "", "key": "k"}, "a kind is letters"),
        ({"kind": None, "key": "k"}, "a kind is letters"),
        ({"kind": "kind", "key": "k"}, "a kind is letters"),
        ({"kind": "ü", "key": "k"}, "a kind is letters"),
        ({"kind": "multi"}, "at least one kind"),
        ({"kind": "multi", "user": "u"}, "must be a JSON object"),
        ({"kind": "multi", "user": {"key": "u"}, "org": {}}, "key of kind org"),
        ({"kind": "user", "key": "k", "name": 3}, "name of kind user"),
        ({"kind": "user", "key": "k", "anonymous": "yes"}, "true or false"),
        ({"kind": "user", "key": "k", "": 3}, "empty name"),
        ({"key": "k", "custom": 3}, "custom of a user"),
    ],
)
def test_what_is_no_context_says_why_and_gets_the_default(document: Any, says: str) -> None:
    found = context(document)
    assert says in found.error
    decision = BOTH.decide("f", found, "mine")
    assert (decision.value, decision.variation) == ("mine", None)
    assert decision.reason.error is Fault.USER_NOT_SPECIFIED


@given(JSON)
def test_any_document_is_a_context_or_says_why_not(document: Any) -> None:
    found = context(document)
    assert bool(found.parts) != bool(found.error)


def test_a_path_leads_through_objects_alone() -> None:
    part = {"a": {"b": {"c": 1}}, "list": [{"b": 1}], "text": "b"}
    assert dig(part, ("a", "b", "c")) == 1
    for path in (("a", "x"), ("list", "b"), ("text", "b"), ("x", "y"), ("list", "0")):
        assert dig(part, path) is None
