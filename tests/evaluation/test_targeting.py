"""Contexts as OpenFeature has them, and whom they stand for: on the server and in the SDK."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfeature.evaluation_context import EvaluationContext

from equipoise.dialects.ofrep.contexts import asked_for
from equipoise.dialects.ofrep.errors import INVALID_CONTEXT, NO_TARGETING_KEY, Unfit
from equipoise.evaluation.context import Context
from equipoise.evaluation.targeting import Untargeted, targeted
from equipoise.sdk.openfeature import context_of

Said = dict[str, Any]

CONTEXTS: tuple[tuple[Said, dict[str, Said]], ...] = (
    ({"targetingKey": "u"}, {"user": {}}),
    ({"targetingKey": "u", "plan": "gold", "none": None, "n": 0}, {"user": {"plan": "gold", "n": 0}}),
    ({"targetingKey": "u", "key": "other"}, {"user": {}}),
    ({"key": "u"}, {"user": {}}),
    ({"targetingKey": "", "key": "u"}, {"user": {}}),
    ({"targetingKey": "u", "anonymous": True}, {"user": {"anonymous": True}}),
    ({"targetingKey": "u", "anonymous": None, "kind": None}, {"user": {}}),
    ({"targetingKey": "u", "kind": "org", "plan": "gold", "none": None}, {"org": {"plan": "gold"}}),
    ({"key": "u", "kind": "org"}, {"org": {}}),
    (
        {"kind": "multi", "user": {"targetingKey": "u", "a": 1}, "org": {"key": "u"}},
        {"user": {"a": 1}, "org": {}},
    ),
    ({"kind": "multi", "targetingKey": "u", "org": {"key": "u"}}, {"user": {}, "org": {}}),
    ({"kind": "multi", "targetingKey": "not read", "user": {"key": "u"}}, {"user": {}}),
    ({"kind": "multi", "targetingKey": "u", "user": {"a": 1}}, {"user": {"a": 1}}),
    ({"kind": "multi", "org": {"key": "u", "kind": "ignored"}}, {"org": {}}),
    ({"kind": "multi", "org": {"key": "other", "targetingKey": "u", "none": None}}, {"org": {}}),
    ({"kind": "multi", "org": {"key": "u"}, "device": None}, {"org": {}}),
)

KEYLESS: tuple[Said, ...] = (
    {},
    {"plan": "gold"},
    {"targetingKey": None},
    {"targetingKey": "", "key": ""},
    {"kind": "org"},
    {"kind": "multi"},
    {"kind": "multi", "org": None},
    {"kind": "multi", "org": {}},
    {"kind": "multi", "user": {}, "org": {"key": "o"}},
    {"kind": "multi", "targetingKey": "u", "org": {"plan": "gold"}},
)

WRONG: tuple[tuple[Said, str], ...] = (
    ({"targetingKey": "u", "kind": 7}, "a kind is letters"),
    ({"targetingKey": "u", "kind": "a b"}, "a kind is letters"),
    ({"key": "u", "kind": "kind"}, "a kind is letters"),
    ({"key": 7}, "must be a string"),
    ({"kind": "multi", "targetingKey": "u", "plan": "gold"}, "plan of a context of several kinds"),
    ({"kind": "multi", "targetingKey": "u", "org": [1]}, "org of a context of several kinds"),
    ({"kind": "multi", "targetingKey": "u", "a b": {"key": "o"}}, "a kind is letters"),
    ({"kind": "multi", "org": {"key": 7}}, "must be a string"),
    ({"kind": "multi", **{f"kind-{each}": {"key": "k"} for each in range(101)}}, "at most 100 kinds"),
)


def by_the_sdk(said: Said) -> Context | None:
    attributes = deepcopy(said)
    return context_of(EvaluationContext(attributes.pop("targetingKey", None), attributes))


def by_the_server(said: Said) -> Context:
    return asked_for(json.dumps({"context": said}).encode())


@pytest.mark.parametrize(("said", "expected"), CONTEXTS)
def test_a_context_stands_for_the_same_units_on_both_surfaces(said: Said, expected: dict[str, Said]) -> None:
    whole = {
        kind: {"key": "u", "kind": kind, "anonymous": False, **attributes}
        for kind, attributes in expected.items()
    }
    assert by_the_server(said) == by_the_sdk(said) == Context(whole)
    assert list(by_the_server(said).parts) == list(targeted(deepcopy(said)).parts)


@pytest.mark.parametrize("said", KEYLESS)
def test_where_nobody_is_named_both_say_that_the_key_is_missing(said: Said) -> None:
    assert by_the_sdk(said) is None
    with pytest.raises(Unfit) as refused:
        by_the_server(said)
    assert refused.value.code == NO_TARGETING_KEY


@pytest.mark.parametrize(("said", "why"), WRONG)
def test_what_is_no_context_is_none_on_both_surfaces_for_the_same_cause(said: Said, why: str) -> None:
    with pytest.raises(Unfit, match=why) as refused:
        by_the_server(said)
    assert refused.value.code == INVALID_CONTEXT
    found = by_the_sdk(said)
    assert found is not None
    assert found == Context({}, str(refused.value))


NAMES = st.sampled_from(("targetingKey", "kind", "key", "user", "org", "a"))
PLAIN = st.none() | st.integers(0, 2) | st.sampled_from(("", "u", "org", "multi"))


@given(st.dictionaries(NAMES, PLAIN | st.dictionaries(NAMES, PLAIN)))
def test_every_context_has_keys_that_are_text_and_no_attribute_that_is_null(said: Said) -> None:
    try:
        parts = targeted(said).parts
    except Untargeted:
        return
    assert parts
    for kind, part in parts.items():
        assert (part["kind"], type(part["key"]), bool(part["key"])) == (kind, str, True)
        assert None not in part.values()
        assert "targetingKey" not in part
