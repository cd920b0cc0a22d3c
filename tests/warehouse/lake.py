"""A lake on disk: rows written as the compactor writes them, and the same rows in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.json import encode

from equipoise.application.lake import DataFile, Kind
from equipoise.domain.records import unit_key
from tests.fakes.warehouse import Exposure, MemoryWarehouse, Outcome

DAY = 86_400_000_000
STARTED = 1_700_000_000_000_000
Row = Exposure | Outcome
EXPOSURES = pa.schema(
    [
        ("unit_kind", pa.string()),
        ("unit", pa.string()),
        ("unit_key", pa.int64()),
        ("at", pa.int64()),
        ("received_at", pa.int64()),
        ("flag", pa.string()),
        ("version", pa.int64()),
        ("rule", pa.string()),
        ("variation", pa.int32()),
        ("arm", pa.string()),
        ("experiment", pa.string()),
        ("iteration", pa.string()),
        ("phase", pa.int32()),
        ("attributes", pa.string()),
    ]
)
OUTCOMES = pa.schema(
    [
        ("unit_kind", pa.string()),
        ("unit", pa.string()),
        ("unit_key", pa.int64()),
        ("at", pa.int64()),
        ("received_at", pa.int64()),
        ("event", pa.string()),
        ("value", pa.float64()),
        ("data", pa.string()),
    ]
)


class Lake:
    """Each `write` makes one file, sorted by unit key."""

    def __init__(self, root: Path) -> None:
        self.root, self.rows, self.files = root, dict[str, Sequence[Row]](), list[DataFile]()

    def write(self, kind: Kind, rows: Sequence[Row], last: int = STARTED) -> DataFile:
        number = len(self.files)
        path = f"environment=env/kind={kind}/day=2023-11-14/{number}.parquet"
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = sorted((line_of(row) for row in rows), key=lambda line: line["unit_key"])
        schema = EXPOSURES if kind is Kind.EXPOSURE else OUTCOMES
        pq.write_table(pa.Table.from_pylist(lines, schema), target, compression="zstd")
        keys = [line["unit_key"] for line in lines] or [0]
        size = target.stat().st_size
        file = DataFile(
            f"file{number}", "env", kind, "2023-11-14", path, len(rows), size, last, last, (keys[0], keys[-1])
        )
        self.rows[path] = rows
        self.files.append(file)
        return file

    def twin(self) -> MemoryWarehouse:
        return MemoryWarehouse(self.rows)


def line_of(row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {
        "unit_kind": row.unit_kind,
        "unit": row.unit,
        "unit_key": unit_key(row.unit_kind, row.unit),
        "at": row.at,
        "received_at": STARTED,
    }
    if isinstance(row, Exposure):
        return line | {"arm": row.arm, "iteration": row.iteration, "variation": 0, "phase": 1, "version": 1}
    data = None if row.data is None else encode(row.data).decode()
    return line | {"event": row.event, "value": row.value, "data": data}


def lake_of(root: Path, exposures: Sequence[Exposure], outcomes: Sequence[Outcome]) -> Lake:
    """Each kind of rows in two files, or in none."""
    lake = Lake(root)
    for kind, rows in ((Kind.EXPOSURE, exposures), (Kind.OUTCOME, outcomes)):
        middle = len(rows) // 2
        for part in (rows[:middle], rows[middle:]):
            if part:
                lake.write(kind, part)
    return lake
