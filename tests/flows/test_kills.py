"""kill -9 under load: what was acknowledged is there, nothing is half there, no follower misses anything."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from equipoise.application.ports import LogRow, space_of
from equipoise.domain.change import fold
from equipoise.domain.experiment import EXPERIMENT
from equipoise.storage import SqlStore
from tests.flows.shop import make_experiment, patch
from tests.flows.stores import opened
from tests.served import Place, Server, start

CLIENTS = 6
EXPERIMENTS = tuple(f"exp-{number}" for number in range(3))
KILLS = 10
KILLS_FULL = 500
WAIT_SECONDS_MAX = 30


@dataclass
class Load:
    """Clients that patch without pause, and what they were told."""

    acknowledged: set[str] = field(default_factory=set)
    unanswered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, server: Server, client: int, stop: threading.Event, prefix: str) -> None:
        with httpx.Client(base_url=server.url, headers={"Authorization": server.token}, timeout=30) as http:
            for turn in range(1_000_000):
                if stop.is_set() or not self._change(http, f"{prefix}-{client}-{turn}", turn):
                    return

    def _change(self, http: httpx.Client, name: str, turn: int) -> bool:
        with self.lock:
            self.unanswered += 1
        try:
            answer = patch(
                http,
                EXPERIMENTS[turn % len(EXPERIMENTS)],
                {"kind": "updateName", "value": name},
                {"kind": "updateDescription", "value": name},
            )
        except httpx.HTTPError:
            return False
        finally:
            with self.lock:
                self.unanswered -= 1
        assert answer.status_code == 200, answer.text
        with self.lock:
            self.acknowledged.add(name)
        return True


class Follower(threading.Thread):
    """Reads the log from the start, by number, while it grows."""

    def __init__(self, place: Place) -> None:
        super().__init__(daemon=True)
        self.rows: list[LogRow] = []
        self.done = threading.Event()
        self._place = place

    def run(self) -> None:
        with opened(self._place) as store:
            while not self.done.is_set():
                self.read(store)
                time.sleep(0.01)
            self.read(store)

    def read(self, store: SqlStore) -> None:
        after = self.rows[-1].number if self.rows else 0
        with store.read() as reader:
            self.rows += reader.history(space_of("default"), after, 10_000)


def kill_under_load(server: Server, load: Load, turn: int, luck: random.Random) -> None:
    """Kills the server while at least one request is unanswered."""
    stop, before = threading.Event(), len(load.acknowledged)
    clients = [
        threading.Thread(target=load.run, args=(server, client, stop, f"k{turn}"))
        for client in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    wait_until(lambda: len(load.acknowledged) > before, "no change was acknowledged")
    time.sleep(luck.uniform(0, 0.3))
    wait_until(lambda: load.unanswered > 0, "no request was under way")
    server.kill()
    stop.set()
    for client in clients:
        client.join(60)


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.0005)


def check(place: Place, load: Load, followed: list[LogRow]) -> None:
    with opened(place) as store, store.read() as reader:
        log = reader.history(space_of("default"), 0, 10_000_000)
        assert [row.number for row in log] == list(range(1, len(log) + 1)), "numbers have no gap"
        assert [row.number for row in followed] == [row.number for row in log], "the follower missed nothing"
        stored = {row.id: reader.find(EXPERIMENT, row.id) for row in log if row.noun == "experiment"}
    states: dict[str, Any] = {}
    seen = set()
    for row in log:
        if row.noun != "experiment":
            continue
        states[row.id] = fold(EXPERIMENT, states.get(row.id), row.events, row.at)
        assert states[row.id] == row.state, "each row's state is the fold of the events so far"
        if row.state.description:
            assert row.state.name == row.state.description, "no change is half there"
            seen.add(row.state.name)
    assert states == stored, "what is stored is what the log says"
    assert load.acknowledged <= seen, "what was acknowledged is there"


def run_kills(place: Place, kills: int) -> None:
    luck = random.Random(7)
    load = Load()
    server = start(place)
    for number, key in enumerate(EXPERIMENTS):
        make_experiment(server.client, key, f"flag-{number}")
    follower = Follower(place)
    follower.start()
    for turn in range(kills):
        kill_under_load(server, load, turn, luck)
        server = start(place)
    follower.done.set()
    follower.join(60)
    server.stop()
    assert len(load.acknowledged) > kills
    check(place, load, follower.rows)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(place: Place) -> None:
    run_kills(place, KILLS)


@pytest.mark.full
def test_nothing_acknowledged_is_lost_over_five_hundred_kills(place: Place) -> None:
    run_kills(place, KILLS_FULL)
