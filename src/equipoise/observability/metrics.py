"""Metrics in Prometheus' text format. With several workers they are summed over all of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import rmtree
from tempfile import mkdtemp

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# Where workers keep what they count, so that each can answer for all.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


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
        self._seconds = Histogram(
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

    def requested(self, dialect: str, operation: str, method: str, status: int, seconds: float) -> None:
        """Counts one answered request."""
        route = operation or "none"
        known = method if method in _METHODS else "other"
        self._requests.labels(dialect, route, known, str(status)).inc()
        self._seconds.labels(dialect, route).observe(seconds)

    def changed(self, dialect: str, ending: str) -> None:
        """Counts one change that ended."""
        self._changes.labels(dialect, ending).inc()

    def text(self) -> bytes:
        """All that was counted, by this process or, where they share a folder, by all workers."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)


@contextmanager
def shared_by_workers() -> Iterator[None]:
    """Workers that are started inside count together."""
    folder = os.environ[SHARED_FOLDER] = mkdtemp(prefix="equipoise-metrics-")
    try:
        yield
    finally:
        del os.environ[SHARED_FOLDER]
        rmtree(folder, ignore_errors=True)
