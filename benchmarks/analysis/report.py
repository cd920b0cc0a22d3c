"""Runs the read-out benchmark and prints its figures."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb

from benchmarks.analysis.by_hand import DAY, STARTED, by_hand, looks_by_hand, make
from equipoise.analysis.question import Measured, Question, Value
from equipoise.application.lake import DataFile, Kind
from equipoise.warehouse import DuckDb
from equipoise.warehouse.engines import cohorts_sql

ROUNDS, THREADS = 5, 2
COHORTS, BOTH = "by hand, moments by cohort [s]", "by hand, cohorts and looks [s]"
QUESTION = Question(
    environment="env",
    iteration="iteration-1",
    unit="user",
    arms=("variation-a", "variation-b"),
    measured=(
        Measured("revenue", "purchase", Value.SUM, until=7 * DAY, before=7 * DAY),
        Measured("viewed", "view", Value.OCCURRED),
    ),
    started=STARTED,
)


def run(quick: bool) -> None:
    """Both ways in turn, in one process, on the same files and with as many threads."""
    events, units, rounds = (200_000, 20_000, 1) if quick else (2_000_000, 200_000, ROUNDS)
    with TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, events, units)
        ours = DuckDb(folder, threads=THREADS)
        hand = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": False})
        files = [_file("exposures", Kind.EXPOSURE), _file("outcomes", Kind.OUTCOME)]
        ways: dict[str, Callable[[], object]] = {
            COHORTS: lambda: hand.execute(by_hand(folder)).fetchall(),
            "ours, moments by cohort [s]": lambda: ours.cohorts(QUESTION, files),
            BOTH: lambda: [hand.execute(sql(folder)).fetchall() for sql in (by_hand, looks_by_hand)],
            "ours, cohorts and looks [s]": lambda: ours.ask(QUESTION, files),
            "by hand, raw strings in order of time [s]": lambda: hand.execute(
                by_hand(folder, "unit", "raw")
            ).fetchall(),
            "ours, writing the plan (once a question) [s]": lambda: cohorts_sql.__wrapped__(QUESTION),
        }
        for work in ways.values():
            work()
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, work in ways.items():
                times[way].append(_seconds(work))
        ours.close()
    _print(f"{events:,} events, {units:,} units, {THREADS} threads", times)


def _file(name: str, kind: Kind) -> DataFile:
    return DataFile(name, "env", kind, "2023-11-14", f"{name}.parquet", 0, 0, 0, 0, (0, 2**60))


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _print(title: str, times: dict[str, list[float]]) -> None:
    print(f"-- {title} (median of {len(next(iter(times.values())))}; lowest to highest; to the same by hand)")
    for name, values in times.items():
        ratio = median(values) / median(times[BOTH if "looks" in name else COHORTS])
        print(
            f"{name:46} {median(values):7.3f}   {min(values):6.3f} .. {max(values):.3f}   {ratio:5.2f}",
            flush=True,
        )
