"""What the tests of the SDK share."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.sdk import Client
from equipoise.sdk.timing import TIMING
from tests.sdk.rules import flag, rules
from tests.sdk.server import KEY, FakeServer, fake_server

WAIT_SECONDS_MAX = 20
QUICK = replace(
    TIMING, backoff=0.01, backoff_max=0.02, poll=0.02, flush=0.02, stream_again=0.05, retry_after_max=0.02
)

Connect = Callable[..., Client]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server(rules(flag())) as served:
        yield served


@pytest.fixture
def connect(server: FakeServer) -> Iterator[Connect]:
    """Makes clients of that server, started and in no hurry to be ready; closes them in the end."""
    made = []

    def connected(key: str = KEY, timing: Any = QUICK, **options: Any) -> Client:
        client = Client(key, server.url, timing=timing, **options)
        made.append(client)
        client.start()
        return client

    yield connected
    for each in made:
        each.close(0)


def eventually(holds: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.002)
