"""Many streams of every sort for a while, with changes, clients that come and go, and one that never reads:
no change is missed, and the server does not grow."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic
from typing import Any

import httpx
import psutil
import pytest
from msgspec import Struct

from tests.flows import soak
from tests.flows.events import sdk_key
from tests.flows.launchdarkly_sdks import environment
from tests.flows.shop import BASE, SEMANTIC, ok
from tests.flows.soak import crowd
from tests.flows.streams import Stream, unread
from tests.flows.test_sdk_delivery import eventually
from tests.served import Place, Server, serving
from tests.summaries import SUMMARY

FLAGS = 24
STREAMS, SECONDS = 200, 60
STREAMS_FULL, SECONDS_FULL = 1_000, 300
BUSY_SECONDS, CHANGE_SECONDS, SETTLE_SECONDS_MAX = 7.0, 0.1, 60.0
GROWTH_MIB_MAX = 16
HANDLES_MORE_MAX = 30
UNLIMITED = httpx.Limits()  # who leaves in the midst of asking keeps a place of few for a while
BULK, BULKS = "x" * 250_000, 40  # more than waits in a connection that nobody reads from


class Sample(Struct):
    """Of all processes of the server."""

    mebibytes: float
    handles: int


class Soak:
    def __init__(self, server: Server, place: soak.Place) -> None:
        self.server, self.place = server, place
        self.listeners = crowd(place)
        self.samples: list[Sample] = []
        self.asked_at: dict[tuple[str, int], float] = {}
        self.on: dict[str, bool] = {}
        self.changes, self.settling = 0, 0.0

    async def run(self, seconds: float) -> None:
        """Changes for a while, then a lull in which everybody knows what is so; and so on."""
        tasks = [asyncio.create_task(each.run()) for each in self.listeners]
        try:
            end = monotonic() + seconds
            while monotonic() < end:
                await self.settle(tasks)
                self.samples.append(sample(self.server))
                await self.change_for(BUSY_SECONDS)
            await self.settle(tasks)
            self.samples.append(sample(self.server))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def settle(self, tasks: "list[asyncio.Task[None]]") -> None:
        began = monotonic()
        end = began + SETTLE_SECONDS_MAX
        while True:
            for task in tasks:
                assert not task.done(), task.result()
            behind = [each for each in self.listeners if each.known != each.expected()]
            if not behind:
                self.settling = max(self.settling, monotonic() - began)
                return
            assert monotonic() < end, [each.missed() for each in behind[:3]]
            await asyncio.sleep(0.05)

    async def change_for(self, seconds: float) -> None:
        end = monotonic() + seconds
        while (now := monotonic()) < end:
            self.changes += 1
            if self.changes % 20 == 0:
                await self.come_or_go(f"visitor-{self.changes % 3}")
            else:
                await self.turn(f"flag-{self.place.luck.randrange(FLAGS)}")
            await asyncio.sleep(max(0.0, now + CHANGE_SECONDS - monotonic()))

    async def turn(self, flag: str) -> None:
        on = self.on[flag] = not self.on.get(flag, True)
        path, asked = f"{BASE}/flags/default/{flag}", monotonic()
        answer = await self.place.changing.patch(path, json=turning(on), headers=SEMANTIC)
        self.note(flag, version(answer), asked)

    async def come_or_go(self, flag: str) -> None:
        if flag in self.place.truth:
            (await self.place.changing.delete(f"{BASE}/flags/default/{flag}")).raise_for_status()
            del self.place.truth[flag]
            return
        asked = monotonic()
        made = await self.place.changing.post(f"{BASE}/flags/default", json=body(flag, shown=True))
        self.place.shown.add(flag)
        self.note(flag, version(made), asked)

    def note(self, flag: str, version: int, asked: float) -> None:
        self.place.truth[flag] = version
        self.asked_at[flag, version] = asked

    def latencies(self) -> list[float]:
        """Milliseconds from before a change is asked for until a stream has it."""
        return [
            (at - self.asked_at[flag, version]) * 1_000
            for each in self.listeners
            for flag, version, at in each.heard
            if (flag, version) in self.asked_at
        ]


def body(flag: str, shown: bool) -> dict[str, Any]:
    said = {"usingEnvironmentId": shown, "usingMobileKey": False}
    return {"key": flag, "name": flag, "clientSideAvailability": said}


def turning(on: bool) -> dict[str, Any]:
    kind = "turnFlagOn" if on else "turnFlagOff"
    return {"environmentKey": "production", "instructions": [{"kind": kind}]}


def version(answer: httpx.Response) -> int:
    found: int = ok(answer)["environments"]["production"]["version"]
    return found


def processes(server: Server) -> list[psutil.Process]:
    first = psutil.Process(server.process.pid)
    return [first, *first.children(recursive=True)]


def sample(server: Server) -> Sample:
    found = processes(server)
    return Sample(
        sum(each.memory_info().rss for each in found) / 2**20, sum(each.num_fds() for each in found)
    )


@asynccontextmanager
async def furnished(server: Server, many: int) -> AsyncIterator[soak.Place]:
    """Flags that are on, every other of which browsers are shown."""
    port = int(server.url.rsplit(":", 1)[1])
    headers = {"Authorization": server.token}
    asking, changing = (
        httpx.AsyncClient(base_url=server.url, timeout=60, limits=UNLIMITED) for _ in range(2)
    )
    async with asking, changing:
        changing.headers.update(headers)
        place = soak.Place(
            port, sdk_key(server), environment(server)["_id"], many, asking, changing, Random(5)
        )
        for number in range(FLAGS):
            flag, shown = f"flag-{number}", number % 2 == 0
            place.truth[flag] = make(server, "default", body(flag, shown))
            if shown:
                place.shown.add(flag)
        yield place


@asynccontextmanager
async def never_reads(server: Server, place: soak.Place) -> AsyncIterator[socket.socket]:
    """A stream of another project, for which more waits than there is room for along the way: somebody who
    reads hears of each change before the next, so none is told together with another."""
    ok(server.client.post(f"{BASE}/projects", json={"key": "slow", "name": "Slow"}))
    make(server, "slow", {"key": "bulk", "name": "Bulk", "variations": [{"value": BULK}, {"value": ""}]})
    key = ok(server.client.get(f"{BASE}/projects/slow/environments/production"))["apiKey"]
    with unread(place.port, "/all", key) as stream:
        eventually(lambda: served_to(server, stream))
        other = await Stream.open(place.port, "/all", key)
        for number in range(BULKS):
            said = turning(on=number % 2 == 1)
            ok(await place.changing.patch(f"{BASE}/flags/slow/bulk", json=said, headers=SEMANTIC))
            await other.until("patch")
        other.close()
        yield stream


def make(server: Server, project: str, flag: dict[str, Any]) -> int:
    """The version of a flag that is on."""
    ok(server.client.post(f"{BASE}/flags/{project}", json=flag))
    path, said = f"{BASE}/flags/{project}/{flag['key']}", turning(on=True)
    return version(server.client.patch(path, json=said, headers=SEMANTIC))


def served_to(server: Server, client: socket.socket) -> bool:
    """Whether the server still holds a connection to it."""
    port = client.getsockname()[1]
    return any(
        each.raddr == ("127.0.0.1", port)
        for process in processes(server)
        for each in process.net_connections("tcp4")
    )


async def soaked(server: Server, many: int, seconds: float) -> Soak:
    async with furnished(server, many) as place:
        found = Soak(server, place)
        async with never_reads(server, place) as stream:
            await found.run(seconds)
            eventually(lambda: not served_to(server, stream))
        return found


def soak_through(place: Place, many: int, seconds: float) -> str:
    """What there is to tell of it."""
    with serving(place, settings={"EQUIPOISE_LOG_LEVEL": "warning"}) as server:
        begun = sample(server)
        found = asyncio.run(soaked(server, many, seconds))
        eventually(lambda: sample(server).handles < begun.handles + HANDLES_MORE_MAX)
    log = server.log.read_text()
    assert " error " not in log
    assert "Traceback" not in log
    assert [fault for each in found.listeners for fault in each.faults] == []
    warm, last = found.samples[len(found.samples) // 4], found.samples[-1]
    assert last.mebibytes < warm.mebibytes + GROWTH_MIB_MAX, found.samples
    assert last.handles < warm.handles + HANDLES_MORE_MAX, found.samples
    came, late = sum(each.came for each in found.listeners), sorted(found.latencies())
    assert came > many
    assert found.changes > FLAGS
    return (
        f"{many} streams, {seconds} s of {found.changes} changes, {came - many} times somebody came back; "
        f"a change was heard of within {median(late):.0f} ms (median), {late[len(late) * 99 // 100]:.0f} ms "
        f"(99 of 100), by all who ask again within {found.settling:.1f} s; "
        f"the server had {warm.mebibytes:.0f} MiB once it was warm, {last.mebibytes:.0f} MiB in the end"
    )


def test_two_hundred_streams_miss_nothing_for_a_minute(tmp_path: Path, record_property: Any) -> None:
    record_property(f"{SUMMARY}soak", soak_through(Place(tmp_path / "data"), STREAMS, SECONDS))


@pytest.mark.full
def test_a_thousand_streams_miss_nothing_for_five_minutes(place: Place, record_property: Any) -> None:
    record_property(f"{SUMMARY}soak", soak_through(place, STREAMS_FULL, SECONDS_FULL))
