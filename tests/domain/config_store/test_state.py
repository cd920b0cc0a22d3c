"""What a config store knows of itself."""

from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from equipoise.domain.clauses import same
from equipoise.domain.config_store.state import digest_of, facets
from equipoise.domain.identity import Place
from tests.domain.builders import BORN_AT, a_config_store, a_resource
from tests.properties.strategies.basics import json_values

CONTENTS = st.dictionaries(st.text(max_size=4), json_values(), max_size=4)


def backwards(value: Any) -> Any:
    """The same content, each object in the opposite order."""
    if isinstance(value, dict):
        return {name: backwards(value[name]) for name in reversed(value)}
    return [backwards(each) for each in value] if isinstance(value, list) else value


def test_a_store_has_the_key_of_its_resource() -> None:
    store = a_config_store()
    assert store.key == a_resource().key
    assert store.place == store.territory == Place("default", "production")


def test_a_store_is_found_by_its_resource_and_its_installation() -> None:
    found = facets(a_config_store())
    assert found.links == (("installation", "icfg_shop"),)
    assert (found.name, found.status, found.created_at) == ("shop", "", BORN_AT)


def test_a_digest_is_that_of_the_items_as_json_with_sorted_names() -> None:
    assert digest_of({"b": [1.0, None], "a": {"d": True, "c": "é"}}) == (
        sha256('{"a":{"c":"é","d":true},"b":[1.0,null]}'.encode()).hexdigest()
    )
    assert digest_of({}) == sha256(b"{}").hexdigest()


@given(CONTENTS)
def test_a_digest_is_equal_for_equal_content_whatever_the_order(items: dict[str, Any]) -> None:
    assert digest_of(backwards(items)) == digest_of(items)


@given(CONTENTS, CONTENTS)
def test_a_digest_is_equal_for_equal_content_alone(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert (digest_of(left) == digest_of(right)) == same(left, right)
