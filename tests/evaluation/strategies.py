"""Rulesets and contexts, broken ones among them: indexes out of range, cycles, paths to nowhere."""

from typing import Any

from hypothesis import strategies as st

from equipoise.domain.clauses import OPERATORS
from equipoise.evaluation.bucketing import SCHEMES
from equipoise.evaluation.context import Context, context
from equipoise.evaluation.reference import MALFORMED, Path
from equipoise.evaluation.ruleset import (
    Clause,
    Keys,
    Prerequisite,
    Rollout,
    Rule,
    RuledFlag,
    Ruleset,
    Segment,
    SegmentRule,
    Serve,
    Slot,
    Target,
)

FLAGS = ("f", "g", "h")
SEGMENTS = ("s", "t")
KINDS = ("user", "org")

scalars = st.sampled_from(
    [
        *("", "a", "b", "abc", "1", "2.3", "2.3.0-rc.1", "2020-01-01T00:00:00Z", "^a", "["),
        *("(a+)+$", "(?=a)b"),
        *(True, False, None, 0, 1, 1.0, -1, 2.5, 2**53, 2**53 + 1, 10**400, -(10**400), float("inf")),
        *(float("nan"), "\ud800", "٣", "1577836800000"),
    ]
)
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.sampled_from("ab"), scalars, max_size=2)
paths: st.SearchStrategy[Path] = st.sampled_from(
    [("x",), ("y",), ("key",), ("kind",), ("anonymous",), ("x", "a"), ("kind", "a"), MALFORMED]
)
kinds = st.sampled_from(KINDS)
weights = st.sampled_from([0, 1, 33_333, 50_000, 100_000, 200_000, -1, -100_001])
indexes = st.sampled_from([0, 1, 2, 3, -1, 10**30])
keys = st.sampled_from(["u", "v", "w", "\ud800"])
some_keys = st.builds(Keys, st.frozensets(keys, max_size=2), kinds)

clauses = st.builds(
    Clause,
    kinds,
    paths,
    st.sampled_from([*sorted(OPERATORS - {"segmentMatch"}), "unknown"]),
    st.lists(values, max_size=4).map(tuple),
    st.booleans(),
) | st.builds(
    Clause,
    kinds,
    paths,
    st.just("segmentMatch"),
    st.lists(st.sampled_from([*SEGMENTS, "gone", 3]), max_size=2).map(tuple),
    st.booleans(),
)
all_clauses = st.lists(clauses, max_size=2).map(tuple)
rollouts = st.builds(
    Rollout,
    st.lists(st.builds(Slot, indexes, weights, st.booleans()), max_size=4).map(tuple),
    kinds,
    st.sampled_from([None, 0, 7, -3]),
    st.none() | paths,
    st.booleans(),
    st.sampled_from([*SCHEMES, "unknown"]),
    st.sampled_from([100_000, 100_000, 50_000, 1, 0, -5, 200_000]),
)
serves: st.SearchStrategy[Serve] = st.one_of(rollouts, indexes, st.none())


def flags(key: str) -> st.SearchStrategy[RuledFlag]:
    return st.builds(
        RuledFlag,
        key=st.just(key),
        version=st.integers(1, 9),
        on=st.sampled_from([True, True, True, False]),
        salt=st.sampled_from(["", "salt", "\ud800"]),
        variations=st.lists(values, max_size=3).map(tuple),
        off_variation=st.none() | indexes,
        fallthrough=serves,
        targets=st.lists(st.builds(Target, indexes, some_keys), max_size=3).map(tuple),
        rules=st.lists(st.builds(Rule, st.sampled_from(["", "r"]), all_clauses, serves), max_size=3).map(
            tuple
        ),
        prerequisites=st.lists(
            st.builds(Prerequisite, st.sampled_from([*FLAGS, "gone"]), st.sampled_from([0, 1])), max_size=1
        ).map(tuple),
    )


def segments(key: str) -> st.SearchStrategy[Segment]:
    rule = st.builds(SegmentRule, all_clauses, st.none() | weights, st.none() | paths, kinds)
    lists = st.lists(some_keys, max_size=2).map(tuple)
    return st.builds(
        Segment, st.just(key), keys, lists, lists, st.lists(rule, max_size=2).map(tuple), st.booleans()
    )


rulesets = st.builds(
    lambda ruled, held: Ruleset({each.key: each for each in ruled}, {each.key: each for each in held}),
    st.tuples(*map(flags, FLAGS)),
    st.tuples(*map(segments, SEGMENTS)),
)


@st.composite
def _parts(draw: st.DrawFn) -> dict[str, Any]:
    return {"key": draw(keys), **draw(st.dictionaries(st.sampled_from("xy"), values, max_size=2))}


contexts: st.SearchStrategy[Context] = st.one_of(
    st.builds(lambda kind, part: context({"kind": kind, **part}), kinds, _parts()),
    st.builds(lambda user, org: context({"kind": "multi", "user": user, "org": org}), _parts(), _parts()),
    st.just(context(None)),
)
