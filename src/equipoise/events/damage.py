"""What cannot be compacted is kept beside the journal, so that what came later goes on."""

import errno
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from equipoise.application.ports import LostRace, Store, Undo
from equipoise.events import segments

CAUSE = "damaged"  # counted by pieces of the journal, since nobody knows how many events are in one
NOBODY = ""  # nor whose they are


class Spoiled(Exception):
    """The disk does not give a segment's bytes any more."""


def content_of(segment: Path) -> bytes:
    """raises Spoiled, OSError"""
    try:
        return segment.read_bytes()
    except OSError as error:
        if error.errno == errno.EIO:
            raise Spoiled(f"{segment.name} cannot be read from the disk") from error
        raise


def keep_rest(segment: Path, cut: segments.Cut) -> Path:
    """Writes the end of a segment beside it, durably. Doing it again changes nothing."""
    kept = segment.with_name(segment.stem + "-rest" + segments.DAMAGED)
    part = kept.with_suffix(segments.FORMING)
    with part.open("wb") as output:
        output.write(content_of(segment)[-cut.bytes :])
        output.flush()
        os.fsync(output.fileno())
    part.rename(kept)
    segments.sync_folder(segment.parent)
    return kept


def set_aside(store: Store, segment: Path) -> Path:
    """A segment that can be compacted no more, until somebody gives it its name back."""
    kept = segment.rename(segment.with_suffix(segments.DAMAGED))
    segments.sync_folder(segment.parent)
    with store.write() as transaction:
        transaction.count_dead(NOBODY, {CAUSE: 1})
    return kept


def of_the_segment(store: Store, error: Exception) -> bool:
    """Whether a segment that fails alone is why: the disk is not full, and the database works."""
    if isinstance(error, LostRace | OSError):
        return False
    try:
        with store.write() as transaction:
            transaction.count_dead(NOBODY, {CAUSE: 0})
            raise Undo
    except Exception:
        return False
    return True


def counted(kept: Sequence[Path]) -> Counter[tuple[str, str]]:
    """As dead events are counted: by (environment, cause)."""
    return Counter({(NOBODY, CAUSE): len(kept)} if kept else {})
