"""Processes: what they listen on, and how they serve until they are told to stop."""

import os
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import uvicorn

from equipoise.config import Settings
from equipoise.observability import logs
from equipoise.observability.metrics import shared_by_workers
from equipoise.server.application import build
from equipoise.server.children import Child, Line, Restarts
from equipoise.server.compactor import compactor_of
from equipoise.server.connections import Connection
from equipoise.server.problems import Unstartable
from equipoise.server.supervisor import Supervisor, looked_after

WORKER = "worker"
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 10
STOP_SECONDS_MAX = 30.0  # the grace of open answers, and what has to be written down after it
BACKLOG = 2_048


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
    """Serves on the socket until the process is told to stop. raises Unstartable"""
    logs.set_up(settings.log_format, settings.log_level)
    compactor = compactor_of(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # told to stop, and did
    if settings.workers > 1:
        _supervise(settings, listener, compactor)
        return
    restarts = Restarts((compactor.name,))
    with looked_after(Supervisor((compactor,), restarts)), suppress(KeyboardInterrupt):
        uvicorn.Server(_config(settings, restarts)).run([listener])


def _supervise(settings: Settings, listener: socket.socket, compactor: Child) -> None:
    restarts = Restarts((WORKER, compactor.name))
    worker = Child(
        name=WORKER,
        main=partial(work, settings, listener, restarts),
        grace_seconds=STOP_SECONDS_MAX,
        many=settings.workers,
        serves=True,
    )
    supervisor = Supervisor((worker, compactor), restarts)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.ask(supervisor.stop))
    signal.signal(signal.SIGHUP, lambda *_: supervisor.ask(supervisor.roll))
    with shared_by_workers():
        supervisor.run()
    if supervisor.fault:
        raise Unstartable(
            f"A {supervisor.fault} cannot start, so the server stopped.",
            "What it said before it ended is in the log.",
        )


def work(settings: Settings, listener: socket.socket, restarts: Restarts, line: Line) -> None:
    """A worker's process: serves on the socket that all share, until it is told to stop."""
    line.when_cut(partial(os.kill, os.getpid(), signal.SIGTERM))

    async def beat() -> None:
        line.beat()

    uvicorn.Server(_config(settings, restarts, beat)).run([listener])


def _config(
    settings: Settings, restarts: Restarts, beat: Callable[[], Awaitable[None]] | None = None
) -> uvicorn.Config:
    """beat  called on the loop every second, from when it serves until it is told to stop"""
    return uvicorn.Config(
        partial(build, settings, restarts),
        factory=True,
        http=Connection,
        ws="none",
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks who called, and the address of this server is a setting
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_notify=0,  # it is asked for once a second in any case
        callback_notify=beat,
    )
