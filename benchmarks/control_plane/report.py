"""Runs the control-plane benchmark and prints its figures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from subprocess import Popen
from sys import executable
from tempfile import TemporaryDirectory
from time import sleep, time

import httpx

from benchmarks.control_plane import bare
from benchmarks.load import Asked, Result, measure
from tests.fixtures_store import postgresql_database
from tests.flows.shop import EXPERIMENTS, experiment_body, make_experiment, ok
from tests.served import ADMIN_TOKEN, Place, Server, free_port, serving

ROUNDS = 5
SECONDS = 2.0
PATCH = '{"instructions":[{"kind":"updateDescription","value":"change %d"}]}'


def run(quick: bool) -> None:
    """One table for each database: rates, ratios to the bare transaction, latencies."""
    rounds, seconds, many = (1, 0.5, 200) if quick else (ROUNDS, SECONDS, 10_000)
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "data")
        _database("sqlite", place, bare.sqlite_url(Path(folder)), 1, rounds, seconds)
        _growth(place, rounds, seconds, many)
        with postgresql_database() as url:
            _database("postgresql", Place(Path(folder) / "pg", url), url, 8, rounds, seconds)


def _database(name: str, place: Place, url: str, threads: int, rounds: int, seconds: float) -> None:
    peer = bare.engine(url)
    with serving(place, settings={"EQUIPOISE_LOG_LEVEL": "warning"}) as server, empty_server() as nothing:
        make_experiment(server.client)
        patch, get, empty = _asked(server, "PATCH", PATCH), _asked(server, "GET"), nothing
        rows: dict[str, list[float]] = {}
        for _ in range(rounds):
            one_bare, many_bare = bare.rate(peer, 1, seconds), bare.rate(peer, threads, seconds)
            one, eight, many = (measure(patch, clients, seconds) for clients in (1, 8, 64))
            read, limit = measure(get, 32, seconds), measure(empty, 32, seconds)
            for result in (one, eight, many, read):
                _all_well(result)
            note(rows, "bare, one thread [tx/s]", one_bare)
            note(rows, f"bare, {threads} threads [tx/s]", many_bare)
            note(rows, "PATCH, 1 client [req/s]", one.rate)
            note(rows, "PATCH, 1 client / bare", one.rate / one_bare)
            note(rows, "PATCH, 8 clients [req/s]", eight.rate)
            note(rows, "PATCH, 8 clients p99 [ms]", eight.p99_ms)
            note(rows, "PATCH, 64 clients [req/s]", many.rate)
            note(rows, "PATCH, 64 clients / bare", many.rate / many_bare)
            note(rows, "GET, 32 clients [req/s]", read.rate)
            note(rows, "empty response, 32 clients [req/s]", limit.rate)
            note(rows, "GET / empty response", read.rate / limit.rate)
    peer.dispose()
    show(name, rows)


def _growth(place: Place, rounds: int, seconds: float, many: int) -> None:
    """What a PATCH and a GET cost with few and with many experiments in the store."""
    rows: dict[str, list[float]] = {}
    with serving(place, settings={"EQUIPOISE_LOG_LEVEL": "warning"}) as server:
        for total in (10, many):
            _fill(server, total)
            for _ in range(rounds):
                note(
                    rows,
                    f"PATCH, {total} experiments [ms]",
                    measure(_asked(server, "PATCH", PATCH), 1, seconds).p50_ms,
                )
                note(
                    rows, f"GET, {total} experiments [ms]", measure(_asked(server, "GET"), 1, seconds).p50_ms
                )
                page = Asked(_port(server), "GET", EXPERIMENTS, ADMIN_TOKEN)
                note(rows, f"list of 20, {total} experiments [ms]", measure(page, 1, seconds).p50_ms)
    show("growth on sqlite", rows)


def _fill(server: Server, total: int) -> None:
    have = ok(server.client.get(EXPERIMENTS, params={"limit": 1}))["total_count"]
    flag = ok(server.client.get("/api/v2/flags/default/checkout"))
    body = experiment_body(flag)
    for number in range(have, total):
        ok(server.client.post(EXPERIMENTS, json={**body, "key": f"fill-{number}"}))


def _asked(server: Server, method: str, body: str = "") -> Asked:
    return Asked(_port(server), method, f"{EXPERIMENTS}/new-checkout", ADMIN_TOKEN, body)


def _port(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


@contextmanager
def empty_server() -> Iterator[Asked]:
    """The limit of the stack: the same server with an application that answers nothing."""
    port = free_port()
    application = "benchmarks.control_plane.empty:answer"
    process = Popen([executable, "-m", "uvicorn", application, "--port", str(port), "--log-level", "error"])
    try:
        _wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/").status_code == 204)
        yield Asked(port, "GET", "/", "")
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(ready: Callable[[], bool], seconds: float = 20) -> None:
    end = time() + seconds
    while time() < end:
        try:
            if ready():
                return
        except httpx.HTTPError:
            pass
        sleep(0.05)
    raise TimeoutError


def _all_well(result: Result) -> None:
    assert set(result.statuses) == {200}, result.statuses


def note(rows: dict[str, list[float]], name: str, value: float) -> None:
    rows.setdefault(name, []).append(value)


def show(title: str, rows: dict[str, list[float]]) -> None:
    print(f"-- {title} (median of {len(next(iter(rows.values())))}; lowest to highest)")
    for name, values in rows.items():
        print(f"{name:42} {median(values):10.2f}   {min(values):9.2f} .. {max(values):.2f}", flush=True)
