"""Runs the delivery benchmark and prints its figures: medians, in milliseconds."""

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from benchmarks.delivery.listeners import first_event, reached
from tests.fixtures_store import postgresql_database
from tests.flows.shop import BASE, SEMANTIC, ok
from tests.served import Place, Server, serving

ROUNDS = 5
LISTENERS = 1_000
QUIET = {"EQUIPOISE_LOG_LEVEL": "warning"}


def run(quick: bool) -> None:
    """One table for each database and size of the environment."""
    rounds, sizes = (1, (10,)) if quick else (ROUNDS, (10, 1_000))
    for size in sizes:
        with TemporaryDirectory() as folder:
            _report("sqlite", Place(Path(folder) / "data"), size, rounds)
        with TemporaryDirectory() as folder, postgresql_database() as url:
            _report("postgresql", Place(Path(folder) / "data", url), size, rounds)


def _report(name: str, place: Place, flags: int, rounds: int) -> None:
    with serving(place, settings=QUIET) as server:
        _fill(server, flags)
    cold = []
    for _ in range(rounds):
        with serving(place, settings=QUIET) as server:
            cold.append(asyncio.run(first_event(_port(server), _key(server))))
    with serving(place, settings=QUIET) as server:
        port, key = _port(server), _key(server)
        warm = [asyncio.run(first_event(port, key)) for _ in range(rounds)]
        crowd, latencies = asyncio.run(_changes(server, port, key, rounds))
    print(f"-- {name}, {flags} flags, median of {rounds}")
    _print("first put after a start [ms]", median(cold))
    _print("first put [ms]", median(warm))
    _print(f"first put of the last of {LISTENERS} at once [ms]", crowd)
    _print(f"a change to {LISTENERS} streams, the median one [ms]", median(map(median, latencies)))
    _print(f"a change to {LISTENERS} streams, the last one [ms]", median(map(max, latencies)))


async def _changes(server: Server, port: int, key: str, rounds: int) -> tuple[float, list[list[float]]]:
    headers = {"Authorization": server.token, **SEMANTIC}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:

        async def change(number: int) -> None:
            kind = "turnFlagOff" if number % 2 else "turnFlagOn"
            body = {"environmentKey": "production", "instructions": [{"kind": kind}]}
            answer = await client.patch(f"{BASE}/flags/default/flag-0", json=body)
            answer.raise_for_status()

        return await reached(port, key, LISTENERS, rounds, change)


def _fill(server: Server, flags: int) -> None:
    for number in range(flags):
        body = {"key": f"flag-{number}", "name": f"Flag {number}", "tags": ["benchmark"]}
        ok(server.client.post(f"{BASE}/flags/default", json=body))


def _key(server: Server) -> str:
    key: str = ok(server.client.get(f"{BASE}/projects/default/environments/production"))["apiKey"]
    return key


def _port(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


def _print(name: str, value: float) -> None:
    print(f"{name:60}{value:10.1f}", flush=True)
