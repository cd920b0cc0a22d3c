"""The key file: the instance's secret key beside its data, for whoever names none."""

import os
from pathlib import Path
from secrets import token_hex, token_urlsafe

from equipoise.storage.problems import Unusable

NAME = "secret.key"
MODE = 0o600


def read(folder: Path) -> str | None:
    """The key in this folder; None when there is none. raises Unusable"""
    file = folder / NAME
    try:
        return file.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file, error) from error


def make(folder: Path) -> str:
    """The key in this folder, made whole and durable if need be; of two that race, one key wins.

    raises  Unusable
    """
    file, part = folder / NAME, folder / f".{NAME}.{token_hex(8)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(part, token_urlsafe(32) + "\n")
        try:
            os.link(part, file)
        except FileExistsError:
            pass
        finally:
            part.unlink()
        _settle(folder)
        return file.read_text("ascii").strip()
    except OSError as error:
        raise _unreadable(file, error) from error


def open_to_others(folder: Path) -> bool:
    """Whether anybody but the owner may read the key."""
    file = folder / NAME
    return file.exists() and bool(file.stat().st_mode & 0o077)


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unreadable(file: Path, error: Exception) -> Unusable:
    why = error.strerror if isinstance(error, OSError) else "it is no text"
    return Unusable(
        f"The key file {file} cannot be read or made: {why}.",
        "Give this user the right to it, or set EQUIPOISE_SECRET_KEY.",
    )
