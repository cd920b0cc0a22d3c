"""Runs the evaluation benchmark and prints its figures: CPU time for one evaluation, and ratios.

Each round times every engine over the same contexts, built beforehand, so that the ratio of a round compares
figures taken within one second of each other. R is the hash that no engine can do without.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from statistics import median
from time import process_time_ns
from typing import Any

from ldclient import Context as PublishedContext
from ldclient import LDClient
from ldclient.config import Config
from ldclient.feature_store import InMemoryFeatureStore
from ldclient.versioned_data_kind import FEATURES, SEGMENTS

from benchmarks.evaluation import environment
from benchmarks.evaluation.flags import CONTEXTS, DATA, EXPERIMENT, TARGETED
from equipoise.evaluation.batch import assign
from equipoise.evaluation.context import context
from equipoise.evaluation.evaluate import evaluate
from equipoise.evaluation.machine import Machine
from tests.evaluation.wire import ruleset

ROUNDS = 5
PASSES = 30  # over all contexts
HASHED = b"experiment.4f9b1c."
UNITS_AT_ONCE = [f"user-{number}" for number in range(20_000)]  # by key alone, as far as the rule holds

Timed = Callable[[], None]  # one pass over all contexts


def run(quick: bool) -> None:
    """One table for each flag; the targets are at least 10 x, later 15 x, the published client."""
    rounds, passes = (1, 3) if quick else (ROUNDS, PASSES)
    with _published() as client:
        _agree(client)
        for name, flag in (("T: rule, then split in three", TARGETED), ("E: experiment, halves", EXPERIMENT)):
            _report(name, _engines(client, flag["key"]), rounds, passes)
    environment.run(quick)


def _engines(client: LDClient, key: str) -> dict[str, Timed]:
    rules = ruleset(DATA)
    machine = Machine(rules)
    ours = [context(document) for document in CONTEXTS]
    theirs = [PublishedContext.from_dict(document) for document in CONTEXTS]
    keys = [document["key"] for document in CONTEXTS]
    decide, value, detail = machine.decide, machine.value, client.variation_detail

    def hashed() -> None:
        for each in keys:
            _ = int(sha1(HASHED + each.encode()).hexdigest()[:15], 16)

    def with_detail() -> None:
        for each in ours:
            decide(key, each, "default")

    def value_alone() -> None:
        for each in ours:
            value(key, each, "default")

    def by_the_reference() -> None:
        for each in ours:
            evaluate(rules, key, each, "default")

    def many_at_once() -> None:
        assign(rules.flags[key], UNITS_AT_ONCE, 0 if key == TARGETED["key"] else None)

    def published() -> None:
        for each in theirs:
            detail(key, each, "default")

    return {
        "R, one hash": hashed,
        "full detail": with_detail,
        "value alone": value_alone,
        "by the reference": by_the_reference,
        "many at once": many_at_once,
        "published client, full detail": published,
    }


def _report(title: str, engines: dict[str, Timed], rounds: int, passes: int) -> None:
    rows: dict[str, list[float]] = {}
    for timed in engines.values():
        timed()
    for _ in range(rounds):
        took = {name: _nanoseconds(timed, passes) for name, timed in engines.items()}
        for name, each in took.items():
            rows.setdefault(f"{name} [ns]", []).append(each)
        took["many at once"] *= len(CONTEXTS) / len(UNITS_AT_ONCE)
        rows["many at once [ns]"][-1] = took["many at once"]
        rows.setdefault("many at once / R", []).append(took["many at once"] / took["R, one hash"])
        for name in ("full detail", "value alone"):
            times = took["published client, full detail"] / took[name]
            rows.setdefault(f"published client / {name}", []).append(times)
            rows.setdefault(f"{name} / R", []).append(took[name] / took["R, one hash"])
    print(f"-- {title} (median of {rounds}; lowest to highest)")
    for name, values in rows.items():
        print(f"{name:42} {median(values):10.2f}   {min(values):9.2f} .. {max(values):.2f}", flush=True)


def _nanoseconds(timed: Timed, passes: int) -> float:
    start = process_time_ns()
    for _ in range(passes):
        timed()
    return (process_time_ns() - start) / (passes * len(CONTEXTS))


def _agree(client: LDClient) -> None:
    """What is timed is the same work: both serve the same, for the same reason."""
    machine = Machine(ruleset(DATA))
    for document in CONTEXTS:
        for key in DATA["flags"]:
            detail = client.variation_detail(key, PublishedContext.from_dict(document), None)
            decision = machine.decide(key, context(document))
            assert decision.variation == detail.variation_index is not None
            assert decision.reason.kind == detail.reason["kind"]


@contextmanager
def _published() -> Iterator[LDClient]:
    """The client, fed in process, with events off."""
    store: Any = InMemoryFeatureStore  # published without types
    settings: dict[str, Any] = {"use_ldd": True, "send_events": False, "diagnostic_opt_out": True}
    held = store()
    held.init({FEATURES: DATA["flags"], SEGMENTS: DATA["segments"]})
    client: Any = LDClient(Config("sdk-key", feature_store=held, **settings), 0)
    try:
        yield client
    finally:
        client.close()
