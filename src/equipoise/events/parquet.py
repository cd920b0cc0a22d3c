"""Files of events in a folder or a bucket. Nobody reads one before the manifest names it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import fs

from equipoise.application.lake import DataFile, Kind
from equipoise.domain.identity import Id
from equipoise.events.schema import SORTED_BY, UNIQUE
from equipoise.events.segments import sync_folder

_LAYOUT = {
    "row_group_size": 128 * 1024,
    "compression": "zstd",
    "compression_level": 1,  # level 3 takes half as long again and saves nothing on ids
    "store_schema": False,  # readers see text, not Arrow's dictionaries
}


class Lake:
    """Where files of events are.

    base  path within the file system, without a slash at the end
    """

    def __init__(self, filesystem: Any, base: str) -> None:
        self.filesystem, self.base = filesystem, base.rstrip("/")
        self._local = isinstance(filesystem, fs.LocalFileSystem)

    @classmethod
    def at(cls, where: str | Path) -> "Lake":
        """The lake in a folder, or at a URL. raises ValueError, OSError"""
        if "://" in str(where):
            return cls(*fs.FileSystem.from_uri(str(where)))
        return cls(fs.LocalFileSystem(), str(Path(where).absolute()))

    def write(self, path: str, table: Any) -> int:
        """Writes a file, durably; its size in bytes."""
        full = self._made(path)
        with self.filesystem.open_output_stream(full) as output:
            pq.write_table(table, output, **_LAYOUT, use_dictionary=_repeating(table))
        self._sync(full)
        size: int = self.filesystem.get_file_info(full).size
        return size

    def write_bytes(self, path: str, content: bytes) -> None:
        """Replaces a file; readers see the old one or the new."""
        full = self._made(path)
        target = full + ".part" if self._local else full
        with self.filesystem.open_output_stream(target) as output:
            output.write(content)
        if self._local:
            self.filesystem.move(target, full)

    def read(self, path: str) -> Any:
        """raises OSError"""
        return pq.read_table(f"{self.base}/{path}", filesystem=self.filesystem, partitioning=None)

    def remove(self, path: str) -> None:
        """Nothing, where it is gone already."""
        try:
            self.filesystem.delete_file(f"{self.base}/{path}")
        except FileNotFoundError:
            return

    def found(self) -> Iterator[tuple[str, int]]:
        """Data files that are there, named or not, and when each was written (microseconds)."""
        within = fs.FileSelector(self.base, recursive=True, allow_not_found=True)
        for info in self.filesystem.get_file_info(within):
            path = info.path.removeprefix(self.base + "/")
            if path.startswith("environment=") and path.endswith(".parquet"):
                yield path, (info.mtime_ns or 0) // 1_000

    def _made(self, path: str) -> str:
        full = f"{self.base}/{path}"
        self.filesystem.create_dir(full.rpartition("/")[0], recursive=True)
        return full

    def _sync(self, full: str) -> None:
        """The file, and the folders that lead to it: a bucket's are durable once they are closed."""
        if not self._local:
            return
        descriptor = os.open(full, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        folder = Path(full).parent
        base = Path(self.base).parent
        while folder != base and folder != folder.parent:
            sync_folder(folder)
            folder = folder.parent


def _repeating(table: Any) -> list[str]:
    """Columns that are worth a dictionary."""
    return [name for name in table.column_names if name not in UNIQUE]


def put(lake: Lake, environment: Id, kind: Kind, day: str, table: Any, id: Id) -> DataFile:
    """Writes rows of one kind, sorted, as a file that the manifest does not name yet."""
    by = SORTED_BY[kind]
    table = table.sort_by(by)
    path = f"environment={environment}/kind={kind}/day={day}/{id}.parquet"
    size = lake.write(path, table)
    received = pc.min_max(table["received_at"]).as_py()
    keys = pc.min_max(table[by]).as_py() if by == "unit_key" else {"min": 0, "max": 0}
    return DataFile(
        id=id,
        environment=environment,
        kind=kind,
        day=day,
        path=path,
        rows=table.num_rows,
        bytes=size,
        first=received["min"],
        last=received["max"],
        keys=(keys["min"], keys["max"]),
    )
