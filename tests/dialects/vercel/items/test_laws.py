"""What holds of items however they are published, changed and deleted: a plain mapping says the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.vercel import DIALECT
from equipoise.domain.catalog import CATALOG_ENTRY
from tests.dialects.vercel.provider import ITEMS, Provider, at
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

UNSAID = {"name": "", "description": "", "isArchived": False}
WORDS = {
    "slug": "slug",
    "origin": "origin",
    "category": "category",
    "name": "name",
    "description": "description",
    "isArchived": "archived",
    "createdAt": "created",
    "updatedAt": "updated",
}

ids = st.sampled_from(["a", "b/c", "é:1", ""])
texts = st.sampled_from(["", "x", "Ünicode 𝄞", "x" * 1_024])
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
contents = st.fixed_dictionaries(
    {"slug": texts, "origin": texts},
    optional={
        "name": texts,
        "description": texts,
        "category": st.sampled_from(["experiment", "flag"]),
        "isArchived": st.booleans(),
        "createdAt": numbers,
        "updatedAt": numbers,
    },
)
batches = st.lists(st.tuples(ids, contents), max_size=4)
bad = st.sampled_from(
    [{"slug": None}, {"more": 1}, {"name": "x" * 1_025}, {"category": ""}, {"createdAt": "1"}]
)
steps = st.one_of(
    st.tuples(st.just("publish"), batches),
    st.tuples(st.just("spoil"), st.tuples(batches, ids, contents, bad)),
    st.tuples(st.just("patch"), st.tuples(ids, contents)),
    st.tuples(st.just("delete"), ids),
)


@given(st.lists(steps, max_size=8))
def test_the_catalog_is_what_was_said_absent_stays_and_present_replaces(said: list[tuple[str, Any]]) -> None:
    model: dict[str, dict[str, Any]] = {}
    with a_provider() as provider:
        for verb, what in said:
            STEPS[verb](provider, model, what)
            assert catalog(provider) == model


def publish(provider: Provider, model: dict[str, Any], batch: Any) -> None:
    items = [{"id": id, **content} for id, content in batch]
    assert provider.ask("POST", ITEMS, {"items": items}).status_code == 204
    model.update({id: UNSAID | content for id, content in batch})


def spoil(provider: Provider, _: Any, said: Any) -> None:
    batch, id, content, wrong = said
    items = [{"id": each, **said} for each, said in batch] + [{"id": id, **content, **wrong}]
    assert provider.ask("POST", ITEMS, {"items": items}).status_code == 400


def patch(provider: Provider, model: dict[str, Any], said: Any) -> None:
    id, content = said
    if id:
        known = id in model
        assert provider.ask("PATCH", at(id), content).status_code == (204 if known else 404)
        model.update({id: model[id] | content} if known else {})


def delete(provider: Provider, model: dict[str, Any], id: str) -> None:
    if id:
        known = model.pop(id, None) is not None
        assert provider.ask("DELETE", at(id)).status_code == (204 if known else 404)


STEPS = {"publish": publish, "spoil": spoil, "patch": patch, "delete": delete}


def catalog(provider: Provider) -> dict[str, dict[str, Any]]:
    return {each.item: shown(each.content) for each in provider.all(CATALOG_ENTRY)}


def shown(content: Any) -> dict[str, Any]:
    found = {name: getattr(content, ours) for name, ours in WORDS.items()}
    return {
        name: value
        for name, value in found.items()
        if value is not None and (name, value) != ("category", "")
    }


@contextmanager
def a_provider() -> Iterator[Provider]:
    surface = Surface(MemoryStore(), dialect=DIALECT)
    yield Provider(surface)
    surface.close()
