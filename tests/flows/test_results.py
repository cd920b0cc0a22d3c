"""From the published SDK to the verdict: one real server, its interface, and the command beside it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import ldclient
import pytest
from ldclient import Context
from ldclient.config import Config

from tests.flows.events import WAIT_SECONDS_MAX, sdk_key, settled, start_experiment
from tests.flows.shop import ok
from tests.served import Place, Server, serving

PATH = "/equipoise/v1/experiments/new-checkout/results"
UNITS = 3_000
RATES = {True: 0.30, False: 0.20}  # who buys, by what they saw


def visit(server: Server, units: range) -> dict[bool, int]:
    """Units look at the checkout and buy by what they see; how many saw what."""
    luck, seen = Random(7), dict.fromkeys(RATES, 0)
    options: Any = dict.fromkeys(("base_uri", "stream_uri", "events_uri"), server.url)
    config = Config(sdk_key(server), **options, flush_interval=60, events_max_pending=20_000)
    client: Any = ldclient.LDClient(config, start_wait=20)
    assert client.is_initialized()
    for number in units:
        context = Context.builder(f"unit-{number}").build()
        shown = client.variation("checkout", context, False)
        seen[shown] += 1
        if luck.random() < RATES[shown]:
            client.track("purchase", context)
    client.close()  # what waits is sent first
    return seen


def results(server: Server, many: int) -> Any:
    """What the interface says once all exposures are in."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        said = ok(server.client.get(PATH))
        if sum(arm["units"] for arm in said["arms"]) >= many:
            return said
        assert time.monotonic() < deadline, said["health"]
        time.sleep(0.2)


def command(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "equipoise.cli", "results", "new-checkout", *arguments, *place.arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_planted_lift_is_found_from_the_sdks_events_and_told_alike_everywhere(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    with serving(place) as server:
        start_experiment(server)
        assert ok(server.client.get(PATH))["verdict"]["call"] == "no_data"
        assert (
            PATH.replace("new-checkout", "{key}")
            in ok(server.client.get("/equipoise/v1/openapi.json"))["paths"]
        )
        seen = visit(server, range(UNITS))
        settled(place)
        said = results(server, UNITS)
        beside = command(place, "--json")
    after = command(place, "--plot", str(tmp_path / "plot.svg"))
    units = {arm["control"]: arm["units"] for arm in said["arms"]}
    assert units == {True: seen[False], False: seen[True]}
    assert said["verdict"]["call"] == "better", said["verdict"]
    (compared,) = said["comparisons"]
    assert (
        compared["always"]["interval"]["low"]
        < RATES[True] - RATES[False]
        < compared["always"]["interval"]["high"]
    )
    assert {check["code"]: check["grade"] for check in said["health"]}["sample_ratio"] == "good"
    assert said["bounds"][-1]["relative"] is not None
    told = json.loads(beside.stdout)
    assert told["verdict"] == said["verdict"], beside.stderr
    assert told["computation"]["plan"] == said["computation"]["plan"]
    mine, theirs = (each["comparisons"][0]["always"]["difference"] for each in (told, said))
    assert mine == pytest.approx(theirs, rel=1e-9), "engines add in any order"
    assert "better" in after.stdout, after.stderr
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")
