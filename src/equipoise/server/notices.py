"""Notices: where the servers of a folder are reached, for commands beside them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO

import msgspec
from msgspec import Struct

from equipoise.config import Settings

PATTERN = "serving-*.json"


class Notice(Struct, frozen=True, omit_defaults=True):
    """The settings by which a server is reached."""

    host: str
    port: int
    public_url: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None


@contextmanager
def posted(settings: Settings) -> Iterator[None]:
    """Says where it is reached until it is done. A lock says whether that is still true: it goes with its
    process, however that ends."""
    settings.data.mkdir(parents=True, exist_ok=True)
    _sweep(settings.data)
    path = settings.data / PATTERN.replace("*", token_hex(6))  # a number of a process is one of many machines
    forming = path.with_suffix(".forming")  # nobody may sweep it away before it is locked
    with forming.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(msgspec.json.encode(_notice(settings)))
        file.flush()
        forming.rename(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def notice_in(folder: Path) -> Notice | None:
    """That of the server which has run there for longest; None where none runs."""
    for path in _oldest_first(folder):
        with suppress(OSError, msgspec.MsgspecError), path.open("rb") as file:
            if _is_held(file):
                return msgspec.json.decode(file.read(), type=Notice)
    return None


def _notice(settings: Settings) -> Notice:
    cert, key = (each and str(each.absolute()) for each in (settings.tls_cert, settings.tls_key))
    return Notice(settings.host, settings.port, settings.public_url, cert or None, key or None)


def _sweep(folder: Path) -> None:
    """What servers left that were killed."""
    for path in _oldest_first(folder):
        with suppress(OSError), path.open("rb") as file:
            if not _is_held(file):
                path.unlink(missing_ok=True)


def _oldest_first(folder: Path) -> list[Path]:
    found = []
    for path in folder.glob(PATTERN):
        with suppress(OSError):
            found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found)]


def _is_held(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
