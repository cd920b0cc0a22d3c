"""The journal on disk: a folder of segments, each a file of frames.

    frame   magic, length of header and of body, CRC-32 of both, header (JSON), body as it came

A segment belongs to the process that holds a lock on it. When that process seals it, or dies in any way,
the lock is gone, and whoever compacts may take it. A frame is read whole or not at all.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from time import time_ns
from zlib import crc32

import msgspec
from msgspec import Struct

from equipoise.domain.records import Received

SUFFIX = ".segment"
DAMAGED = ".damaged"  # what somebody has to look at
FORMING = ".forming"  # not locked yet, so that nobody may look into it
HELD = ".held"  # what no decoder can read just now
MAGIC = b"EQJ1"

_HEAD = struct.Struct("<4sIII")


class _Header(Struct, array_like=True):
    dialect: str
    environment: str
    payload: str
    received_at: int
    encoding: str
    key: str = "server"  # frames of older releases end before it


_HEADER = msgspec.json.Decoder(_Header)
_encode = msgspec.json.Encoder().encode


def frame(received: Received) -> bytes:
    """The bytes of one body in a segment."""
    header = _encode(
        _Header(
            received.dialect,
            received.environment,
            received.payload,
            received.received_at,
            received.encoding,
            received.key,
        )
    )
    check = crc32(received.body, crc32(header))
    return b"".join((_HEAD.pack(MAGIC, len(header), len(received.body), check), header, received.body))


class Cut(Struct, frozen=True):
    """Bytes at the end of a segment that are not read.

    damaged  False for a frame that was never written whole, and so never acknowledged; True for one that
             was changed since: with all that comes after it, it may have been acknowledged
    """

    bytes: int
    damaged: bool = False


def frames(content: bytes) -> Iterator[Received | Cut]:
    """The bodies in a segment, up to the first frame that is not whole. What follows a damaged one is not
    looked for: a body may hold what looks like a frame."""
    at, size = 0, len(content)
    while at < size:
        received, end = _frame_at(content, at)
        if received is None:
            yield Cut(size - at, damaged=not _torn(content, at))
            return
        yield received
        at = end


def _frame_at(content: bytes, at: int) -> tuple[Received | None, int]:
    if at + _HEAD.size > len(content):
        return None, at
    magic, header_size, body_size, check = _HEAD.unpack_from(content, at)
    middle = at + _HEAD.size + header_size
    end = middle + body_size
    if magic != MAGIC or end > len(content):
        return None, at
    head, body = content[at + _HEAD.size : middle], content[middle:end]
    if crc32(body, crc32(head)) != check:
        return None, at
    said = _HEADER.decode(head)
    received = Received(
        said.dialect, said.environment, said.payload, said.received_at, body, said.encoding, said.key
    )
    return received, end


def _torn(content: bytes, at: int) -> bool:
    """Whether the frame was not written to its end, as when the process or the machine stopped: it is the
    last, and shorter than it says, or nothing but zeroes came to the disk."""
    left = len(content) - at
    if left < _HEAD.size or not content[at:].strip(b"\0"):
        return True
    magic, header_size, body_size, _ = _HEAD.unpack_from(content, at)
    short = _HEAD.size + header_size + body_size > left
    return magic == MAGIC and short and content.find(MAGIC, at + 1) < 0


def begin(folder: Path) -> tuple[Path, int]:
    """A new segment of ours, locked before anybody can see it: its path, and a descriptor to append with."""
    name = f"{time_ns():020d}-{token_hex(6)}"  # in order of time, and of nobody else's anywhere
    forming = folder / (name + FORMING)
    descriptor = os.open(forming, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        path = forming.with_suffix(SUFFIX)
        forming.rename(path)
        sync_folder(folder)
    except BaseException:
        os.close(descriptor)
        forming.unlink(missing_ok=True)
        raise
    return path, descriptor


def claim(path: Path) -> int | None:
    """A descriptor with the lock on a segment that is nobody's any more; None where it is somebody's."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    return None


def sizes(folder: Path) -> dict[Path, int]:
    """The segments that are there, the oldest first, and their bytes."""
    found: dict[Path, int] = {}
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.name.endswith(SUFFIX):
                    found[Path(entry.path)] = entry.stat().st_size
    return dict(sorted(found.items()))


def waiting_since(folder: Path) -> int | None:
    """When the oldest of the events that wait there came, in microseconds since 1970; None for none."""
    named = (path.name.partition("-")[0] for path, size in sizes(folder).items() if size)
    oldest = next((name for name in named if name.isdecimal()), None)  # others were named by hand
    return None if oldest is None else int(oldest) // 1_000


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
