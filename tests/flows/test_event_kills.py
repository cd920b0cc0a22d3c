"""kill -9 of the whole server under a load of events: each acknowledged one is read back exactly once. Of
what is decided in the server, the last second is lost and no more."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
import pytest

from equipoise.application.lake import Kind
from tests.flows.events import (
    WAIT_SECONDS_MAX,
    custom,
    dead,
    rows,
    sdk_key,
    send,
    settled,
    start_experiment,
)
from tests.served import Place, Server, start

CLIENTS, BATCH = 4, 20
KILLS, KILLS_FULL = 10, 200
LOSSES, LOSSES_FULL = 2, 20
LOSABLE_SECONDS, LATE_SECONDS_MAX = 1.0, 2.0  # as decision 28 says; of a machine that has much else to do
ASK = "/ofrep/v1/evaluate/flags/checkout"


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


@dataclass
class Asker:
    """Asks by OFREP for one unit after the other, each of which is exposed by that.

    told  unit → when it was answered, and its variation
    """

    url: str
    key: str
    prefix: str
    told: dict[str, tuple[float, int]] = field(default_factory=dict)
    asked: int = 0

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=30) as http:
            for number in range(1_000_000):
                unit = f"{self.prefix}-{number}"
                self.asked += 1
                try:
                    said = http.post(ASK, json={"context": {"targetingKey": unit}}).json()
                except httpx.HTTPError:
                    return
                self.told[unit] = time.monotonic(), said["metadata"]["variation"]
                time.sleep(0.005)


def run_losses(place: Place, kills: int) -> None:
    luck, askers, killed_at = random.Random(13), list[Asker](), dict[str, float]()
    server = start(place)
    try:
        start_experiment(server)
        key = sdk_key(server)
        for turn in range(kills):
            present = [Asker(server.url, key, f"k{turn}-{each}") for each in range(2)]
            at = kill_while_asked(server, present, luck.uniform(0, 1))
            killed_at |= {asker.prefix: at for asker in present}
            askers += present
            server = start(place)
        settled(place)
    finally:
        server.stop()
    found = [(row["unit"], row["variation"]) for row in rows(place, Kind.EXPOSURE)]
    kept = dict(found)
    assert len(found) == len(kept), "none is there twice"
    assert dead(place) == {}, "none is half there"
    lost = sum(lost_of(asker, kept, killed_at[asker.prefix]) for asker in askers)
    assert not kept, "what was never asked is not there"
    assert lost, "nothing waited whenever it was killed: this shows nothing"


def kill_while_asked(server: Server, askers: list[Asker], more: float) -> float:
    """When it was killed: after there was time for something to be kept."""
    threads = [threading.Thread(target=asker.run, daemon=True) for asker in askers]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not all(asker.told for asker in askers):
        assert time.monotonic() < deadline, "nothing was answered"
        time.sleep(0.01)
    time.sleep(LOSABLE_SECONDS + LATE_SECONDS_MAX + more)
    at = time.monotonic()
    server.kill()
    for thread in threads:
        thread.join(60)
    return at


def lost_of(asker: Asker, kept: dict[str, int], killed_at: float) -> int:
    """How many of its exposures are lost: its last, just before the end. Takes out those that are kept."""
    units = [f"{asker.prefix}-{number}" for number in range(asker.asked)]
    there = [unit in kept for unit in units]
    assert there == sorted(there, reverse=True), "what came before something that is kept is kept"
    assert any(there)
    lost = 0
    for unit in units:
        answered_at, variation = asker.told.get(unit, (killed_at, None))
        if unit in kept:
            assert variation in (kept.pop(unit), None)
        else:
            lost += 1
            assert killed_at - answered_at < LOSABLE_SECONDS + LATE_SECONDS_MAX, unit
    return lost


def test_of_what_is_decided_here_no_more_than_a_second_is_lost_when_the_server_is_killed(
    place: Place,
) -> None:
    run_losses(place, LOSSES)


@pytest.mark.full
def test_of_what_is_decided_here_no_more_than_a_second_is_lost_over_twenty_kills(place: Place) -> None:
    run_losses(place, LOSSES_FULL)
