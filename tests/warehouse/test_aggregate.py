"""The plan on DuckDB against the plain twin, over events of every kind."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.analysis.moments import merged
from equipoise.analysis.question import Facts, Measured, Question, Value
from equipoise.warehouse import DuckDb
from tests.fakes.warehouse import Exposure, Outcome
from tests.warehouse.agree import assert_facts_agree, assert_moments_agree
from tests.warehouse.lake import DAY, STARTED, Lake, lake_of

HOUR = DAY // 24
UNITS = ["ann", "bob", "cy", "dee", "eve", "Ünï''\"; DROP TABLE exposures; --", "nul\0nul", "", "😀"]
EVENTS = ["buy", "it's; --", 'a"b', "nul\0event", "größe", ""]

units = st.sampled_from(UNITS[:3] * 4 + UNITS)
WATCH = 8 * HOUR  # times are few, so that they meet the ends of windows and buckets
times = st.integers(-6, 9).map(lambda watch: STARTED + watch * WATCH) | st.integers(
    STARTED - DAY, STARTED + 3 * DAY
)
numbers = st.integers(-3, 5).map(float) | st.floats(-1e6, 1e6, allow_subnormal=False).map(
    lambda number: round(number, 3)
)
properties = st.none() | st.dictionaries(
    st.sampled_from(["a", "b", "a.b", "$x", "/y", 'q"\\', "'*[0]"]),
    numbers | st.booleans() | st.sampled_from(["7", None]) | st.fixed_dictionaries({"b": numbers}),
    max_size=3,
)
exposures = st.builds(
    Exposure,
    units,
    times,
    st.sampled_from(["a", "a", "b", "b", "stranger"]),
    st.sampled_from(["iteration"] * 9 + ["another"]),
    st.sampled_from(["user"] * 9 + ["account"]),
)
outcomes = st.builds(
    Outcome,
    units | st.just("nobody"),
    times,
    st.sampled_from(EVENTS[:2] * 3 + EVENTS),
    st.none() | numbers | st.sampled_from([float("nan"), float("inf")]),
    properties,
    st.sampled_from(["user"] * 9 + ["account"]),
)
spans = st.integers(0, 8).map(lambda watch: watch * WATCH)
metrics = st.lists(
    st.builds(
        Measured,
        name=st.uuids().map(str),
        event=st.sampled_from(EVENTS[:2] * 3 + EVENTS),
        value=st.sampled_from(Value),
        field=st.sampled_from(["", "", "", "a", "a.b", "$x", "/y", 'q"\\', "'*[0]", "."]),
        since=st.none() | st.integers(-3, 5).map(lambda watch: watch * WATCH),
        until=st.none() | spans,
        missing=st.sampled_from([0.0, 0.0, None, 2.5]),
        before=st.just(0) | spans,
    ),
    max_size=3,
)
questions = st.builds(
    Question,
    environment=st.just("env"),
    iteration=st.just("iteration"),
    unit=st.just("user"),
    arms=st.sampled_from([("a", "b"), ("b", "a", "empty"), ("a",)]),
    measured=metrics.map(tuple),
    started=st.just(STARTED),
    until=st.none() | times,
    bucket=st.sampled_from([DAY, HOUR, 7 * DAY]),
)
many = settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(questions, st.lists(exposures, max_size=25), st.lists(outcomes, max_size=40))
def test_the_plan_answers_as_the_twin_does(
    question: Question, seen: list[Exposure], done: list[Outcome]
) -> None:
    with TemporaryDirectory() as folder:
        lake = lake_of(Path(folder), seen, done)
        found = ask(lake, question)
    assert_facts_agree(found, lake.twin().ask(question, lake.files))


@settings(many, max_examples=25)
@given(questions, st.lists(exposures, max_size=25), st.lists(outcomes, max_size=40))
def test_the_last_look_is_the_sum_of_the_cohorts(
    question: Question, seen: list[Exposure], done: list[Outcome]
) -> None:
    with TemporaryDirectory() as folder:
        found = ask(lake_of(Path(folder), seen, done), question)
    last = {(look.metric, look.arm): look.moments for look in found.looks}
    for (metric, arm), moments in last.items():
        parts = [cohort.moments[metric] for cohort in found.cohorts if cohort.arm == arm]
        assert_moments_agree(moments, merged(parts, moments.variables), cubes=False)
    assert bool(last) == bool(found.cohorts and question.measured)


def ask(lake: Lake, question: Question) -> Facts:
    warehouse = DuckDb(lake.root, threads=1)
    try:
        return warehouse.ask(question, lake.files)
    finally:
        warehouse.close()


def test_looks_keep_the_covariance_while_half_the_units_have_no_outcomes(tmp_path: Path) -> None:
    seen = [Exposure(f"unit-{i}", STARTED + (i % 3) * DAY, "ab"[i % 2]) for i in range(60)]
    past = [Outcome(f"unit-{i}", STARTED - HOUR, "buy", float(i % 7)) for i in range(60)]
    done = [Outcome(f"unit-{i}", STARTED + (3 + i % 4) * DAY, "buy", float(i % 11)) for i in range(0, 60, 3)]
    metrics = (
        Measured("filled", "buy", Value.SUM, before=7 * DAY),
        Measured("left out", "buy", Value.MEAN, missing=None, before=7 * DAY),
    )
    question = Question("env", "iteration", "user", ("a", "b"), metrics, STARTED)
    lake = lake_of(tmp_path, seen, [*past, *done])
    assert_facts_agree(ask(lake, question), lake.twin().ask(question, lake.files))
