"""Several processes as one server: what dies is replaced, and nothing outlives who started it."""

import time
from functools import partial

import psutil

from tests.flows.shop import make_flag
from tests.flows.test_sdk_delivery import eventually, sdk, sdk_key, serves, turn
from tests.served import Place, Server, serving

WORKERS = 2
START_SECONDS_MAX = 60


def spawned(server: Server) -> set[psutil.Process]:
    """The workers, and the compactor."""
    children = psutil.Process(server.process.pid).children()
    return {each for each in children if any("spawn_main" in word for word in each.cmdline())}


def test_what_is_killed_is_replaced_no_change_is_missed_and_nobody_is_left_alone(place: Place) -> None:
    with serving(place, "--workers", str(WORKERS)) as server:
        make_flag(server.client)
        with sdk(server, sdk_key(server)) as client:
            eventually(lambda: len(spawned(server)) == WORKERS + 1)
            before = spawned(server)
            for each in before:
                each.kill()
            server.client.close()
            server._client = None
            turn(server, on=False)  # taken by whichever comes first: the socket waits for it
            eventually(lambda: len(spawned(server) - before) == WORKERS + 1, START_SECONDS_MAX)
            eventually(partial(serves, client, False))
            turn(server, on=True)
            began = time.monotonic()
            eventually(partial(serves, client, True))
            assert time.monotonic() - began < 3
        left = spawned(server)
        server.process.kill()
        server.process.wait()
        gone, alive = psutil.wait_procs(left, START_SECONDS_MAX)
        assert len(gone) == WORKERS + 1
        assert not alive
