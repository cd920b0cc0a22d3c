"""`equipoise serve` as a process of its own."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.flows.test_sdk_delivery import eventually
from tests.served import ADMIN_TOKEN, Place, Server, command, environment, free_port, serving

START_SECONDS_MAX = 60


def begin(place: Place, log: Path, **settings: str) -> Server:
    """A server whose token is not given. Waits until it is ready."""
    port = free_port()
    environ = environment(**settings)
    environ.pop("EQUIPOISE_ADMIN_TOKEN")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command("serve", "--port", str(port), *place.arguments),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environ,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(server.url + "/readyz", timeout=2).status_code == 200:
                return server
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_the_first_start_prints_a_token_that_works_and_no_later_one_does(tmp_path: Path) -> None:
    place, log = Place(tmp_path / "data"), tmp_path / "log"
    server = begin(place, log)
    try:
        said = log.read_text()
        (secret,) = re.findall(r"shown this once: (api-\S+)", said)
        assert f"serves at {server.url}" in said
        assert str(place.data / "equipoise.db") in said
        (try_it,) = re.findall(r"^Try it: (.+)$", said, re.MULTILINE)
        assert f'-H "Authorization: {secret}" {server.url}/api/v2/projects' in try_it
        answer = httpx.get(f"{server.url}/api/v2/projects", headers={"Authorization": secret})
        assert [each["key"] for each in answer.json()["items"]] == ["default"]
    finally:
        assert server.stop() == 0
    again = begin(place, log)
    assert again.stop() == 0
    assert "api-" not in log.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_it_without_a_trace_and_frees_the_port(workers: str, tmp_path: Path) -> None:
    with serving(Place(tmp_path / "data"), "--workers", workers) as server:
        assert server.client.get("/api/v2/projects").status_code == 200
        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does
        assert server.process.wait(30) == 0
        assert "Traceback" not in server.log.read_text()
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)


def test_the_token_given_works_and_is_not_printed(tmp_path: Path) -> None:
    with serving(Place(tmp_path / "data")) as server:
        assert server.client.get("/api/v2/projects").status_code == 200
    said = server.log.read_text()
    assert "The admin token is the value of EQUIPOISE_ADMIN_TOKEN." in said
    assert ADMIN_TOKEN not in said


def test_commands_work_beside_a_running_server(tmp_path: Path) -> None:
    place = Place(tmp_path / "data")
    where = ("--project", "default", "--environment", "production", *place.arguments)
    with serving(place, "--workers", "2") as server:
        made = subprocess.run(
            command("token", "create", *where, "--role", "reader"),
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        secret = made.stdout.split()[1]
        answer = httpx.get(f"{server.url}/api/v2/projects/default", headers={"Authorization": secret})
        assert answer.status_code == 200
        file = str(tmp_path / "b.gz")
        subprocess.run(command("backup", "--to", file, *place.arguments), env=environment(), check=True)
        port = server.url.rpartition(":")[2]
        looked = subprocess.run(
            command("doctor", *place.arguments, "--port", port),
            env=environment(),
            capture_output=True,
            text=True,
        )
    assert looked.returncode == 0, looked.stdout
    assert "has port" in " ".join(looked.stdout.split())


def test_workers_count_together(tmp_path: Path) -> None:
    with serving(Place(tmp_path / "data"), "--workers", "2") as server:
        for _ in range(10):  # a connection each, so that they spread
            httpx.get(server.url + "/api/v2/projects", headers={"Authorization": server.token})
        eventually(lambda: answered(server) == 10)  # each says what it counted within a second


def answered(server: Server) -> float:
    counted = server.client.get("/metrics").text
    return sum(map(float, re.findall(r'equipoise_requests_total\{.*status="200"\} (\S+)', counted)))
