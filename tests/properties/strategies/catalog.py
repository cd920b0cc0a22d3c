"""Catalog entries, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.catalog.commands import Publish
from equipoise.domain.catalog.state import CATEGORIES, CatalogEntry, Content, Number
from equipoise.domain.change import Command
from equipoise.domain.labels import Delete
from tests.properties.strategies.basics import ids, mostly, sound_keys, sound_texts, texts, times


@cache
def catalog_entries() -> st.SearchStrategy[CatalogEntry]:
    """Sound ones."""
    return st.builds(
        CatalogEntry,
        id=ids(),
        installation=sound_keys(),
        resource=sound_texts(),
        item=sound_texts(),
        project=sound_keys(),
        environment=sound_keys(),
        created_at=times(),
        content=_contents(sound_texts(), _numbers()),
    )


@cache
def catalog_entry_commands() -> st.SearchStrategy[Command]:
    numbers = mostly(_numbers(), st.floats())
    contents = mostly(_contents(sound_texts(), _numbers()), _contents(texts(), numbers))
    return mostly(st.builds(Publish, contents), st.just(Delete()))


def _contents(
    text: st.SearchStrategy[str], number: st.SearchStrategy[Number | None]
) -> st.SearchStrategy[Content]:
    category = st.sampled_from(("", *CATEGORIES))
    return st.builds(Content, text, text, category, text, text, st.booleans(), number, number)


@cache
def _numbers() -> st.SearchStrategy[Number | None]:
    return st.none() | times() | st.floats(allow_nan=False, allow_infinity=False)
