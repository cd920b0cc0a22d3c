"""What becomes of a client when its process forks or ends, and what importing it costs."""

import os
import subprocess
import sys
from pathlib import Path

from equipoise.evaluation.document import encode
from tests.sdk.conftest import Connect, eventually
from tests.sdk.rules import rules, tried
from tests.sdk.server import KEY, FakeServer

FOREIGN = (
    *("alembic", "cryptography", "duckdb", "ibis", "isal", "jinja2", "numpy", "openfeature", "pandas"),
    *("prometheus_client", "psycopg", "pyarrow", "re2", "scipy", "sqlalchemy", "starlette", "structlog"),
    *("typer", "uvicorn", "equipoise.application", "equipoise.analysis", "equipoise.security"),
)
IMPORTED = f"""
import sys, time
began = time.perf_counter()
import equipoise.sdk
took = time.perf_counter() - began
print(sorted(set(sys.modules) & set({FOREIGN!r})), f"{{took:.3f}} s")
"""


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_it_imports_nothing_beyond_the_base_install() -> None:
    said = run(IMPORTED)
    assert said.startswith("[] ")


def test_a_program_that_ends_without_closing_sends_what_waits(server: FakeServer) -> None:
    server.ruleset = rules(tried())
    run(
        "import sys\n"
        "from equipoise.sdk import Client\n"
        "client = Client(sys.argv[1], sys.argv[2])\n"
        "client.start()\n"
        "assert client.wait_ready(20)\n"
        "client.variation('checkout', 'anna')\n",
        KEY,
        server.url,
    )
    assert [each["units"] for each in server.events] == [{"user": "anna"}]


def test_a_program_ends_soon_though_the_server_takes_nothing(server: FakeServer, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_bytes(encode(rules(tried())))
    server.refusing |= dict.fromkeys(("stream", "ruleset", "events"), (503, ""))
    run(
        "import sys\n"
        "from equipoise.sdk import Client\n"
        "client = Client(sys.argv[1], sys.argv[2], file=sys.argv[3])\n"
        "client.start()\n"
        "client.variation('checkout', 'anna')\n",
        KEY,
        server.url,
        str(path),
    )
    assert server.events == []
    assert "events" in server.asked


def test_a_process_that_forks_goes_on_in_both_and_sends_each_event_once(
    server: FakeServer, connect: Connect
) -> None:
    server.ruleset = rules(tried())
    client = connect()
    assert client.wait_ready(20)
    server.refusing["events"] = (503, "")  # so that something waits when it forks
    client.variation("checkout", "parent")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            del server.refusing["events"]  # of no effect: the server is the parent's
            client.variation("checkout", "child")
            code = 0 if client.flush(20) and client.wait_ready(0) else 2
        finally:
            os._exit(code)
    del server.refusing["events"]
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.flush(20)
    eventually(lambda: len(server.events) >= 2)
    assert sorted(each["units"]["user"] for each in server.events) == ["child", "parent"]
