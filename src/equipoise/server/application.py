"""The application of one process: every floor, put together."""

import asyncio
import gc
import pkgutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from secrets import token_hex
from typing import Any

import structlog
from starlette.applications import Starlette

from equipoise import __version__, dialects
from equipoise.application.exposures import Exposures
from equipoise.application.ingest import Intake
from equipoise.application.ports import Ended
from equipoise.application.results import ResultsDesk
from equipoise.application.sightings import Sightings
from equipoise.application.vouching import Hashes
from equipoise.config import Settings
from equipoise.delivery.feed import ChangeFeed
from equipoise.events import segments
from equipoise.observability import logs, probes
from equipoise.observability.metrics import Compacted, Metrics
from equipoise.server.instance import Instance, clock, compose, store_of, unlock
from equipoise.server.noticing import noted, noting
from equipoise.server.places import journal_folder, journal_of
from equipoise.server.reports import results_of, warehouse_of
from equipoise.server.stopping import when_told_to_stop
from equipoise.storage import SqlStore
from equipoise.translation.abroad import Abroad
from equipoise.translation.dialect import Dialect, abroad
from equipoise.translation.doors import Outlets
from equipoise.translation.http import Gateway, Services
from equipoise.translation.limiter import Limiter, Rates
from equipoise.translation.wire import raw_path_of
from equipoise.web import Pages, shown_at, warm

SWITCH_SECONDS = 0.0005  # an answer does not wait five milliseconds for a thread that computes
SWEEP_SECONDS = 3_600
FLUSH_SECONDS = 1.0  # as much of what is evaluated here may be lost when the process is killed
FLUSH_SECONDS_MAX = 5.0  # at the end


def discovered() -> tuple[Dialect, ...]:
    """Every dialect: the packages in `dialects`, and what others enter as `equipoise.dialects`."""
    packages = pkgutil.iter_modules(dialects.__path__, dialects.__name__ + ".")
    inside = [import_module(package.name).DIALECT for package in packages]
    return (*inside, *(entry.load() for entry in entry_points(group="equipoise.dialects")))


def abroad_here() -> Abroad:
    """What every dialect says, for the command line."""
    return abroad(discovered())


def build(settings: Settings, restarts: Callable[[], Mapping[str, int]] = dict) -> "Application":
    """The application of one process: its own store, threads and counters, over a prepared store.

    restarts  how often each process beside this one was started again
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    logs.set_up(settings.log_format, settings.log_level)
    metrics = Metrics()
    store = store_of(settings, upgrade=False)
    instance = compose(store, unlock(settings, store), partial(_watch, metrics))
    spoken = discovered()
    journal = journal_of(settings)
    metrics.watch(partial(_tally, store, settings), restarts)
    feed = ChangeFeed(store, store.watch())
    intake = Intake(journal, clock, metrics.received)
    exposures = Exposures(intake, clock, partial(token_hex, 16), metrics.exposures_lost)
    news = asyncio.Event()
    sightings = Sightings(clock, news.set)
    said = abroad(spoken)
    outlets = Outlets(feed, intake, exposures, Hashes(instance.vault), sightings, said.client_headers)
    warehouse = warehouse_of(settings)
    results = results_of(settings, instance.library, warehouse)
    services = _services(settings, instance, metrics, outlets, results)
    gateway = Gateway(spoken, services)
    pages = Pages(
        instance.library,
        instance.reception,
        results,
        services.readers,
        services.observe,
        warm,
        settings.url,
        said.clients,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        upkeep = [
            asyncio.create_task(each)
            for each in (_sweep(store), _flush(exposures, metrics), noting(sightings, store.see, news))
        ]
        await feed.open()
        gc.freeze()  # what is here stays: no collection need look at it
        with when_told_to_stop(feed.stop):
            yield
        await feed.close()
        for task in upkeep:
            task.cancel()
        await asyncio.gather(*upkeep, return_exceptions=True)
        await asyncio.to_thread(exposures.close, FLUSH_SECONDS_MAX)
        await noted(sightings, store.see)
        await asyncio.to_thread(journal.close)
        services.readers.shutdown()
        services.writers.shutdown()
        warehouse.close()
        store.close()

    surfaces = tuple((each.name, each.title, each.prefixes) for each in spoken)
    own = Starlette(
        routes=probes.routes(__version__, store.ping, metrics.text, surfaces, gateway.documents),
        exception_handlers={404: probes.nothing, 405: probes.nothing},
        lifespan=lifespan,
    )

    return Application(gateway, pages, own)


class Application:
    """Whoever serves a path: a dialect, the pages, or else the probes."""

    def __init__(self, gateway: Gateway, pages: Pages, own: Starlette) -> None:
        self._gateway, self._pages, self._own = gateway, pages, own
        self.at_once = gateway.at_once

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        http = scope["type"] == "http"
        if http and await self._gateway(scope, receive, send):
            return
        if http and self._pages.serves(raw_path_of(scope)):
            await self._pages(scope, receive, send)
        else:
            await self._own(scope, receive, send)


def _services(
    settings: Settings, instance: Instance, metrics: Metrics, outlets: Outlets, results: ResultsDesk
) -> Services:
    rates = Rates(
        token=settings.rate_limit_token,
        route=settings.rate_limit_route,
        enforced=settings.rates_enforced,
    )

    return Services(
        desk=instance.desk,
        library=instance.library,
        limiter=Limiter(rates, clock),
        readers=ThreadPoolExecutor(settings.threads, "read"),
        writers=ThreadPoolExecutor(1 if instance.store.one_writer else settings.threads, "write"),
        body_bytes_max=settings.body_bytes_max,
        observe=metrics.requested,
        outlets=outlets,
        results=results,
        undisturbed=instance.store.undisturbed,
        url=settings.url,
        config_store_bytes_max=settings.config_store_bytes_max,
        pages=shown_at,
    )


def _tally(store: SqlStore, settings: Settings) -> Compacted:
    """What became of events, whichever process did it: the manifest knows."""
    backlog = sum(segments.sizes(journal_folder(settings)).values())
    with store.read() as reader:
        tally = reader.tally()
    return Compacted({kind.value: rows for kind, rows in tally.rows.items()}, tally.dead, backlog)


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


async def _flush(exposures: Exposures, metrics: Metrics) -> None:
    """Hands on what waits to be kept or counted, for as long as the process serves."""
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        metrics.settle()
        try:
            exposures.flush()
        except Exception:
            structlog.get_logger("equipoise").exception("exposures were not handed on")
