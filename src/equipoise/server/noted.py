"""Where the server of a folder is reached: noted for as long as it serves, for commands beside it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import IO, Any

import msgspec

from equipoise.config import Settings

NAME = "serving.json"
LOOKS, LOOK_SECONDS = 5, 0.02  # a command may just be looking


@contextmanager
def noted(settings: Settings) -> Iterator[None]:
    """Notes where it is reached, until it is done. A lock says whether it is still true: it goes with its
    process, however that ends. Where several serve from one folder, the first is noted."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / NAME).open("a+b") as file:
        if _mine(file):
            file.truncate(0)
            file.write(msgspec.json.encode(_told(settings)))
            file.flush()
        yield


def noted_in(folder: Path) -> dict[str, Any]:
    """The settings by which the server of a folder is reached; empty where none serves."""
    try:
        with (folder / NAME).open("rb") as file:
            if _locked(file, fcntl.LOCK_SH):
                return {}
            found: dict[str, Any] = msgspec.json.decode(file.read())
    except (OSError, msgspec.DecodeError):  # none was ever here, or it is just being noted
        return {}
    return found | {name: Path(found[name]) for name in ("tls_cert", "tls_key") if name in found}


def _told(settings: Settings) -> dict[str, Any]:
    told = {"host": settings.host, "port": settings.port, "public_url": settings.public_url}
    files = {"tls_cert": settings.tls_cert, "tls_key": settings.tls_key}
    told |= {name: file and str(file.absolute()) for name, file in files.items()}
    return {name: value for name, value in told.items() if value is not None}


def _mine(file: IO[bytes]) -> bool:
    for _ in range(LOOKS):
        if _locked(file, fcntl.LOCK_EX):
            return True
        sleep(LOOK_SECONDS)
    return False


def _locked(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
