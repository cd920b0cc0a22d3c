"""DuckDB asks files of a lake. One database for all questions, so that the memory limit is for all of them;
a cursor of its own for each, so that threads do not meet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
from msgspec import structs

from equipoise.analysis.question import Facts, Question
from equipoise.application.lake import DataFile, Kind
from equipoise.warehouse import aggregate
from equipoise.warehouse.answers import Row, centres, facts
from equipoise.warehouse.looks import looks

Settings = dict[str, str | bool | int | float | list[str]]
PLANS_KEPT = 64  # compiled questions: a plan takes longer to write than a small experiment to read

READ = (Kind.EXPOSURE, Kind.OUTCOME)
NO_EXPOSURES = """SELECT '' AS unit_kind, '' AS unit, 0::BIGINT AS unit_key, 0::BIGINT AS "at", '' AS arm,
    '' AS iteration WHERE false"""
NO_OUTCOMES = """SELECT '' AS unit_kind, 0::BIGINT AS unit_key, 0::BIGINT AS "at", '' AS event,
    0::DOUBLE AS value, '' AS data WHERE false"""


class DuckDb:
    """Files under `lake`, read by DuckDB in this process. Satisfies application.lake.Warehouse.

    memory_limit  such as "2GB": what all questions together may hold; "" for the engine's own choice
    threads       for all questions together; 0 for one a core
    spill         folder for what does not fit in memory; made when it is needed
    """

    def __init__(
        self, lake: Path, *, memory_limit: str = "", threads: int = 0, spill: Path | None = None
    ) -> None:
        self.lake = lake
        chosen: Settings = {"memory_limit": memory_limit, "threads": threads or ""}
        always: Settings = {
            "temp_directory": str(spill or lake / ".spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._database = duckdb.connect(
            ":memory:", config=always | {name: value for name, value in chosen.items() if value != ""}
        )

    def ask(self, question: Question, files: Sequence[DataFile]) -> Facts:
        """raises OSError where a file is gone, or cannot be read"""
        with self._files(files) as cursor:
            first = cohorts_sql(question)
            rows = _rows(cursor, first)
            found = _signed(facts(question, rows), files, first)
            if not (found.cohorts and question.measured):
                return found
            second = states_sql(question, centres(question, rows))
            columns = cursor.execute(second).fetchnumpy()
        return structs.replace(
            found, looks=looks(question, rows, columns), sql=(*found.sql, _headed(second, files))
        )

    def cohorts(self, question: Question, files: Sequence[DataFile]) -> Facts:
        """The same without looks. raises OSError as above"""
        with self._files(files) as cursor:
            sql = cohorts_sql(question)
            return _signed(facts(question, _rows(cursor, sql)), files, sql)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def _files(self, files: Sequence[DataFile]) -> Iterator[Any]:
        """A cursor that knows the files by the names `exposures` and `outcomes`."""
        cursor = self._database.cursor()
        try:
            for name, kind, none in (
                ("exposures", Kind.EXPOSURE, NO_EXPOSURES),
                ("outcomes", Kind.OUTCOME, NO_OUTCOMES),
            ):
                paths = [_literal(self.lake / file.path) for file in _of(kind, files)]
                table = cursor.read_parquet(paths, hive_partitioning=False) if paths else cursor.sql(none)
                cursor.register(name, table)  # for this cursor alone
            yield cursor
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
            raise OSError("a data file is gone or damaged; read the manifest again") from error
        finally:
            cursor.close()


@lru_cache(PLANS_KEPT)
def cohorts_sql(question: Question) -> str:
    """Over views named exposures and outcomes."""
    return str(ibis.to_sql(aggregate.cohorts(question), dialect="duckdb"))


@lru_cache(PLANS_KEPT)
def states_sql(question: Question, centres: tuple[tuple[float, float], ...]) -> str:
    return str(ibis.to_sql(aggregate.states(question, centres), dialect="duckdb"))


def _rows(cursor: Any, sql: str) -> list[Row]:
    cursor.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _literal(path: Path) -> str:
    """The engine takes these signs for a pattern, unless each stands in brackets."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))


def _signed(found: Facts, files: Sequence[DataFile], sql: str) -> Facts:
    """With what was read, by whom, and how."""
    return structs.replace(
        found,
        watermark=max((file.last for kind in READ for file in _of(kind, files)), default=0),
        engine=f"duckdb {duckdb.__version__}",
        sql=(_headed(sql, files),),
    )


def _headed(sql: str, files: Sequence[DataFile]) -> str:
    """No file is named: the manifest knows which they were, and a path tells of the machine."""
    read = "; ".join(f"{kind}s: {len(_of(kind, files))} Parquet files" for kind in READ)
    return f"-- {read}\n{sql}"


def _of(kind: Kind, files: Sequence[DataFile]) -> list[DataFile]:
    return [file for file in files if file.kind is kind]
