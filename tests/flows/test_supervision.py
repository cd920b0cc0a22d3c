"""Several processes as one server: what dies or hangs is replaced, and nothing outlives who started it."""

import signal
import subprocess
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from tests.flows.shop import make_flag
from tests.flows.test_sdk_delivery import eventually, sdk, sdk_key, serves, turn
from tests.served import Place, Server, command, environment, free_port, serving

WORKERS = ("--workers", "2")
START_SECONDS_MAX = 60
IMPATIENT = """
from equipoise.server import supervisor
supervisor.SILENT_SECONDS_MAX, supervisor.RETRY_SECONDS_MIN = 5.0, 0.1
from equipoise.cli import main
main()
"""


def spawned(pid: int) -> set[psutil.Process]:
    """The workers, and the compactor."""
    found = set()
    for each in psutil.Process(pid).children():
        with suppress(psutil.Error):
            if any("spawn_main" in word for word in each.cmdline()):
                found.add(each)
    return found


def compacts(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return any(file.path.endswith("compactor.lock") for file in process.open_files())
    return False


def workers(server: Server) -> set[psutil.Process]:
    return {each for each in spawned(server.process.pid) if not compacts(each)}


def rested(server: Server) -> Server:
    """It, with no connection to any worker."""
    server.client.close()
    server._client = None
    return server


def test_what_dies_or_hangs_is_replaced_no_change_is_missed_and_nobody_is_left_alone(tmp_path: Path) -> None:
    with serving(Place(tmp_path / "data"), *WORKERS, program=IMPATIENT) as server:
        make_flag(server.client)
        with sdk(server, sdk_key(server)) as client:
            log = server.log
            eventually(lambda: log.read_text().count("a child is up child=worker") == 2, START_SECONDS_MAX)
            eventually(lambda: len(workers(server)) == 2)
            before = spawned(server.process.pid)
            dying, hanging = workers(server)
            for each in before - {hanging}:
                each.kill()
            hanging.suspend()
            turn(rested(server), on=False)  # taken by whichever comes first: the socket waits for it
            eventually(lambda: len(spawned(server.process.pid) - before) == 3, START_SECONDS_MAX)
            assert not hanging.is_running()
            eventually(partial(serves, client, False))
            turn(server, on=True)
            began = time.monotonic()
            eventually(partial(serves, client, True))
            assert time.monotonic() - began < 3
            counted = server.client.get("/metrics").text
            assert 'restarts_total{process="worker"} 2.0' in counted
            assert 'restarts_total{process="compactor"} 1.0' in counted
            replaced_one_after_another(server)
            turn(rested(server), on=False)
            eventually(partial(serves, client, False))
        said = log.read_text()
        assert f"a child hangs and is killed child=worker pid={hanging.pid}" in said
        assert f"a child died child=worker pid={dying.pid} status=-9" in said
        left = spawned(server.process.pid)
        server.process.kill()
        server.process.wait()
        gone, alive = psutil.wait_procs(left, START_SECONDS_MAX)
        assert (len(gone), len(alive)) == (3, 0)


def replaced_one_after_another(server: Server) -> None:
    old = workers(server)

    def replaced() -> bool:
        present = workers(server)
        assert 2 <= len(present) <= 3
        return len(present) == 2 and not present & old

    server.process.send_signal(signal.SIGHUP)
    eventually(replaced, START_SECONDS_MAX)


def test_a_server_that_is_stopped_while_it_starts_stops_at_once_and_leaves_nobody(tmp_path: Path) -> None:
    place, log = Place(tmp_path / "data"), tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command("serve", "--port", str(free_port()), *place.arguments, *WORKERS),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(),
        )
    try:
        eventually(lambda: len(spawned(server.pid)) == 3, START_SECONDS_MAX)
        started = spawned(server.pid)
        server.terminate()
        assert server.wait(10) == 0
    finally:
        server.kill()
    assert not psutil.wait_procs(started, 1)[1]
    assert "Traceback" not in log.read_text()
