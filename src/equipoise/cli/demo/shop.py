"""The shop: visitors come, LaunchDarkly's own SDK decides what they see, and they buy or do not.

Only contexts and what visitors do are generated. Every arm is the SDK's answer, every event is sent by it.
"""

import logging
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from msgspec import Struct

from equipoise.cli.demo.luck import Tally, chance, streak
from equipoise.cli.demo.story import published
from equipoise.cli.demo.truths import PLANTED, Planted

DAYS = 14
VISITORS_A_DAY = 1_500
DAY_SECONDS = 2.0
PENDING_EVENTS_MAX = 200_000
COUNTRIES = ("AT", "DE", "FR", "NL", "SE")


class Day(Struct, frozen=True):
    """One day gone by; from 0."""

    number: int
    visitors: int
    tallies: dict[str, Tally]


class Shop:
    """An application with the published SDK in it, unmodified.

    pace     seconds that a day lasts, at least
    tallies  experiment → what was sent so far
    """

    def __init__(self, url: str, sdk_key: str, seed: int, pace: float = DAY_SECONDS) -> None:
        self._ld = published("ldclient")
        logging.getLogger("ldclient").setLevel(logging.CRITICAL)
        self._random, self._seed = Random(seed), seed
        self._client = self._connected(url, sdk_key, send_events=True)
        self._hasty = self._connected(url, sdk_key, send_events=False)  # pages left before anything is sent
        self.pace = pace
        self.tallies = {planted.key: Tally() for planted in PLANTED}

    def live(self) -> Iterator[Day]:
        """The days, one after another, each as long as it takes but no shorter than the pace."""
        for number in range(DAYS):
            begun = time.monotonic()
            visitors = [self._visitor(number, index) for index in range(VISITORS_A_DAY)]
            for planted in PLANTED:
                self._day(planted, visitors, number)
            self._client.flush()
            time.sleep(max(begun + self.pace - time.monotonic(), 0))
            yield Day(number, (number + 1) * VISITORS_A_DAY, dict(self.tallies))

    def serves_everybody(self, planted: Planted, seconds_max: float = 5.0) -> bool:
        """Whether the SDK gives the new arm to everyone by now, or soon does."""
        deadline = time.monotonic() + seconds_max
        visitors = [self._visitor(DAYS, index) for index in range(200)]
        while time.monotonic() < deadline:
            if all(self._hasty.variation(planted.key, visitor, False) for visitor in visitors):
                return True
            time.sleep(0.05)
        return False

    def flush(self) -> None:
        self._client.flush()

    def close(self) -> None:
        """Sends what is left."""
        self._client.close()
        self._hasty.close()

    def _connected(self, url: str, sdk_key: str, send_events: bool) -> Any:
        config = self._ld.config.Config(
            sdk_key,
            base_uri=url,
            stream_uri=url,
            events_uri=url,
            send_events=send_events,
            events_max_pending=PENDING_EVENTS_MAX,
            flush_interval=0.5,
            diagnostic_opt_out=True,
        )
        return self._ld.client.LDClient(config, 10)

    def _visitor(self, day: int, index: int) -> Any:
        builder = self._ld.Context.builder(f"visitor-{self._seed}-{day}-{index}")
        return builder.set("country", self._random.choice(COUNTRIES)).build()

    def _day(self, planted: Planted, visitors: list[Any], day: int) -> None:
        present = [each for each in visitors if not self._lost(planted, each)]
        arms = [bool(self._client.variation(planted.key, each, False)) for each in present]
        before = self.tallies[planted.key]
        if planted.lucky:
            did = streak(self._random, planted.rates, arms, before, day)
        else:
            did = chance(self._random, planted.rates, arms)
        for visitor, done in zip(present, did, strict=True):
            if done:
                self._client.track(planted.event, visitor, metric_value=self._value(planted))
        self.tallies[planted.key] = before.with_day(arms, did)

    def _lost(self, planted: Planted, visitor: Any) -> bool:
        if not planted.lost or self._random.random() >= planted.lost:
            return False
        return bool(self._hasty.variation(planted.key, visitor, False))

    def _value(self, planted: Planted) -> float | None:
        return round(self._random.expovariate(1 / planted.basket), 2) if planted.basket else None
