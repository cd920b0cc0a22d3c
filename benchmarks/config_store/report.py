"""Runs the config-store benchmark and prints its figures."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.control_plane.report import empty_server, note, show
from benchmarks.load import Asked, Result, measure
from tests.fixtures_store import postgresql_database
from tests.flows.shop import ok
from tests.served import Place, Server, serving

ROUNDS, SECONDS, CLIENTS, ITEMS = 5, 2.0, 32, 64
INSTALLATION = "icfg_benchmark"
RESOURCE = f"/v1/installations/{INSTALLATION}/resources/shop"
HERE = {"project": "default", "environment": "production"}


def run(quick: bool) -> None:
    """One table for each database: reads beside what the same server answers with nothing in it."""
    rounds, seconds = (1, 0.5) if quick else (ROUNDS, SECONDS)
    with TemporaryDirectory() as folder:
        _database("sqlite", Place(Path(folder) / "data"), rounds, seconds)
        with postgresql_database() as url:
            _database("postgresql", Place(Path(folder) / "pg", url), rounds, seconds)


def _database(name: str, place: Place, rounds: int, seconds: float) -> None:
    with serving(place, settings={"EQUIPOISE_LOG_LEVEL": "warning"}) as server, empty_server() as nothing:
        store, secret, token = _filled(server)
        port = int(server.url.rsplit(":", 1)[1])
        item, whole = (Asked(port, "GET", f"/{store}/{what}", secret) for what in ("item/flag-1", "items"))
        body = json.dumps({"data": _items(ITEMS)})
        push = Asked(port, "PUT", f"{RESOURCE}/experimentation/global-config", token, body)
        rows: dict[str, list[float]] = {}
        for _ in range(rounds):
            one, many, all_of_it = (
                measure(item, 1, seconds),
                measure(item, CLIENTS, seconds),
                measure(whole, CLIENTS, seconds),
            )
            pushed, limit = measure(push, 8, seconds), measure(nothing, CLIENTS, seconds)
            _expect(one, many, all_of_it, pushed)
            note(rows, "item, 1 client p50 [ms]", one.p50_ms)
            note(rows, f"item, {CLIENTS} clients [req/s]", many.rate)
            note(rows, f"item, {CLIENTS} clients p99 [ms]", many.p99_ms)
            note(rows, f"all {ITEMS} items (7 KB), {CLIENTS} clients [req/s]", all_of_it.rate)
            note(rows, f"empty response, {CLIENTS} clients [req/s]", limit.rate)
            note(rows, "item / empty response", many.rate / limit.rate)
            note(rows, "push of what is there, 8 clients [req/s]", pushed.rate)
    show(f"config store on {name}", rows)


def _filled(server: Server) -> tuple[str, str, str]:
    """The id of a store of 64 items, what it is read with, and the provider's token."""
    client = server.client
    token = ok(client.post("/equipoise/v1/installations", params=HERE, json={"id": INSTALLATION}))["token"]
    ok(client.put(RESOURCE, json={"productId": "p", "name": "The shop", "status": "ready"}))
    ok(client.put(f"{RESOURCE}/experimentation/global-config", json={"data": _items(ITEMS)}))
    said = ok(client.get(f"/equipoise/v1/installations/{INSTALLATION}/resources/shop/store"))
    secret = httpx.URL(said["connectionString"]).params["token"]
    return said["id"], secret, token


def _items(count: int) -> dict[str, Any]:
    rule = {
        "on": True,
        "segments": ["staff", "beta"],
        "split": [50, 50],
        "note": "as a provider has it",
    }
    return {f"flag-{number}": rule for number in range(count)}


def _expect(*results: Result) -> None:
    for result in results:
        assert set(result.statuses) == {200}, result.statuses
