"""Metrics in Prometheus' text format. With several workers they are summed over all of them."""

import os
from bisect import bisect_left
from collections import Counter as Counted
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from shutil import rmtree
from tempfile import mkdtemp

from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

# Where workers keep what they count, so that each can answer for all.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
WAITING_MAX = 1_000  # requests of one kind that are counted together
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Compacted(Struct, frozen=True):
    """What became of events: rows in files by kind, those that cannot be used by cause, bytes that wait."""

    rows: Mapping[str, int]
    dead: Mapping[str, int]
    backlog: int


class Durations(Histogram):
    """Takes many observations for the price of as many as there are bounds."""

    def observe_all(self, many: Sequence[float]) -> None:
        """As many times `observe`."""
        self._sum.inc(sum(many))
        counted = Counted(bisect_left(self._upper_bounds, each) for each in many)
        for at, times in counted.items():
            self._buckets[at].inc(times)


class Requests:
    """Those of one kind that were not counted yet. Threads may share it."""

    def __init__(self, answered: Counter, seconds: Durations) -> None:
        self._answered, self._seconds = answered, seconds
        self.waiting: deque[float] = deque()

    def settle(self) -> None:
        """Counts them."""
        taken: list[float] = []
        with suppress(IndexError):
            while True:
                taken.append(self.waiting.popleft())
        self._answered.inc(len(taken))
        self._seconds.observe_all(taken)


class Manifest:
    """Asks what became of events, and how often processes were started again, whenever the metrics are read.
    When the former cannot be told, it is left out."""

    def __init__(self, ask: Callable[[], Compacted], restarts: Callable[[], Mapping[str, int]]) -> None:
        self._ask, self._restarts = ask, restarts

    def collect(self) -> Iterator[Metric]:
        again = CounterMetricFamily(
            "equipoise_restarts", "Processes started again after they died or hung.", labels=("process",)
        )
        for process, many in self._restarts().items():
            again.add_metric([process], many)
        yield again
        try:
            known = self._ask()
        except Exception:
            return
        rows = GaugeMetricFamily("equipoise_event_rows", "Rows in files.", labels=("kind",))
        dead = CounterMetricFamily("equipoise_events_dead", "Events that cannot be used.", labels=("cause",))
        for kind, many in known.rows.items():
            rows.add_metric([kind], many)
        for cause, many in known.dead.items():
            dead.add_metric([cause], many)
        yield rows
        yield dead
        yield GaugeMetricFamily("equipoise_journal_bytes", "Events not compacted yet.", known.backlog)


class Metrics:
    """What is counted in one process. Labels are of a closed set: never a key, an id or a path as it came."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "equipoise_requests",
            "Requests answered.",
            ("dialect", "route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Durations(
            "equipoise_request_duration_seconds",
            "Time from the first byte of a request to its answer.",
            ("dialect", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._changes = Counter(
            "equipoise_changes",
            "Changes asked for, by how they ended.",
            ("dialect", "outcome"),
            registry=self._registry,
        )

        self._events = Counter(
            "equipoise_events_received", "Events received.", ("dialect",), registry=self._registry
        )
        self._bodies = Counter(
            "equipoise_event_bodies_received", "Bodies of events.", ("dialect",), registry=self._registry
        )
        self._exposures_lost = Counter(
            "equipoise_exposures_lost",
            "Exposures that were decided here and could not be kept.",
            ("dialect",),
            registry=self._registry,
        )
        self._manifest: Manifest | None = None
        self._kinds: dict[tuple[str, str, str, int], Requests] = {}

    def watch(self, ask: Callable[[], Compacted], restarts: Callable[[], Mapping[str, int]] = dict) -> None:
        """Tells, from now on, what became of events and of processes as well."""
        self._manifest = Manifest(ask, restarts)

    def received(self, dialect: str, events: int) -> None:
        """Counts one body of events, before it is durable."""
        self._bodies.labels(dialect).inc()
        self._events.labels(dialect).inc(events)

    def exposures_lost(self, dialect: str, many: int) -> None:
        """Counts exposures that found no room, or no disk before the process ended."""
        self._exposures_lost.labels(dialect).inc(many)

    def requested(self, dialect: str, operation: str, method: str, status: int, seconds: float) -> None:
        """Counts one answered request, as soon as it is asked for or `settle` says so."""
        kind = self._kinds.get((dialect, operation, method, status))
        if kind is None:
            kind = self._kind(dialect, operation, method if method in _METHODS else "other", status)
        kind.waiting.append(seconds)
        if len(kind.waiting) >= WAITING_MAX:
            kind.settle()

    def settle(self) -> None:
        """Counts what waits: other workers see it from here on."""
        for kind in list(self._kinds.values()):
            kind.settle()

    def _kind(self, dialect: str, operation: str, method: str, status: int) -> Requests:
        name = (dialect, operation, method, status)
        if name not in self._kinds:
            route = operation or "none"
            answered = self._requests.labels(dialect, route, method, str(status))
            self._kinds[name] = Requests(answered, self._seconds.labels(dialect, route))
        return self._kinds[name]

    def changed(self, dialect: str, ending: str) -> None:
        """Counts one change that ended."""
        self._changes.labels(dialect, ending).inc()

    def text(self) -> bytes:
        """All that was counted, by this process or, where they share a folder, by all workers."""
        self.settle()
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry) + self._known()
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone) + self._known()

    def _known(self) -> bytes:
        """What is true of the instance, whichever process says it."""
        if self._manifest is None:
            return b""
        registry = CollectorRegistry()
        registry.register(self._manifest)
        return generate_latest(registry)


@contextmanager
def shared_by_workers() -> Iterator[None]:
    """Workers that are started inside count together."""
    folder = os.environ[SHARED_FOLDER] = mkdtemp(prefix="equipoise-metrics-")
    try:
        yield
    finally:
        del os.environ[SHARED_FOLDER]
        rmtree(folder, ignore_errors=True)
