"""DuckDB on a lake: what it reads, what it says of itself, and numbers at the edge of a double."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from equipoise.analysis.moments import merged
from equipoise.analysis.question import Facts, Measured, Question, Value
from equipoise.application.lake import Kind, Warehouse
from equipoise.domain.clauses import Json
from equipoise.warehouse import DuckDb
from tests.fakes.warehouse import Exposure, Outcome
from tests.warehouse.agree import assert_facts_agree
from tests.warehouse.lake import DAY, STARTED, Lake, lake_of

REVENUE = Measured("revenue", "buy", Value.SUM, before=7 * DAY)
QUESTION = Question("env", "iteration", "user", ("a", "b"), (REVENUE,), STARTED)
UNITS = [f"unit-{number}" for number in range(40)]
SEEN = [Exposure(unit, STARTED + i, "ab"[i % 2]) for i, unit in enumerate(UNITS)]
DONE = [Outcome(unit, STARTED + DAY * (i % 3), "buy", float(i)) for i, unit in enumerate(UNITS)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_of(tmp_path / "lake", SEEN, DONE)


@pytest.fixture
def warehouse(lake: Lake) -> Iterator[DuckDb]:
    asked = DuckDb(lake.root, memory_limit="512MB", threads=1)
    yield asked
    asked.close()


def test_it_is_a_warehouse(lake: Lake, warehouse: DuckDb) -> None:
    port: Warehouse = warehouse
    assert_facts_agree(port.ask(QUESTION, lake.files), lake.twin().ask(QUESTION, lake.files))


def test_only_the_files_that_are_named_are_read(lake: Lake, warehouse: DuckDb) -> None:
    named = list(lake.files)
    before = warehouse.ask(QUESTION, named)
    folder = (lake.root / named[-1].path).parent
    lake.write(Kind.OUTCOME, [Outcome("unit-0", STARTED + DAY, "buy", 1e9)])
    (folder / "poison.parquet").write_bytes(b"no Parquet at all")
    assert warehouse.ask(QUESTION, named) == before
    assert warehouse.ask(QUESTION, lake.files) != before


def test_signs_of_a_pattern_in_a_path_are_taken_as_they_are(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "l[ab]*?'e", SEEN, DONE)
    lake_of(tmp_path / "la-x-'e", SEEN, DONE)
    assert_facts_agree(ask(lake), lake.twin().ask(QUESTION, lake.files))


def test_columns_that_no_question_needs_are_not_read(lake: Lake, warehouse: DuckDb) -> None:
    sql = " ".join(warehouse.ask(QUESTION, lake.files).sql)
    for column in ("attributes", "rule", "received_at", "flag", "variation"):
        assert f'"{column}"' not in sql


def test_a_file_that_is_gone_is_an_os_error(lake: Lake, warehouse: DuckDb) -> None:
    (lake.root / lake.files[-1].path).unlink()
    with pytest.raises(OSError, match="manifest"):
        warehouse.ask(QUESTION, lake.files)


@pytest.mark.parametrize("content", [b"", b"no parquet at all", b"PAR1" + b"\0" * 200 + b"PAR1"])
def test_a_file_that_is_damaged_is_an_os_error(lake: Lake, warehouse: DuckDb, content: bytes) -> None:
    (lake.root / lake.files[-1].path).write_bytes(content)
    with pytest.raises(OSError, match="damaged"):
        warehouse.ask(QUESTION, lake.files)


def test_a_file_that_was_cut_off_is_an_os_error(lake: Lake, warehouse: DuckDb) -> None:
    path = lake.root / lake.files[-1].path
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(OSError, match="damaged"):
        warehouse.ask(QUESTION, lake.files)


def test_the_sql_and_the_engine_are_told_without_a_path(lake: Lake, warehouse: DuckDb) -> None:
    found = warehouse.ask(QUESTION, lake.files)
    assert found.engine.startswith("duckdb ")
    assert len(found.sql) == 2
    for sql in found.sql:
        assert str(lake.root) not in sql
        assert '"exposures"' in sql
        assert sql.startswith("-- exposures: 2 Parquet files; outcomes: 2 Parquet files\n")


def test_without_files_there_are_no_cohorts(lake: Lake, warehouse: DuckDb) -> None:
    found = warehouse.ask(QUESTION, [])
    assert (found.cohorts, found.looks, found.exposures, found.watermark) == ((), (), 0, 0)


def test_without_outcomes_every_unit_has_the_missing_value(lake: Lake, warehouse: DuckDb) -> None:
    exposures = [file for file in lake.files if file.kind is Kind.EXPOSURE]
    found = warehouse.ask(QUESTION, exposures)
    assert sum(cohort.units for cohort in found.cohorts) == len(UNITS)
    assert {cohort.moments["revenue"].means for cohort in found.cohorts} == {(0.0, 0.0)}
    assert_facts_agree(found, lake.twin().ask(QUESTION, exposures))


def test_the_watermark_is_the_newest_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(Kind.EXPOSURE, SEEN, STARTED + 5)
    lake.write(Kind.OUTCOME, DONE, STARTED + 9)
    assert ask(lake).watermark == STARTED + 9


def test_threads_may_ask_at_once(lake: Lake, warehouse: DuckDb) -> None:
    questions = [structs.replace(QUESTION, until=STARTED + DAY * (i % 4)) for i in range(12)]
    alone = [warehouse.ask(question, lake.files) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: warehouse.ask(question, lake.files), questions))
    assert together == alone


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8])
def test_variance_keeps_its_digits_where_the_mean_is_huge(tmp_path: Path, scale: float) -> None:
    values = scale + np.random.default_rng(7).normal(size=4000)
    units = [f"unit-{number}" for number in range(len(values))]
    lake = lake_of(
        tmp_path,
        [Exposure(unit, STARTED + DAY * (i % 5), "a") for i, unit in enumerate(units)],
        [Outcome(units[i], STARTED + DAY * (i % 5) + 1, "buy", float(v)) for i, v in enumerate(values)],
    )
    found = ask(lake)
    whole = merged([cohort.moments["revenue"] for cohort in found.cohorts], ("y", "x"))
    exact = lake.twin().ask(QUESTION, lake.files)
    expected = merged([cohort.moments["revenue"] for cohort in exact.cohorts], ("y", "x"))
    assert whole.var() == pytest.approx(expected.var(), rel=1e-8)
    last = [look.moments for look in found.looks if look.arm == "a"][-1]
    assert last.var() == pytest.approx(whole.var(), rel=1e-8)


def test_a_state_that_ended_leaves_no_rounding_in_later_looks(tmp_path: Path) -> None:
    """Each unit passes 1e8 and 3e8 on its way to a value near 5e8, with a spread of one."""
    spread = np.random.default_rng(8).normal(size=500)
    units = [f"unit-{number}" for number in range(len(spread))]
    steps = [(1, 1e8), (3, 2e8), (5, 2e8)]
    lake = lake_of(
        tmp_path,
        [Exposure(unit, STARTED, "a") for unit in units],
        [
            Outcome(unit, STARTED + DAY * day, "buy", step + (float(spread[i]) if day == 5 else 0.0))
            for i, unit in enumerate(units)
            for day, step in steps
        ],
    )
    last = [look.moments for look in ask(lake).looks if look.arm == "a"][-1]
    assert last.var() == pytest.approx(float(np.var(5e8 + spread, ddof=1)), rel=1e-6)


def test_looks_before_any_outcome_have_no_variance_at_all(tmp_path: Path) -> None:
    done = [Outcome(unit, STARTED + 3 * DAY, "buy", 0.1 + i / 7) for i, unit in enumerate(UNITS)]
    found = ask(lake_of(tmp_path, SEEN, done))
    early = [look.moments for look in found.looks if look.bucket < STARTED + 3 * DAY]
    assert {(moments.mean(), moments.product()) for moments in early} == {(0.0, 0.0)}


def test_values_and_times_beyond_sense_raise_nothing(tmp_path: Path) -> None:
    seen = [*SEEN, Exposure("past", -(2**63) + 1, "a"), Exposure("future", 2**63 - 1, "b")]
    done = [
        *DONE,
        Outcome("unit-1", STARTED + 1, "buy", 1e308),
        Outcome("unit-1", STARTED + 2, "buy", 1e308),
        Outcome("past", 2**63 - 1, "buy", 1.0),
        Outcome("future", -(2**63) + 1, "buy", 1.0),
    ]
    windowed = structs.replace(REVENUE, since=-(2**62), until=2**62)
    found = ask(lake_of(tmp_path, seen, done), structs.replace(QUESTION, measured=(windowed,)))
    assert sum(cohort.units for cohort in found.cohorts) == len(seen)
    assert len({look.bucket for look in found.looks}) == 1_000


@pytest.mark.parametrize(
    ("field", "data", "total"),
    [
        ("price", {"price": 7}, 7.0),
        ("price", {"price": "7"}, 0.0),
        ("price", {"price": True}, 0.0),
        ("price", [7], 0.0),
        ("price", None, 0.0),
        ("cart.price", {"cart": {"price": 7.5}}, 7.5),
        ("cart.price", {"cart": {"price": 7.5}, "cart.price": 8}, 8.0),
        ("'); DROP VIEW outcomes; --", {"'); DROP VIEW outcomes; --": 3}, 3.0),
        ('$a"\\', {'$a"\\': 4}, 4.0),
        ("/a~0*[0]", {"/a~0*[0]": 5}, 5.0),
    ],
)
def test_a_property_counts_where_it_is_a_number(tmp_path: Path, field: str, data: Json, total: float) -> None:
    question = structs.replace(QUESTION, measured=(Measured("m", "buy", Value.SUM, field=field),))
    lake = lake_of(tmp_path, SEEN[:1], [Outcome("unit-0", STARTED + 1, "buy", 99.0, data)])
    assert ask(lake, question).cohorts[0].moments["m"].total() == total


@pytest.mark.parametrize(
    ("after", "counted", "covered"), [(-8, 0, 0), (-7, 0, 1), (0, 1, 0), (2, 1, 0), (3, 0, 0)]
)
def test_both_ends_of_a_window_belong_to_it_and_the_exposure_ends_the_one_before(
    tmp_path: Path, after: int, counted: int, covered: int
) -> None:
    measured = Measured("m", "buy", Value.COUNT, until=2, before=7)
    lake = lake_of(tmp_path, SEEN[:1], [Outcome("unit-0", STARTED + after, "buy")])
    found = ask(lake, structs.replace(QUESTION, measured=(measured,)))
    assert found.cohorts[0].moments["m"].means == (counted, covered)


def test_two_units_with_one_key_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.warehouse.lake.unit_key", lambda kind, unit: len(unit))
    assert (
        ask(lake_of(tmp_path, [Exposure("ab", STARTED, "a"), Exposure("cd", STARTED, "a")], [])).collisions
        == 1
    )


def ask(lake: Lake, question: Question = QUESTION) -> Facts:
    warehouse = DuckDb(lake.root, threads=1)
    try:
        return warehouse.ask(question, lake.files)
    finally:
        warehouse.close()
