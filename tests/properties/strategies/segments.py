"""Segments, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.labels import Annotate, Archive, Delete, Describe, Rename, Restore, Tag
from equipoise.domain.segment.commands import SetRules
from equipoise.domain.segment.state import Segment, SegmentRule
from tests.properties.strategies.basics import (
    T,
    annotations,
    clauses,
    ids,
    label_commands,
    mostly,
    sound_clauses,
    sound_keys,
    sound_names,
    sound_tags,
    sound_texts,
    times,
)

RULES = ("rule-1", "rule-2", "rule-3")
OTHER_SEGMENTS = ("staff", "testers")
LABELS = (Rename, Describe, Tag, Annotate, Archive, Restore)


@cache
@st.composite
def segments(draw: st.DrawFn) -> Segment:
    """Sound ones; some name others."""
    return Segment(
        id=draw(ids()),
        project=draw(sound_keys()),
        environment=draw(sound_keys()),
        key=draw(sound_keys()),
        name=draw(sound_names()),
        created_at=draw(times()),
        rules=draw(_sound_rules()),
        description=draw(sound_texts()),
        tags=draw(sound_tags()),
        archived_at=draw(mostly(st.none(), times())),
        annotations=draw(annotations()),
    )


def segment_commands(segment: Segment) -> st.SearchStrategy[Command]:
    """Now and then the segment is made a member of itself."""
    return mostly(_commands(), st.just(SetRules((SegmentRule("rule-1", (_within(segment.key),)),))))


@cache
def _commands() -> st.SearchStrategy[Command]:
    return st.one_of(
        label_commands(*LABELS),
        mostly(label_commands(Restore), st.just(Delete())),
        st.builds(SetRules, _sound_rules()),
        st.builds(SetRules, st.lists(_rules(), max_size=3).map(tuple)),
    )


@cache
def _sound_rules() -> st.SearchStrategy[tuple[SegmentRule, ...]]:
    asked = _tuples(_sound_clauses())
    groups = _tuples(_tuples(_sound_clauses(), least=1))
    rules = st.builds(SegmentRule, st.sampled_from(RULES), asked, groups)
    sound = rules.filter(lambda rule: bool(rule.clauses or rule.unless))
    return st.lists(sound, max_size=3, unique_by=lambda rule: rule.id).map(tuple)


@cache
def _rules() -> st.SearchStrategy[SegmentRule]:
    """They may have an id twice, or nothing to ask."""
    named = mostly(st.sampled_from(RULES), st.just(""))
    return st.builds(SegmentRule, named, _tuples(clauses()), _tuples(_tuples(clauses())))


@cache
def _sound_clauses() -> st.SearchStrategy[Clause]:
    others = st.builds(_within, st.sampled_from(OTHER_SEGMENTS))
    return others | sound_clauses().filter(lambda clause: clause.op != SEGMENT_MATCH)


def _within(segment: str) -> Clause:
    return Clause("", "", SEGMENT_MATCH, (segment,))


def _tuples(items: st.SearchStrategy[T], least: int = 0) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, min_size=least, max_size=2).map(tuple)
