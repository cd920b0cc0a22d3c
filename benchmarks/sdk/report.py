"""Runs the benchmark of the SDK and prints its figures: CPU time for one evaluation, and ratios.

Our client and LaunchDarkly's follow the same server, which serves the same two flags to both, with exposures
on. Through OpenFeature the same flags are asked for, beside the in-memory provider, which holds a constant.
Figures of a round are taken within a few seconds of each other, all by public entry points.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, process_time_ns, sleep
from typing import Any

from ldclient import Context as PublishedContext
from ldclient import LDClient
from ldclient.config import Config
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.provider import AbstractProvider
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from benchmarks.evaluation.flags import CONTEXTS, COUNTRIES
from equipoise.sdk import Client, prepare
from equipoise.sdk.openfeature import EquipoiseProvider
from tests.flows.shop import BASE, SEMANTIC, make_experiment, ok, patch
from tests.served import Place, Server, serving

ROUNDS = 5
PASSES = 10  # over all contexts
READY_SECONDS_MAX = 30
TARGETED, EXPERIMENT = "targeted", "checkout"

Timed = Callable[[], None]  # one pass over all contexts


def run(quick: bool) -> None:
    """Targets: at least 15 x LaunchDarkly's client, and 1.2 x the in-memory provider at the most."""
    rounds, passes = (1, 2) if quick else (ROUNDS, PASSES)
    with TemporaryDirectory() as folder, serving(Place(Path(folder) / "data")) as server:
        key = _set_up(server)
        with Client(key, server.url) as ours, _published(server, key) as theirs:
            _agree(ours, theirs)
            for name, flag in (
                ("T: rule, then split in three", TARGETED),
                ("E: experiment, halves", EXPERIMENT),
            ):
                _report(name, _engines(ours, theirs, flag), rounds, passes)


def _engines(ours: Client, theirs: LDClient, flag: str) -> dict[str, Timed]:
    ready = [prepare(document) for document in CONTEXTS]
    documents = [{**document} for document in CONTEXTS]
    published = [PublishedContext.from_dict(document) for document in CONTEXTS]
    said = [_context(document) for document in CONTEXTS]
    detail, variation_detail = ours.detail, theirs.variation_detail
    value = "get_string_details" if flag == TARGETED else "get_boolean_details"
    default: Any = "none" if flag == TARGETED else False
    through = getattr(_opened("ours", EquipoiseProvider(ours)), value)
    constant = InMemoryFlag("on", {"on": default})
    beside = getattr(_opened("memory", InMemoryProvider({flag: constant})), value)

    def prepared() -> None:
        for each in ready:
            detail(flag, each, default)

    def from_documents() -> None:
        for each in documents:
            detail(flag, each, default)

    def by_the_published() -> None:
        for each in published:
            variation_detail(flag, each, default)

    def through_openfeature() -> None:
        for each in said:
            through(flag, default, each)

    def in_memory() -> None:
        for each in said:
            beside(flag, default, each)

    return {
        "detail, prepared context": prepared,
        "detail, context as a document": from_documents,
        "LaunchDarkly's client, variation_detail": by_the_published,
        "through OpenFeature": through_openfeature,
        "OpenFeature's in-memory provider": in_memory,
    }


def _report(title: str, engines: dict[str, Timed], rounds: int, passes: int) -> None:
    rows: dict[str, list[float]] = {}
    for timed in engines.values():
        timed()
    for _ in range(rounds):
        took = {name: _nanoseconds(timed, passes) for name, timed in engines.items()}
        ours, document, theirs, through, memory = took.values()
        ratios = {
            "LaunchDarkly's client / detail, prepared": theirs / ours,
            "LaunchDarkly's client / detail, document": theirs / document,
            "through OpenFeature / in-memory provider": through / memory,
        }
        for name, each in ({f"{name} [ns]": each for name, each in took.items()} | ratios).items():
            rows.setdefault(name, []).append(each)
    print(f"-- {title} (median of {rounds}; lowest to highest)")
    for name, values in rows.items():
        print(f"{name:46} {median(values):10.2f}   {min(values):9.2f} .. {max(values):.2f}", flush=True)


def _nanoseconds(timed: Timed, passes: int) -> float:
    start = process_time_ns()
    for _ in range(passes):
        timed()
    return (process_time_ns() - start) / (passes * len(CONTEXTS))


def _context(document: dict[str, Any]) -> EvaluationContext:
    return EvaluationContext(
        document["key"], {name: document[name] for name in ("country", "age", "version")}
    )


def _opened(domain: str, provider: AbstractProvider) -> OpenFeatureClient:
    api.set_provider_and_wait(provider, domain)
    return api.get_client(domain)


def _set_up(server: Server) -> str:
    """Both flags, one with an experiment that runs. The environment's key."""
    make_experiment(server.client, flag=EXPERIMENT)
    ok(patch(server.client, "new-checkout", {"kind": "startIteration", "changeJustification": "benchmark"}))
    values = [{"value": value} for value in ("red", "green", "blue")]
    body = {"key": TARGETED, "name": "Targeted", "variations": values}
    made = ok(server.client.post(f"{BASE}/flags/default", json=body))
    ids = [each["_id"] for each in made["variations"]]
    weights = dict(zip(ids, (34_000, 33_000, 33_000), strict=True))
    clauses = [
        _clause("country", "in", *COUNTRIES),
        _clause("age", "greaterThanOrEqual", 18),
        _clause("version", "semVerGreaterThan", "2.3.0"),
    ]
    rule = {"kind": "addRule", "clauses": clauses, "rolloutWeights": weights, "rolloutContextKind": "user"}
    said = {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}, rule]}
    ok(server.client.patch(f"{BASE}/flags/default/{TARGETED}", json=said, headers=SEMANTIC))
    key: str = ok(server.client.get(f"{BASE}/projects/default/environments/production"))["apiKey"]
    return key


def _clause(attribute: str, op: str, *values: Any) -> dict[str, Any]:
    return {"contextKind": "user", "attribute": attribute, "op": op, "values": list(values), "negate": False}


@contextmanager
def _published(server: Server, key: str) -> Iterator[LDClient]:
    addresses: Any = dict.fromkeys(("base_uri", "stream_uri", "events_uri"), server.url)
    client: Any = LDClient(Config(key, **addresses, diagnostic_opt_out=True), READY_SECONDS_MAX)
    try:
        yield client
    finally:
        client.close()


def _agree(ours: Client, theirs: LDClient) -> None:
    """What is timed is the same work: both serve the same, for the same reason."""
    end = monotonic() + READY_SECONDS_MAX
    while not {TARGETED, EXPERIMENT} <= ours.ruleset.flags.keys():
        assert monotonic() < end, ours.status
        sleep(0.01)
    for document in CONTEXTS:
        for flag in (TARGETED, EXPERIMENT):
            decision = ours.detail(flag, document)
            detail = theirs.variation_detail(flag, PublishedContext.from_dict(document), None)
            assert decision.variation == detail.variation_index is not None, (decision, detail.reason)
            assert decision.reason.kind == detail.reason["kind"]
            assert decision.reason.in_experiment is detail.reason.get("inExperiment", False)
