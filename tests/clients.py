"""Published clients that are not packages of the environment: an older version, another language.

Where a machine has none, tests that need one are left out; under CI they fail.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLIENTS = Path(sys.prefix) / "clients"
ABSENT = "left out: {} is not on this machine; `make test` sets it up where there is npm"


def auth0_python(version: str) -> Path:
    """The folder to import that version of Auth0's client from."""
    return _found(CLIENTS / f"auth0-python-{version}")


def node(client: str, folder: str = "node") -> tuple[str, Path]:
    """Where Node is, and the folder that this client of a vendor is to be loaded from."""
    binary = _found(Path(shutil.which("node") or "node"))
    modules = CLIENTS / folder / "node_modules"
    _found(modules / client)
    return str(binary), modules


def run(command: list[str], **settings: str) -> str:
    """What a program printed that ended well. raises AssertionError with its words"""
    environment = {**os.environ, **settings}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _found(path: Path) -> Path:
    if path.exists():
        return path
    absent = ABSENT.format(path.name)
    if os.environ.get("CI"):
        raise FileNotFoundError(absent)
    pytest.skip(absent)
