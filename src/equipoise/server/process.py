"""Processes: what they listen on, and how they serve until they are told to stop."""

import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from equipoise.config import Settings
from equipoise.observability.metrics import shared_by_workers
from equipoise.server.application import build
from equipoise.server.compactor import compacting
from equipoise.server.connections import Connection
from equipoise.server.problems import Unstartable

KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 10
BACKLOG = 2_048
PING_SECONDS_MAX = 5.0


def listen(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say. raises Unstartable"""
    try:
        found_here = socket.getaddrinfo(settings.host.strip("[]"), settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = min(found_here, key=lambda each: each[0] != socket.AF_INET)
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise Unstartable(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}.",
            "Name another with --port or --host; `equipoise doctor` says whether a server of ours has it.",
        ) from error
    listener.set_inheritable(True)
    return listener


def check_tls(settings: Settings) -> None:
    """raises Unstartable"""
    if settings.tls_cert is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:  # an SSLError is one too
        raise Unstartable(
            f"The certificate {settings.tls_cert} and the key {settings.tls_key} cannot be used: "
            f"{error.strerror or error}.",
            "Name a certificate in PEM format, and the private key that belongs to it.",
        ) from error


def run(settings: Settings, listener: socket.socket) -> None:
    """Serves on the socket until the process is told to stop."""
    config = uvicorn.Config(
        partial(build, settings),
        factory=True,
        http=Connection,
        workers=settings.workers,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks who called, and the address of this server is a setting
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # told to stop, and did
    with compacting(settings):
        if settings.workers == 1:
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run([listener])
            return
        with shared_by_workers():
            Workers(config, [listener]).run()


class Workers(Multiprocess):
    """Workers that Ctrl-C reaches through their supervisor alone, however early it comes, and that have all
    the time they need to start.

    The stock supervisor kills whoever does not answer within seconds, those that still start among them:
    where a start takes longer than that, none ever comes up.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self._answered: dict[int | None, bool] = {}  # by pid of those that were asked

    def init_processes(self) -> None:
        self.processes += [self.begun() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        """Replaces who died, and who answered once and does no more."""
        for index, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if worker.process.is_alive() and (self._starts(worker) or worker.ping(PING_SECONDS_MAX)):
                continue
            worker.kill()
            worker.join()
            self._answered.pop(worker.pid, None)
            log = structlog.get_logger("equipoise")
            if worker.exitcode == STARTUP_FAILURE:  # so would the next one
                log.error("a worker cannot start, and the server stops")
                self.should_exit.set()
                return
            log.error("a worker died", status=worker.exitcode)
            self.processes[index] = self.begun()

    def begun(self) -> Process:
        worker = Process(self.config, self.sockets)
        with _deaf():
            worker.start()
        return worker

    def _starts(self, worker: Process) -> bool:
        """Whether it has never answered yet. It is asked once, and answers when it has come so far."""
        if worker.pid not in self._answered:
            worker.parent_conn.send(b"ping")
            self._answered[worker.pid] = False
        elif not self._answered[worker.pid] and worker.parent_conn.poll():
            worker.parent_conn.recv()
            self._answered[worker.pid] = True
        return not self._answered[worker.pid]


@contextmanager
def _deaf() -> Iterator[None]:
    """Holds Ctrl-C back; what is started meanwhile never hears it."""
    resource_tracker.ensure_running()  # when it starts, it lets Ctrl-C in again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
