"""The server that the demonstration talks to: a process of its own, stopped in the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_SECONDS_MAX = 30


def free(port: int) -> int:
    """The port, or a free one for 0; the demonstration talks to no server but its own."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is taken.\nNext: name another with --port, or 0 for any.")
        found: int = probe.getsockname()[1]
        return found


@contextmanager
def serving(port: int, data: Path, token: str) -> Iterator[str]:
    """The URL of a server that is ready."""
    log = data.parent / f"{data.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("serve", "--port", str(port), "--data", str(data)),
            env=_environment(token),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "equipoise.cli", *arguments]


def sign_in_link(port: int, data: Path, then: str) -> str:
    """A fresh link that signs in once, and leads on to `then`."""
    said = subprocess.run(
        command("sign-in", "--port", str(port), "--data", str(data), "--then", then),
        env=_environment(""),
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip().splitlines()[-1] if said.returncode == 0 else ""


def _environment(token: str) -> dict[str, str]:
    """None of the caller's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    return {**kept, "EQUIPOISE_ADMIN_TOKEN": token} if token else kept


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    sys.exit(f"The server did not start. It said:\n{log.read_text()}")
