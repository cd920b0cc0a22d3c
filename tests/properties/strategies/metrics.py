"""Metrics, and what may be asked of one."""

from functools import cache
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.change import Command
from equipoise.domain.labels import Delete
from equipoise.domain.metric.commands import Define
from equipoise.domain.metric.state import (
    AGGREGATIONS,
    KINDS,
    URL_MATCHES,
    Definition,
    Measure,
    Metric,
    UrlMatch,
    Winsor,
)
from tests.properties.strategies.basics import (
    ALL_LABELS,
    annotations,
    clauses,
    ids,
    keys,
    label_commands,
    mostly,
    names,
    sound_clauses,
    sound_keys,
    sound_names,
    sound_tags,
    sound_texts,
    texts,
    times,
)


@cache
@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    """Sound ones; most count events of our own."""
    at = draw(times())
    kinds = mostly(st.just("custom"), st.sampled_from(KINDS))
    return Metric(
        id=draw(ids()),
        project=draw(sound_keys()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        created_at=at,
        changed_at=at,
        definition=draw(kinds.flatmap(_sound_definitions)),
        description=draw(sound_texts()),
        tags=draw(sound_tags()),
        maintainer=draw(sound_texts()),
        archived_at=draw(mostly(st.none(), times())),
        annotations=draw(annotations()),
    )


@cache
def metric_commands() -> st.SearchStrategy[Command]:
    sound = _sound_definitions("custom")
    return st.one_of(
        label_commands(*ALL_LABELS),
        mostly(label_commands(*ALL_LABELS), st.just(Delete())),
        st.builds(Define, sound),
        st.builds(Define, mostly(sound, st.sampled_from(KINDS).flatmap(_sound_definitions))),
        st.builds(Define, _flawed(sound)),
    )


@cache
@st.composite
def _sound_definitions(draw: st.DrawFn, kind: str) -> Definition:
    """With all fields that any kind needs."""
    percentile = draw(st.none() | st.integers(1, 99))
    return Definition(
        kind=kind,
        measure=draw(_measures()),
        analysis="mean" if percentile is None else "percentile",
        percentile=percentile,
        higher=draw(st.booleans()),
        unit=draw(sound_texts()),
        units=draw(st.sampled_from((("user",), ("user", "device")))),
        missing=draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        denominator=draw(st.none() | _measures()),
        selector=".buy",
        urls=(UrlMatch(draw(st.sampled_from(URL_MATCHES)), "https://example.com/"),),
        query="service = 'cart'",
    )


@st.composite
def _flawed(draw: st.DrawFn, sound: st.SearchStrategy[Definition]) -> Definition:
    """One field is any; it may happen to be sound."""
    definition = draw(sound)
    field, value = draw(_any_field())
    if field in ("filters", "winsor"):
        return replace(definition, measure=replace(definition.measure, **{field: value}))
    return replace(definition, **{field: value})


@cache
def _any_field() -> st.SearchStrategy[tuple[str, Any]]:
    percents = st.floats(-1, 101)
    return st.one_of(
        st.tuples(st.just("units"), st.tuples(keys())),
        st.tuples(st.just("source"), names()),
        st.tuples(st.just("query"), texts()),
        st.tuples(st.just("percentile"), st.integers(0, 100)),
        st.tuples(st.just("missing"), st.floats()),
        st.tuples(st.just("filters"), clauses()),
        st.tuples(st.just("winsor"), st.builds(Winsor, percents, percents)),
    )


@cache
@st.composite
def _measures(draw: st.DrawFn) -> Measure:
    start = draw(st.none() | st.integers(0, 1_000))
    return Measure(
        event=draw(sound_names()),
        numeric=draw(st.booleans()),
        aggregation=draw(st.sampled_from(AGGREGATIONS)),
        filters=draw(st.none() | sound_clauses()),
        window=(start, draw(st.none() | st.integers(1_001, 2_000))),
        winsor=Winsor(draw(st.none() | st.floats(0, 49)), draw(st.none() | st.floats(50, 100))),
    )
