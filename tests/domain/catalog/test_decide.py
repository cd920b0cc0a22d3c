"""What may be asked of a catalog entry, and what it answers."""

from math import inf, nan
from typing import Any

import pytest

from equipoise.domain import labels
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.commands import Create, Publish
from equipoise.domain.catalog.events import Published
from equipoise.domain.catalog.state import CATEGORIES, Content
from equipoise.domain.errors import Invalid
from equipoise.domain.limits import (
    CATALOG_ORIGIN_LENGTH_MAX,
    CATALOG_TEXT_LENGTH_MAX,
    RESOURCE_ID_LENGTH_MAX,
)
from tests.domain.builders import LATER, a_catalog_entry, a_content, after, events_of

LONG, LONG_ORIGIN = "x" * CATALOG_TEXT_LENGTH_MAX, "x" * CATALOG_ORIGIN_LENGTH_MAX


def test_an_entry_is_born_whole() -> None:
    born = after(CATALOG_ENTRY, None, Create(a_catalog_entry()))
    assert born == a_catalog_entry(revision=1, touched_at=LATER)


def test_empty_texts_are_sound() -> None:
    nothing = Content("", "")
    assert after(CATALOG_ENTRY, None, Create(a_catalog_entry(item="", content=nothing))).content == nothing
    assert after(CATALOG_ENTRY, a_catalog_entry(), Publish(nothing)).content == nothing


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_catalog_entry(
        id="x",
        installation="a/b",
        resource="r" * (RESOURCE_ID_LENGTH_MAX + 1),
        item=LONG + "x",
        project="",
        environment="",
        content=Content("\0", "\0", "holdout", "\0", "\0", created=nan, updated=inf),
    )
    with pytest.raises(Invalid) as refusal:
        events_of(CATALOG_ENTRY, None, Create(wrong))
    places = {violation.where for violation in refusal.value.violations}
    ours = {"id", "installation", "resource", "item", "project", "environment"}
    assert places == ours | set(Content.__struct_fields__) - {"archived"}


@pytest.mark.parametrize(
    "fields",
    [
        {"slug": LONG},
        {"origin": LONG_ORIGIN},
        {"name": LONG},
        {"description": LONG},
        {"description": "two\nlines"},
        {"category": ""},
        {"category": CATEGORIES[0]},
        {"archived": True},
        *({"created": number, "updated": number} for number in (0, -1, 2**53, 0.5, -1e308)),
    ],
)
def test_what_is_published_is_so_and_published_again_is_no_event(fields: dict[str, Any]) -> None:
    content = a_content(**fields)
    assert events_of(CATALOG_ENTRY, a_catalog_entry(), Publish(content)) == (Published(content),)
    now = after(CATALOG_ENTRY, a_catalog_entry(), Publish(content))
    assert now == a_catalog_entry(content=content, revision=1, touched_at=LATER)
    assert events_of(CATALOG_ENTRY, now, Publish(content)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", LONG + "x"),
        ("name", LONG + "x"),
        ("description", LONG + "x"),
        ("origin", LONG_ORIGIN + "x"),
        ("category", "Flag"),
        *((field, number) for field in ("created", "updated") for number in (nan, inf, -inf)),
    ],
)
def test_content_that_is_not_sound_is_invalid(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        events_of(CATALOG_ENTRY, a_catalog_entry(), Publish(a_content(**{field: value})))
    assert [violation.where for violation in refusal.value.violations] == [field]


def test_a_birth_has_ids_of_so_many_characters() -> None:
    most = a_catalog_entry(resource="r" * RESOURCE_ID_LENGTH_MAX, item=LONG)
    assert after(CATALOG_ENTRY, None, Create(most)).item == LONG


def test_a_time_of_one_is_not_a_time_of_true() -> None:
    now = a_catalog_entry(content=a_content(created=1))
    for one in (1.0, True):
        content = a_content(created=one)
        assert events_of(CATALOG_ENTRY, now, Publish(content)) == (Published(content),)


def test_an_entry_can_be_deleted_archived_or_not() -> None:
    for archived in (False, True):
        now = a_catalog_entry(content=a_content(archived=archived))
        assert events_of(CATALOG_ENTRY, now, labels.Delete()) == (labels.Deleted(),)
