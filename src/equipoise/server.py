"""The composition: the only file that knows every floor."""

import asyncio
import pkgutil
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from multiprocessing import resource_tracker
from secrets import token_bytes
from time import time_ns
from typing import Any

import structlog
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from equipoise import __version__, dialects
from equipoise.application.administration import any_sealed, has_token
from equipoise.application.authentication import authenticate
from equipoise.application.changes import Desk
from equipoise.application.founding import found
from equipoise.application.ports import Ended, Witness
from equipoise.application.queries import Library
from equipoise.config import Settings
from equipoise.domain.errors import Unknown
from equipoise.observability import logs, probes
from equipoise.observability.metrics import Metrics, shared_by_workers
from equipoise.security.vault import Vault, WrongKey
from equipoise.storage import SqlStore, Unusable, keyfile, open_store
from equipoise.translation.dialect import Dialect
from equipoise.translation.http import Gateway, Services
from equipoise.translation.limiter import Limiter, Rates

App = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]

SWITCH_SECONDS = 0.0005  # an answer does not wait five milliseconds for a thread that computes
SWEEP_SECONDS = 3_600
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 10
BACKLOG = 2_048
SPARE_CONNECTIONS = 2  # for the sweep and the readiness probe, beside the worker threads


class Unstartable(Exception):
    """The server cannot start as it was told to: a sentence, and the next step."""

    def __init__(self, sentence: str, next_step: str) -> None:
        self.sentence, self.next_step = sentence, next_step
        super().__init__(f"{sentence} {next_step}")


class Prepared(Struct, frozen=True):
    """What the first moments of a start led to.

    made   secret of the admin token that was made just now
    known  whether the admin token of the settings is one of this store; True where none is set
    """

    made: str | None
    known: bool


class Instance(Struct, frozen=True):
    """What commands and surfaces work with."""

    store: SqlStore
    vault: Vault
    desk: Desk
    library: Library


def clock() -> int:
    """Milliseconds since 1970."""
    return time_ns() // 1_000_000


def store_of(settings: Settings, *, upgrade: bool = True) -> SqlStore:
    """The store, as the settings name it. raises Unusable"""
    return open_store(
        settings.database or settings.data,
        threads=2 * settings.threads + SPARE_CONNECTIONS,
        upgrade=upgrade,
        backups=settings.data / "backups",
    )


def unlock(settings: Settings, store: SqlStore) -> Vault:
    """The vault, with its key tried on what is stored; on an empty store a key file is made if need be.

    raises  Unusable
    """
    with store.read() as reader:
        sealed = any_sealed(reader)
    key = settings.secret_key or keyfile.read(settings.data)
    back = f"Set EQUIPOISE_SECRET_KEY, or bring back {settings.data / keyfile.NAME} from where it was."
    if key is None and sealed is not None:
        raise Unusable("The secret key of this store is not here.", back)
    try:
        vault = Vault(key or keyfile.make(settings.data), token_bytes)
        if sealed is not None:
            vault.open(sealed)
    except (WrongKey, ValueError) as error:
        raise Unusable(f"The secret key is not the right one: {error}", back) from error
    return vault


def compose(store: SqlStore, vault: Vault, witness: Witness | None = None) -> Instance:
    desk = Desk(store, clock, token_bytes, vault, witness)
    return Instance(store, vault, desk, Library(store, clock, token_bytes, vault))


@contextmanager
def opened(settings: Settings) -> Iterator[Instance]:
    """The instance for as long as a command takes. raises Unusable"""
    store = store_of(settings)
    try:
        yield compose(store, unlock(settings, store))
    finally:
        store.close()


def prepare(settings: Settings) -> Prepared:
    """Migrates and founds, before anything is served.

    raises  Unusable, Unstartable
    """
    with opened(settings) as instance:
        with instance.store.read() as reader:
            safe = settings.on_loopback or settings.admin_token is not None or has_token(reader)
        if not safe:
            raise Unstartable(
                f"{settings.host} can be reached from outside, and there is no token yet.",
                "Set EQUIPOISE_ADMIN_TOKEN to a long random text, or start once on 127.0.0.1.",
            )
        made = found(instance.store, clock, token_bytes, instance.vault, settings.admin_token)
        return Prepared(made, knows(instance.store, settings.admin_token))


def knows(store: SqlStore, token: str | None) -> bool:
    """Whether this is a token of the store. None is nobody's, and nothing to complain of."""
    try:
        with store.read() as reader:
            return token is None or bool(authenticate(reader, token, clock()))
    except Unknown:
        return False


def discovered() -> tuple[Dialect, ...]:
    """Every dialect: the packages in `dialects`, and what others enter as `equipoise.dialects`."""
    packages = pkgutil.iter_modules(dialects.__path__, dialects.__name__ + ".")
    inside = [import_module(package.name).DIALECT for package in packages]
    return (*inside, *(entry.load() for entry in entry_points(group="equipoise.dialects")))


def build(settings: Settings) -> App:
    """The application of one process: its own store, threads and counters, over a prepared store."""
    sys.setswitchinterval(SWITCH_SECONDS)
    logs.set_up(settings.log_format, settings.log_level)
    metrics = Metrics()
    store = store_of(settings, upgrade=False)
    instance = compose(store, unlock(settings, store), partial(_watch, metrics))
    spoken = discovered()
    services = _services(settings, instance, metrics)
    gateway = Gateway(spoken, services)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(store))
        yield
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
        services.readers.shutdown()
        services.writers.shutdown()
        store.close()

    surfaces = tuple((each.name, each.title, each.prefixes) for each in spoken)
    own = Starlette(
        routes=probes.routes(__version__, store.ping, metrics.text, surfaces, gateway.documents),
        exception_handlers={404: probes.nothing, 405: probes.nothing},
        lifespan=lifespan,
    )

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        http = scope["type"] == "http"
        if http and gateway.serves(scope.get("raw_path") or scope["path"].encode()):
            await gateway(scope, receive, send)
        else:
            await own(scope, receive, send)

    return app


def _services(settings: Settings, instance: Instance, metrics: Metrics) -> Services:
    rates = Rates(
        token=settings.rate_limit_token,
        route=settings.rate_limit_route,
        enforced=settings.rates_enforced,
    )

    def observe(dialect: str, operation: str, method: str, status: int, seconds: float, request: str) -> None:
        metrics.requested(dialect, operation, method, status, seconds)

    return Services(
        desk=instance.desk,
        library=instance.library,
        limiter=Limiter(rates, clock),
        readers=ThreadPoolExecutor(settings.threads, "read"),
        writers=ThreadPoolExecutor(1 if instance.store.one_writer else settings.threads, "write"),
        body_bytes_max=settings.body_bytes_max,
        observe=observe,
        undisturbed=instance.store.undisturbed,
    )


def _watch(metrics: Metrics, ended: Ended) -> None:
    metrics.changed(ended.surface, ended.ending)
    with suppress(OSError, ValueError):  # nobody reads the log any more; the change is made all the same
        logs.log_change(
            ended.surface, ended.ending, ended.principal, ended.request, ended.seconds, ended.subjects
        )


async def _sweep(store: SqlStore) -> None:
    """Forgets kept answers that are too old, for as long as the process serves."""
    while True:
        try:
            await asyncio.to_thread(store.sweep, clock())
        except Exception:
            structlog.get_logger("equipoise").exception("sweep failed")
        await asyncio.sleep(SWEEP_SECONDS)


# serving


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
        workers=settings.workers,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # told to stop, and did
    if settings.workers == 1:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listener])
        return
    with shared_by_workers():
        _Workers(config, [listener]).run()


class _Workers(Multiprocess):
    """Workers that Ctrl-C reaches through their supervisor alone, however early it comes."""

    def init_processes(self) -> None:
        with _deaf():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        with _deaf():
            super().keep_subprocess_alive()


@contextmanager
def _deaf() -> Iterator[None]:
    """Holds Ctrl-C back; what is started meanwhile never hears it."""
    resource_tracker.ensure_running()  # when it starts, it lets Ctrl-C in again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
