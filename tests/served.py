"""Real server processes on 127.0.0.1, started by the command a user types and stopped by their own ids."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ADMIN_TOKEN = "api-" + "t" * 43
START_SECONDS_MAX = 60
PROGRAM = "from equipoise.cli import main; main()"


@dataclass
class Place:
    """Where a server keeps its state: a folder, and the database if it is not in there."""

    data: Path
    database: str = ""

    @property
    def arguments(self) -> list[str]:
        return ["--data", str(self.data), *(["--database", self.database] if self.database else [])]


@dataclass
class Server:
    """A server that runs, and how to talk to it."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    token: str = ADMIN_TOKEN
    trust: ssl.SSLContext | bool = True
    _client: httpx.Client | None = field(default=None, repr=False)

    @property
    def client(self) -> httpx.Client:
        if self._client is None:
            headers = {"Authorization": self.token}
            self._client = httpx.Client(base_url=self.url, headers=headers, verify=self.trust, timeout=60)
        return self._client

    def kill(self) -> None:
        """SIGKILL to the server and to whatever it started: nothing gets to say goodbye."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment(**more: str) -> dict[str, str]:
    """What a server sees: none of the caller's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    return {**kept, "EQUIPOISE_ADMIN_TOKEN": ADMIN_TOKEN, **more}


def command(*arguments: str, program: str = PROGRAM) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def start(
    place: Place,
    *options: str,
    settings: Mapping[str, str] | None = None,
    port: int = 0,
    trust: ssl.SSLContext | None = None,
    program: str = PROGRAM,
) -> Server:
    """Starts a server and waits until it is ready. Raises RuntimeError with its log if it never is.

    trust  to reach it by, where the options say that it has a certificate
    """
    port = port or free_port()
    log = place.data.parent / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command("serve", "--port", str(port), *place.arguments, *options, program=program),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(**(settings or {})),
            start_new_session=True,
        )
    scheme = "http" if trust is None else "https"
    server = Server(f"{scheme}://127.0.0.1:{port}", process, log, trust=trust or True)
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(server.url + "/readyz", verify=server.trust, timeout=2).status_code == 200:
                return server
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    if process.poll() is None:
        server.kill()
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


@contextmanager
def serving(
    place: Place,
    *options: str,
    settings: Mapping[str, str] | None = None,
    port: int = 0,
    trust: ssl.SSLContext | None = None,
    program: str = PROGRAM,
) -> Iterator[Server]:
    server = start(place, *options, settings=settings, port=port, trust=trust, program=program)
    try:
        yield server
    finally:
        server.stop()
