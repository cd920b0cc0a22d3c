"""Contexts of the protocol, and whom they stand for."""

from typing import Any

import pytest

from equipoise.dialects.ofrep.contexts import parts

CONTEXTS: tuple[tuple[dict[str, Any], dict[str, dict[str, Any]]], ...] = (
    ({"targetingKey": "u"}, {"user": {}}),
    ({"targetingKey": "u", "plan": "gold", "none": None, "n": 0}, {"user": {"plan": "gold", "n": 0}}),
    ({"targetingKey": "u", "key": "other"}, {"user": {}}),
    ({"targetingKey": "u", "anonymous": True}, {"user": {"anonymous": True}}),
    ({"targetingKey": "u", "kind": "org", "plan": "gold"}, {"org": {"plan": "gold"}}),
    (
        {"kind": "multi", "user": {"targetingKey": "u", "a": 1}, "org": {"key": "u"}},
        {"user": {"a": 1}, "org": {}},
    ),
    ({"kind": "multi", "targetingKey": "u", "org": {"key": "u"}}, {"user": {}, "org": {}}),
    ({"kind": "multi", "targetingKey": "not read", "user": {"key": "u"}}, {"user": {}}),
    ({"kind": "multi", "org": {"key": "u", "kind": "ignored"}}, {"org": {}}),
)


@pytest.mark.parametrize(("said", "expected"), CONTEXTS)
def test_a_targeting_key_and_attributes_are_a_user_unless_another_kind_is_said(
    said: dict[str, Any], expected: dict[str, dict[str, Any]]
) -> None:
    whole = {
        kind: {"key": "u", "kind": kind, "anonymous": False, **attributes}
        for kind, attributes in expected.items()
    }
    assert parts(said) == whole
