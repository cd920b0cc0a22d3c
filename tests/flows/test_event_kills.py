"""kill -9 of the whole server under a load of events: each acknowledged one is read back exactly once."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
import pytest

from equipoise.application.lake import Kind
from tests.flows.events import WAIT_SECONDS_MAX, custom, rows, sdk_key, send, settled
from tests.served import Place, Server, start

CLIENTS, BATCH = 4, 20
KILLS, KILLS_FULL = 10, 200


@dataclass
class Load:
    """Clients that send without pause. A body that was not answered is sent once more, as SDKs do."""

    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    under_way: int = 0

    def run(self, server: Server, key: str, stop: threading.Event, prefix: str) -> None:
        with httpx.Client(base_url=server.url, timeout=30) as http:
            for turn in range(1_000_000):
                if stop.is_set() or not self._send(http, key, f"{prefix}-{turn}"):
                    return

    def _send(self, http: httpx.Client, key: str, payload: str) -> bool:
        events = [f"{payload}-{number}" for number in range(BATCH)]
        with self.lock:
            self.sent.update(events)
            self.under_way += 1
        try:
            answer = send(http, key, [custom(each) for each in events], payload)
        except httpx.HTTPError:
            return False
        finally:
            with self.lock:
                self.under_way -= 1
        assert answer.status_code == 202, answer.text
        with self.lock:
            self.acknowledged.update(events)
        return True


def kill_under_load(server: Server, key: str, load: Load, turn: int, luck: random.Random) -> None:
    stop, before = threading.Event(), len(load.acknowledged)
    clients = [
        threading.Thread(target=load.run, args=(server, key, stop, f"k{turn}-{client}"))
        for client in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while len(load.acknowledged) == before or not load.under_way:
        assert time.monotonic() < deadline, "nothing was acknowledged"
        time.sleep(0.001)
    time.sleep(luck.uniform(0, 1.5))  # segments are sealed, flushed, committed, removed meanwhile
    server.kill()
    stop.set()
    for client in clients:
        client.join(60)


def run_kills(place: Place, kills: int) -> None:
    luck, load = random.Random(11), Load()
    server = start(place)
    key = sdk_key(server)
    for turn in range(kills):
        kill_under_load(server, key, load, turn, luck)
        server = start(place)
        unanswered = {event.rpartition("-")[0] for event in load.sent - load.acknowledged}
        for payload in sorted(unanswered):  # what may be there or not, by its own name: it counts once
            assert load._send(server.client, key, payload)
    try:
        settled(place)
    finally:
        server.stop()
    found = Counter(row["unit"] for row in rows(place, Kind.OUTCOME))
    assert [event for event, times in found.items() if times != 1] == []
    assert load.acknowledged - found.keys() == set(), "what was acknowledged is there"
    assert found.keys() - load.sent == set(), "what was never sent is not"
    assert len(load.acknowledged) > kills * BATCH


def test_each_acknowledged_event_is_there_once_when_the_server_is_killed(place: Place) -> None:
    run_kills(place, KILLS // 2)  # on each of two databases


@pytest.mark.full
def test_each_acknowledged_event_is_there_once_over_two_hundred_kills(place: Place) -> None:
    run_kills(place, KILLS_FULL)
