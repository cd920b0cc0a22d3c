"""Events of a catalog entry are believed: none fails, whatever the state."""

from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.events import Published
from equipoise.domain.catalog.state import Content
from equipoise.domain.change import fold
from tests.domain.builders import LATER, a_catalog_entry


def test_content_of_old_is_believed_and_replaces_all() -> None:
    content = Content("slug", "", "a category of old")
    now = fold(CATALOG_ENTRY, a_catalog_entry(), (Published(content),), LATER)
    assert now == a_catalog_entry(content=content, revision=1, touched_at=LATER)
