"""Runs the ingestion benchmark and prints its figures."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep, time

from benchmarks.ingestion.events import EVENTS, batch, payload
from benchmarks.ingestion.load import Posting, seconds
from equipoise.config import Settings
from equipoise.dialects.launchdarkly.sdk import events
from equipoise.domain.limits import EVENT_BODY_UNPACKED_BYTES_MAX
from equipoise.domain.records import Received
from equipoise.events import segments
from equipoise.events.compaction import compact_once
from equipoise.events.journal import FileJournal
from equipoise.server.compactor import workshop_of
from equipoise.server.instance import store_of
from equipoise.translation.unpacking import unpacked
from tests.flows.events import sdk_key, start_experiment
from tests.served import Place, Server, serving

ROUNDS, BATCHES, CONNECTIONS = 5, 400, 16


def run(quick: bool) -> None:
    """Durable over HTTP beside unpack-and-validate in process, then compaction to Parquet."""
    rounds, batches = (1, 40) if quick else (ROUNDS, BATCHES)
    rows: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "data")
        with serving(place, settings={"EQUIPOISE_LOG_LEVEL": "warning"}) as server:
            version, key = start_experiment(server), sdk_key(server)
            for number in range(rounds):
                bodies = _bodies(Random(number), batches, version)
                _accept(rows, server, key, bodies)
                _wait_until_compacted(place)
        for number in range(rounds):
            _compact(rows, place, _bodies(Random(100 + number), batches, version), key)
    _print(rows)


def _accept(
    rows: dict[str, list[float]], server: Server, key: str, bodies: tuple[tuple[str, bytes], ...]
) -> None:
    many = len(bodies) * EVENTS
    checked = _rate(bodies, events.counted)
    validated = _rate(bodies, events._BATCH.decode)
    port = int(server.url.rsplit(":", 1)[1])
    durable = many / seconds(Posting(port, key, bodies, CONNECTIONS))
    _note(rows, "unpack and validate, in process [events/s]", validated)
    _note(rows, "unpack and check syntax, in process [events/s]", checked)
    _note(rows, f"durable over HTTP, {CONNECTIONS} connections [events/s]", durable)
    _note(rows, "durable over HTTP / unpack and validate", durable / validated)
    _note(rows, "journal [bytes/event]", sum(len(body) for _, body in bodies) / many)


def _compact(
    rows: dict[str, list[float]], place: Place, bodies: tuple[tuple[str, bytes], ...], key: str
) -> None:
    """One core, by hand, after the server is gone."""
    settings = Settings(data=place.data)
    store = store_of(settings, upgrade=False)
    try:
        shop = workshop_of(settings, store)
        with store.read() as reader:
            environment = reader.every_file()[0].environment
            before = {file.id for file in reader.every_file()}
        journal = FileJournal(shop.journal, 2**40)
        at = int(time() * 1e6)
        waiting = [
            journal.append(Received("launchdarkly", environment, name, at, body, "gzip"))
            for name, body in bodies
        ]
        journal.close()
        assert all(each.exception() is None for each in waiting)
        began = perf_counter()
        while compact_once(shop).segments:
            pass
        took = perf_counter() - began
        with store.read() as reader:
            made = [file for file in reader.every_file() if file.id not in before]
    finally:
        store.close()
    many = len(bodies) * EVENTS
    assert sum(file.rows for file in made) == many, "every event is a row"
    assert {file.kind.value for file in made} == {"exposure", "outcome"}
    _note(rows, "journal to Parquet, one core [events/s]", many / took)
    _note(rows, "Parquet [bytes/event]", sum(file.bytes for file in made) / many)


def _bodies(luck: Random, batches: int, version: int) -> tuple[tuple[str, bytes], ...]:
    return tuple((payload(luck), batch(luck, version)) for _ in range(batches))


def _unpacked(body: bytes) -> bytes:
    return unpacked(body, "gzip", EVENT_BODY_UNPACKED_BYTES_MAX)


def _rate(bodies: tuple[tuple[str, bytes], ...], task: Callable[[bytes], object]) -> float:
    """Events per second; what comes of a batch is dropped at once, as a server would."""
    began = perf_counter()
    for _, body in bodies:
        task(_unpacked(body))
    return len(bodies) * EVENTS / (perf_counter() - began)


def _wait_until_compacted(place: Place, seconds: float = 120) -> None:
    end = perf_counter() + seconds
    while segments.sizes(place.data / "journal"):
        if perf_counter() > end:
            raise TimeoutError("the compactor does not keep up")
        sleep(0.1)


def _note(rows: dict[str, list[float]], name: str, value: float) -> None:
    rows.setdefault(name, []).append(value)


def _print(rows: dict[str, list[float]]) -> None:
    print(f"-- events (median of {len(next(iter(rows.values())))}; lowest to highest)")
    for name, values in rows.items():
        print(f"{name:52} {median(values):12.2f}   {min(values):12.2f} .. {max(values):.2f}", flush=True)
