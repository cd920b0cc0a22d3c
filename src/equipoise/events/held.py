"""Bodies of a dialect that is not here just now: kept in files of their own until it is again."""

import os
from collections.abc import Container, Sequence
from pathlib import Path
from secrets import token_hex

from equipoise.domain.records import Received
from equipoise.events import segments

Found = Sequence[tuple[Path, Received]]


def set_apart(bodies: Found, readable: Container[str]) -> tuple[list[Received], dict[Path, list[Received]]]:
    """Those that can be read, and by segment those that cannot."""
    read: list[Received] = []
    kept: dict[Path, list[Received]] = {}
    for path, received in bodies:
        if received.dialect in readable:
            read.append(received)
        else:
            kept.setdefault(path, []).append(received)
    return read, kept


def keep(segment: Path, bodies: Sequence[Received]) -> None:
    """Writes them beside the segment, durably. Doing it again changes nothing."""
    part = segment.with_suffix(segments.FORMING)
    with part.open("wb") as output:
        output.write(b"".join(map(segments.frame, bodies)))
        output.flush()
        os.fsync(output.fileno())
    part.rename(segment.with_suffix(segments.HELD))
    segments.sync_folder(segment.parent)


def release(folder: Path, readable: Container[str]) -> int:
    """Puts back, as segments, what can be read by now; how many files. For a start, before compacting."""
    released = 0
    for path in sorted(folder.glob("*" + segments.HELD)):
        parts = list(segments.frames(path.read_bytes()))
        if all(isinstance(part, segments.Cut) or part.dialect in readable for part in parts):
            # under a new name, since the old one is marked as read
            path.rename(folder / f"{path.stem}-{token_hex(3)}{segments.SUFFIX}")
            released += 1
    return released
