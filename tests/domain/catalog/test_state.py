"""What a catalog entry knows of itself."""

import re
from itertools import combinations

from equipoise.domain.catalog.state import facets, key_of
from equipoise.domain.identity import Place
from equipoise.domain.limits import CATALOG_TEXT_LENGTH_MAX, KEY_LENGTH_MAX
from tests.domain.builders import BORN_AT, a_catalog_entry, a_content


def test_a_key_of_an_entry_is_short_however_long_the_id_of_its_item() -> None:
    entry = a_catalog_entry(item="x" * CATALOG_TEXT_LENGTH_MAX)
    assert re.fullmatch(r"icfg_shop/[0-9a-f]{32}", entry.key)
    assert len(entry.key) <= KEY_LENGTH_MAX
    assert entry.key == key_of(entry.installation, entry.resource, entry.item)
    assert entry.place == entry.territory == Place("default", "production")


def test_two_items_have_two_keys_wherever_their_ids_are_cut() -> None:
    items = [
        ("a", "b", "c"),
        ("a", "bc", ""),
        ("a", "", "bc"),
        ("a", "b/c", ""),
        ("a", "b", '","c'),
        ("b", "b", "c"),
    ]
    assert all(key_of(*left) != key_of(*right) for left, right in combinations(items, 2))


def test_an_entry_is_found_by_its_resource_its_category_its_slug_and_its_item() -> None:
    found = facets(a_catalog_entry(content=a_content(archived=True)))
    assert found.links == (
        ("installation", "icfg_shop"),
        ("resource", "icfg_shop/shop"),
        ("category", "flag"),
    )
    assert found.words == ("new-login", "flag_1")
    assert (found.name, found.archived, found.created_at) == ("New login", True, BORN_AT)


def test_an_entry_without_a_category_or_a_name_is_found_all_the_same() -> None:
    found = facets(a_catalog_entry(content=a_content(name="", category="")))
    assert [relation for relation, _ in found.links] == ["installation", "resource"]
    assert (found.name, found.archived) == ("new-login", False)
