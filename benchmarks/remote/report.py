"""Runs the benchmark of remote evaluation and prints its figures: medians of five, and ratios within a round.

Each server keeps to one processor and the load to another, as far as there are two. What the server's
own processor spends on a request is told beside the rates: a busy machine spoils it less.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx
import psutil
from msgspec import Struct

from benchmarks.control_plane.report import note, show
from benchmarks.load import Result
from benchmarks.remote.load import measure, request
from tests.flows.shop import BASE, ok
from tests.flows.test_sdk_delivery import instruct, sdk_key
from tests.served import Place, Server, free_port, serving

ROUNDS, SECONDS, CLIENTS, UNITS, FLAGS = 5, 3.0, 32, 500, 100
ONE = "/ofrep/v1/evaluate/flags"
PEER = ("fastapi==0.165.0", "pydantic==2.14.4", "uvicorn==0.54.0", "httptools==0.9.0", "uvloop==0.23.0")
QUIET = {"EQUIPOISE_LOG_LEVEL": "warning"}


class Side(Struct):
    """One that is measured: where it listens, what it is asked, and the process that answers."""

    name: str
    port: int
    requests: list[bytes]
    process: psutil.Process


def run(quick: bool) -> None:
    rounds, seconds = (1, 0.5) if quick else (ROUNDS, SECONDS)
    ours, theirs = _cores()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        server = stack.enter_context(serving(Place(Path(folder) / "data"), settings=QUIET))
        sides = [*_ours(server)]
        empty = stack.enter_context(_served(sys.executable, "benchmarks.control_plane.empty:answer"))
        sides.append(Side("empty response", empty[0], sides[0].requests, empty[1]))  # to the same requests
        python = _environment()
        if python is None:
            print("FastAPI is left out: its packages cannot be installed here")
        else:
            port, process = stack.enter_context(_served(str(python), "benchmarks.remote.peer:application"))
            sides.append(Side("FastAPI and pydantic", port, _asked({}, "checkout"), process))
        for side in sides:
            _keep_to(side.process, ours)
        show("remote evaluation", _measured(sides, rounds, seconds, theirs))


def _measured(sides: list[Side], rounds: int, seconds: float, core: int | None) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {}
    for _ in range(rounds):
        rates: dict[str, float] = {}
        for side in sides:
            spent = sum(side.process.cpu_times()[:2])
            result = measure(side.port, side.requests, CLIENTS, seconds, core)
            spent = sum(side.process.cpu_times()[:2]) - spent
            _all_well(side, result)
            rates[side.name] = result.rate
            note(rows, f"{side.name} [req/s]", result.rate)
            note(rows, f"{side.name} p99 [ms]", result.p99_ms)
            note(rows, f"{side.name} processor [us]", 1e6 * spent / sum(result.statuses.values()))
        for other in ("empty response", "FastAPI and pydantic"):
            for side in sides:
                if other in rates and side.name.startswith("evaluate"):
                    note(rows, f"{side.name} / {other}", rates[side.name] / rates[other])
    return rows


def _ours(server: Server) -> Iterator[Side]:
    """One flag with a rule, one under experiment, all flags, and all flags that have not changed."""
    key = _furnish(server)
    port, process = int(server.url.rsplit(":", 1)[1]), psutil.Process(server.process.pid)
    bearer = {"Authorization": f"Bearer {key}"}
    yield Side("evaluate", port, _asked(bearer, "checkout"), process)
    yield Side("evaluate, a bucket", port, _asked(bearer, "rolled-out"), process)
    yield Side(f"all of {FLAGS}", port, _asked(bearer, ""), process)
    body = _body(0)
    tag = ok_headers(httpx.post(server.url + ONE, content=body, headers=bearer))["etag"]
    unchanged = request("POST", ONE, {**bearer, "If-None-Match": tag}, body)
    yield Side("evaluate, unchanged", port, [unchanged], process)


def _furnish(server: Server) -> str:
    for key in ("checkout", "rolled-out", *(f"flag-{number}" for number in range(FLAGS - 2))):
        ok(server.client.post(f"{BASE}/flags/default", json={"key": key, "name": key}))
        instruct(server, key, {"kind": "turnFlagOn"})
    flag = ok(server.client.get(f"{BASE}/flags/default/checkout"))
    on, off = (each["_id"] for each in flag["variations"])
    clauses = [
        {"contextKind": "user", "attribute": "country", "op": "in", "values": ["SE", "NO", "DK"]},
        {"contextKind": "user", "attribute": "plan", "op": "in", "values": ["gold"]},
    ]
    instruct(server, "checkout", {"kind": "addRule", "clauses": clauses, "variationId": off})
    flag = ok(server.client.get(f"{BASE}/flags/default/rolled-out"))
    on, off = (each["_id"] for each in flag["variations"])
    rollout = {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {on: 50_000, off: 50_000}}
    instruct(server, "rolled-out", rollout)
    return sdk_key(server)


def _asked(headers: dict[str, str], key: str) -> list[bytes]:
    path = f"{ONE}/{key}".rstrip("/")
    return [request("POST", path, headers, _body(number)) for number in range(UNITS)]


def _body(number: int) -> bytes:
    context = {"targetingKey": f"unit-{number}", "country": "SE" if number % 2 else "DE", "plan": "gold"}
    return json.dumps({"context": context}).encode()


def ok_headers(response: httpx.Response) -> httpx.Headers:
    response.raise_for_status()
    return response.headers


@contextmanager
def _served(python: str, application: str) -> Iterator[tuple[int, psutil.Process]]:
    """A server of the same kind with another application."""
    port = free_port()
    options = ["--port", str(port), "--log-level", "error", "--no-access-log"]
    process = Popen([python, "-m", "uvicorn", application, *options])
    try:
        _wait_for(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    end = monotonic() + 20
    while monotonic() < end:
        with suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/")
            return
        sleep(0.05)
    raise TimeoutError


def _environment() -> Path | None:
    """An environment with the peer's packages, made the first time; None where that cannot be."""
    folder = Path(sys.prefix) / "bench"
    python, done = folder / "bin" / "python", folder / ".installed"
    if not done.exists():
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PEER]
        for command in ([sys.executable, "-m", "venv", str(folder)], install):
            if subprocess.run(command, capture_output=True, check=False).returncode:
                return None
        done.touch()
    return python


def _cores() -> tuple[int | None, int | None]:
    found = sorted(os.sched_getaffinity(0))
    return (found[0], found[1]) if len(found) > 1 else (None, None)


def _keep_to(process: psutil.Process, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(process.pid, {core})


def _all_well(side: Side, result: Result) -> None:
    expected = {"empty response": 204, "evaluate, unchanged": 304}.get(side.name, 200)
    assert set(result.statuses) == {expected}, (side.name, result.statuses)
