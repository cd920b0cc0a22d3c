"""Events sent as an SDK sends them, and read back from the files that the manifest names."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq

from equipoise.application.lake import Kind
from tests.flows.shop import BASE, make_experiment, ok, patch
from tests.flows.stores import opened
from tests.served import Place, Server

WAIT_SECONDS_MAX = 30


def sdk_key(server: Server) -> str:
    key: str = ok(server.client.get(f"{BASE}/projects/default/environments/production"))["apiKey"]
    return key


def start_experiment(server: Server, key: str = "new-checkout") -> int:
    """The version of its flag, once it runs."""
    make_experiment(server.client, key)
    ok(patch(server.client, key, {"kind": "startIteration", "changeJustification": "reviewed"}))
    return flag_version(server)


def flag_version(server: Server) -> int:
    flag = ok(server.client.get(f"{BASE}/flags/default/checkout"))
    version: int = flag["environments"]["production"]["version"]
    return version


def feature(unit: str, version: int, variation: int = 0) -> dict[str, Any]:
    return {
        "kind": "feature",
        "creationDate": int(time.time() * 1000),
        "key": "checkout",
        "version": version,
        "variation": variation,
        "value": True,
        "default": False,
        "reason": {"kind": "FALLTHROUGH", "inExperiment": True},
        "context": {"kind": "user", "key": unit, "plan": "gold"},
    }


def custom(unit: str, key: str = "purchase", **fields: Any) -> dict[str, Any]:
    now = int(time.time() * 1000)
    return {
        "kind": "custom",
        "creationDate": now,
        "key": key,
        "context": {"kind": "user", "key": unit},
        **fields,
    }


def send(
    http: httpx.Client, key: str, events: Any, payload: str = "", packed: bool = True, **headers: str
) -> httpx.Response:
    """One body of events. Without `packed` it comes in chunks, without a length, as some SDKs send it."""
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    said = {"Authorization": key, "Content-Type": "application/json", **headers}
    if payload:
        said["X-LaunchDarkly-Payload-ID"] = payload
    if packed:
        return http.post(
            "/bulk", content=gzip.compress(body, 1), headers={**said, "Content-Encoding": "gzip"}
        )
    return http.post("/bulk", content=(body[at : at + 999] for at in range(0, len(body), 999)), headers=said)


def rows(place: Place, kind: Kind) -> list[dict[str, Any]]:
    """What the manifest names just now."""
    with opened(place) as store, store.read() as reader:
        files = [file for file in reader.every_file() if file.kind is kind]
        tables = [pq.read_table(place.data / "lake" / file.path, partitioning=None) for file in files]
    return [row for table in tables for row in table.to_pylist()]


def dead(place: Place) -> Counter[str]:
    with opened(place) as store, store.read() as reader:
        return Counter(reader.tally().dead)


def eventually(look: Callable[[], Sequence[Any]], many: int) -> Sequence[Any]:
    """What is found once there are so many, and a moment later, when there would be too many."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while len(found := look()) < many:
        assert time.monotonic() < deadline, f"there are {len(found)} of {many}"
        time.sleep(0.1)
    return found


def settled(place: Place) -> None:
    """Until nothing waits to be compacted."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while list((place.data / "journal").glob("*.segment")):
        assert time.monotonic() < deadline, "segments are left"
        time.sleep(0.1)


def journal(place: Place) -> list[Path]:
    return list((place.data / "journal").glob("*.segment"))
