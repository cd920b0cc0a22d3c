"""Metrics."""

import os
import subprocess
import sys

from prometheus_client import CollectorRegistry, Histogram

from equipoise.observability.metrics import (
    _SECONDS,
    SHARED_FOLDER,
    Compacted,
    Metrics,
    shared_by_workers,
)


def test_requests_are_counted_and_timed_by_dialect_route_method_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 409):
        metrics.requested("launchdarkly", "patchExperiment", "PATCH", status, 0.003)
    text = metrics.text().decode()
    labels = 'dialect="launchdarkly",method="PATCH",route="patchExperiment"'
    assert f'equipoise_requests_total{{{labels},status="200"}} 2.0' in text
    assert f'equipoise_requests_total{{{labels},status="409"}} 1.0' in text
    assert (
        'equipoise_request_duration_seconds_count{dialect="launchdarkly",route="patchExperiment"} 3.0' in text
    )


def test_requests_that_were_counted_together_fall_between_the_bounds_they_would_alone() -> None:
    metrics, alone = Metrics(), Histogram("alone_seconds", "", buckets=_SECONDS, registry=CollectorRegistry())
    took = [bound + nearly for bound in _SECONDS for nearly in (-1e-9, 0.0, 1e-9)] * 30
    for seconds in took:
        metrics.requested("ofrep", "evaluateFlag", "POST", 200, seconds)
        alone.observe(seconds)
    text = metrics.text().decode()
    assert f'route="evaluateFlag",status="200"}} {len(took):.1f}' in text
    for sample in next(iter(alone.collect())).samples:
        if sample.name.endswith("_bucket"):
            assert f'le="{sample.labels["le"]}",route="evaluateFlag"}} {sample.value}' in text


def test_changes_are_counted_by_dialect_and_outcome() -> None:
    metrics = Metrics()
    metrics.changed("launchdarkly", "changed")
    metrics.changed("launchdarkly", "Refused")
    text = metrics.text().decode()
    assert 'equipoise_changes_total{dialect="launchdarkly",outcome="changed"} 1.0' in text
    assert 'equipoise_changes_total{dialect="launchdarkly",outcome="Refused"} 1.0' in text


def test_a_client_cannot_make_up_labels() -> None:
    metrics = Metrics()
    metrics.requested("launchdarkly", "", "BREW", 405, 0.001)
    assert 'method="other",route="none"' in metrics.text().decode()


def test_who_was_started_again_is_counted() -> None:
    metrics = Metrics()
    metrics.watch(lambda: Compacted({}, {}, 0), lambda: {"worker": 2, "compactor": 0})
    text = metrics.text().decode()
    assert 'equipoise_restarts_total{process="worker"} 2.0' in text
    assert 'equipoise_restarts_total{process="compactor"} 0.0' in text


WORKER = """
from equipoise.observability.metrics import Metrics
metrics = Metrics()
metrics.changed("launchdarkly", "changed")
print(metrics.text().decode())
"""


def test_workers_count_together() -> None:
    with shared_by_workers():
        said = [
            subprocess.run([sys.executable, "-c", WORKER], capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        ]
    assert 'outcome="changed"} 1.0' in said[0]
    assert 'outcome="changed"} 2.0' in said[1]
    assert SHARED_FOLDER not in os.environ
