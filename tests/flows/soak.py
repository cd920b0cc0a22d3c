"""A crowd that listens to one environment while it changes: who they are, and what each has heard."""

import asyncio
import base64
from collections.abc import Mapping
from random import Random
from time import monotonic
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from tests.flows.streams import Stream

STAY_SECONDS = 8.0  # the mean, of those who come and go, where there are FEW
LOOK_SECONDS = 2.0  # between two looks of those who have to ask again, where there are FEW
FEW = 200  # of more, each does so less often: together they are as busy
ANNA = base64.urlsafe_b64encode(b'{"kind":"user","key":"anna"}').decode().rstrip("=")
_read = msgspec.json.decode


class Place(Struct):
    """The environment, and what is known of it by whoever changes it.

    environment  its id, by which browsers come
    many         how many listen
    asking       for those who ask what there is, and another for whoever changes it
    truth        flag → version, of all that was acknowledged
    shown        flags among them that browsers are shown
    """

    port: int
    key: str
    environment: str
    many: int
    asking: httpx.AsyncClient
    changing: httpx.AsyncClient
    luck: Random
    truth: dict[str, int] = {}
    shown: set[str] = set()

    def slow(self, seconds: float) -> float:
        return seconds * max(1.0, self.many / FEW)


class Listener:
    """A server-side SDK of LaunchDarkly's.

    known   flag → version
    heard   flag, version, when it came; kept where it is wanted
    faults  what came that is older than what was there
    """

    def __init__(self, place: Place, restless: bool = False, timed: bool = False) -> None:
        self.place, self._restless, self._timed = place, restless, timed
        self._newest: dict[str, int] = {}
        self.known: dict[str, int] = {}
        self.heard: list[tuple[str, int, float]] = []
        self.faults: list[str] = []
        self.came = 0

    def door(self) -> tuple[str, str]:
        """Where it comes in, and with what."""
        return "/all", self.place.key

    def expected(self) -> dict[str, int]:
        return self.place.truth

    def missed(self) -> str:
        """In what it is behind."""
        known, expected = self.known.items(), self.expected().items()
        instead = f"{dict(known - expected)} for {dict(expected - known)}"
        return f"{type(self).__name__}, who came {self.came} times: {instead}"

    async def run(self) -> None:
        """Whoever is restless leaves now and then, in one way or the other, and is back at once."""
        luck = self.place.luck
        while True:
            before = dict(self.place.truth)
            stream = await Stream.open(self.place.port, *self.door())
            self.came += 1
            stay = luck.expovariate(1 / self.place.slow(STAY_SECONDS)) if self._restless else None
            try:
                async with asyncio.timeout(stay):
                    await self.listen(stream, before)
            except TimeoutError:
                if luck.random() < 0.5:
                    stream.close()
                    await asyncio.sleep(0)
            finally:
                stream.drop()

    async def listen(self, stream: Stream, before: Mapping[str, int]) -> None:
        while True:
            name, data = await stream.event()
            said = _read(data)
            if name == "put":
                self._all(self.flags(said), before)
                before = {}
            else:
                self.told(name, said)

    def flags(self, put: Any) -> dict[str, int]:
        return versions(put["data"]["flags"])

    def told(self, name: str, said: Any) -> None:
        flag = said["path"].removeprefix("/flags/")
        if name == "delete":
            self._take(flag, said["version"])
            self.known.pop(flag, None)
        else:
            self._take(flag, said["data"]["version"])

    def _all(self, now: Mapping[str, int], before: Mapping[str, int]) -> None:
        """What is served, to one who asked when so much was acknowledged."""
        for flag, version in before.items():
            if flag in self.place.truth and now.get(flag, 0) < version:
                self.faults.append(f"{flag} is {now.get(flag)}, and was {version}")
        for flag, version in now.items():
            if version != self.known.get(flag):
                self._take(flag, version)
        self.known = dict(now)

    def _take(self, flag: str, version: int) -> None:
        if version <= self._newest.get(flag, 0):
            self.faults.append(f"{flag} went from {self._newest[flag]} to {version}")
        self._newest[flag] = self.known[flag] = version
        if self._timed:
            self.heard.append((flag, version, monotonic()))


class Own(Listener):
    """Our own SDK."""

    def door(self) -> tuple[str, str]:
        return "/equipoise/v1/sdk/stream", f"Bearer {self.place.key}"

    def flags(self, put: Any) -> dict[str, int]:
        return versions(put["flags"])

    def told(self, name: str, said: Any) -> None:
        for flag, version in versions(said["flags"]).items():
            self._take(flag, version)
        for flag in said["gone_flags"]:
            self.known.pop(flag, None)


class Browser(Listener):
    """One of LaunchDarkly's: it is told that something changed, and asks what, though not at every word."""

    def door(self) -> tuple[str, str]:
        return f"/ping/{self.place.environment}", ""

    def expected(self) -> dict[str, int]:
        return {flag: version for flag, version in self.place.truth.items() if flag in self.place.shown}

    async def listen(self, stream: Stream, before: Mapping[str, int]) -> None:
        told = asyncio.Event()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._hear(stream, told))
            both.create_task(self._look(told))

    async def _hear(self, stream: Stream, told: asyncio.Event) -> None:
        while True:
            await stream.event()
            told.set()

    async def _look(self, told: asyncio.Event) -> None:
        while True:
            await told.wait()
            told.clear()
            self._all(await self.ask(), {})
            await asyncio.sleep(self.place.slow(LOOK_SECONDS) * self.place.luck.uniform(0.5, 1.5))

    async def ask(self) -> dict[str, int]:
        answer = await self.place.asking.get(f"/sdk/evalx/{self.place.environment}/contexts/{ANNA}")
        return versions(answer.raise_for_status().json())


class Page(Browser):
    """The same by OpenFeature's protocol."""

    def door(self) -> tuple[str, str]:
        return f"/ofrep/v1/streams/{self.place.environment}", ""

    async def ask(self) -> dict[str, int]:
        headers = {"Authorization": f"Bearer {self.place.environment}"}
        body = {"context": {"targetingKey": "anna"}}
        answer = await self.place.asking.post("/ofrep/v1/evaluate/flags", json=body, headers=headers)
        flags = answer.raise_for_status().json()["flags"]
        return {said["key"]: said["metadata"]["version"] for said in flags}


SORTS = (*(Listener,) * 11, *(Own,) * 5, *(Browser,) * 2, *(Page,) * 2)


def crowd(place: Place) -> list[Listener]:
    """Of every sort; a third of them restless, some of the others timed."""
    return [
        SORTS[number % len(SORTS)](place, restless=number % 3 == 0, timed=number % 20 in (1, 11))
        for number in range(place.many)
    ]


def versions(flags: Mapping[str, Any]) -> dict[str, int]:
    return {key: flag["version"] for key, flag in flags.items()}
