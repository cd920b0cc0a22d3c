"""The composition, in this process: no socket but where one is the point."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from equipoise import __version__, server
from equipoise.application.administration import sdk_keys
from equipoise.config import Settings
from equipoise.domain.identity import Place
from equipoise.server import Unstartable
from equipoise.storage import Unusable, keyfile
from tests.flows import shop

TOKEN = "api-" + "t" * 43


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", admin_token=TOKEN, log_level="error")


class Client:
    """An application between its start-up and its shutdown, and a client that knows the token."""

    def __init__(self, app: server.Application, runner: asyncio.Runner) -> None:
        self._app, self._runner = app, runner
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        self._heard: asyncio.Queue[Any] = asyncio.Queue()
        self._life: asyncio.Future[None] | None = None
        self.headers = {"Authorization": TOKEN}

    async def pass_on(self, phase: str) -> None:
        """Tells the application of a phase of its life and waits until it has followed."""
        if self._life is None:
            scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
            self._life = asyncio.ensure_future(self._app(scope, self._told.get, self._heard.put))
        await self._told.put({"type": f"lifespan.{phase}"})
        assert (await self._heard.get())["type"] == f"lifespan.{phase}.complete"

    def get(self, path: str, **said: Any) -> httpx.Response:
        return self._runner.run(self._send("GET", path, said))

    def post(self, path: str, **said: Any) -> httpx.Response:
        return self._runner.run(self._send("POST", path, said))

    def patch(self, path: str, **said: Any) -> httpx.Response:
        return self._runner.run(self._send("PATCH", path, said))

    async def _send(self, method: str, path: str, said: dict[str, Any]) -> httpx.Response:
        headers = {**self.headers, **said.pop("headers", {})}
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.request(method, path, headers=headers, **said)


@contextmanager
def served(said: Settings) -> Iterator[Client]:
    server.prepare(said)
    with asyncio.Runner() as runner:
        client = Client(server.build(said), runner)
        runner.run(client.pass_on("startup"))
        yield client
        runner.run(client.pass_on("shutdown"))


def test_the_probes_answer_without_a_token(settings: Settings) -> None:
    with served(settings) as client:
        client.headers.pop("Authorization")
        alive = {"status": "alive", "service": "equipoise", "version": __version__}
        assert client.get("/healthz").json() == alive
        assert client.get("/readyz").json() == {"status": "ready"}
        assert "launchdarkly" in {each["name"] for each in client.get("/").json()["surfaces"]}
        led = client.get("/", headers={"Accept": "text/html"})
        assert (led.status_code, led.headers["location"]) == (303, "/ui")
        assert "equipoise sign-in" in client.get("/ui/sign-in").text


def test_it_is_not_ready_when_the_store_is_gone(settings: Settings) -> None:
    with served(settings) as client:
        (settings.data / "equipoise.db").write_bytes(b"no database any more" * 1_000)
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "equipoise doctor" in answer.json()["reason"]
    assert str(settings.data) not in answer.text


def test_a_dialect_is_served_and_what_it_does_is_counted_and_logged(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(replace(settings, log_level="info", log_format="json")) as client:
        made = client.post("/api/v2/projects", json={"key": "shop", "name": "Shop"})
        assert made.status_code == 201, made.text
        counted = client.get("/metrics").text
    assert 'equipoise_changes_total{dialect="launchdarkly",outcome="changed"} 1.0' in counted
    assert 'method="POST"' in counted
    said = capsys.readouterr().err
    assert '"subject":"project shop"' in said
    assert TOKEN not in said
    assert "sdk-" not in said


def test_what_is_decided_here_is_written_down_before_the_end(settings: Settings) -> None:
    with served(settings) as client:
        shop.make_experiment(client)  # type: ignore[arg-type]
        start = {"kind": "startIteration", "changeJustification": "reviewed"}
        assert shop.patch(client, "new-checkout", start).status_code == 200  # type: ignore[arg-type]
        key = client.get(f"{shop.BASE}/projects/default/environments/production").json()["apiKey"]
        context, path = {"context": {"targetingKey": "anna"}}, "/ofrep/v1/evaluate/flags/checkout"
        for _ in range(2):
            said = client.post(path, json=context, headers={"Authorization": f"Bearer {key}"})
            assert said.json()["metadata"]["inExperiment"] is True
    written = b"".join(each.read_bytes() for each in (settings.data / "journal").glob("*.segment"))
    assert written.count(b'"exposure"') == 1


def test_what_nobody_serves_is_a_404_in_json(settings: Settings) -> None:
    with served(settings) as client:
        answer = client.get("/nothing/here")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert client.post("/healthz").status_code == 405
        assert client.get("/equipoise/v1/openapi/nobody.json").status_code == 404


def test_each_dialect_has_its_openapi_document(settings: Settings) -> None:
    with served(settings) as client:
        for dialect in server.discovered():
            document = client.get(f"/equipoise/v1/openapi/{dialect.name}.json").json()
            assert document["openapi"].startswith("3.1")


def test_the_first_start_makes_the_token_and_no_other_does(settings: Settings) -> None:
    random = replace(settings, admin_token=None)
    first, second = server.prepare(random), server.prepare(random)
    assert first.made is not None
    assert first.made.startswith("api-")
    assert second.made is None
    assert server.prepare(settings).known is False


def test_an_address_that_others_reach_needs_a_token_first(settings: Settings) -> None:
    outside = replace(settings, host="0.0.0.0", admin_token=None)
    with pytest.raises(Unstartable, match="there is no token yet"):
        server.prepare(outside)
    server.prepare(replace(outside, host="127.0.0.1"))
    assert server.prepare(outside).made is None


def test_a_wrong_or_missing_key_is_a_sentence(settings: Settings) -> None:
    server.prepare(settings)
    with pytest.raises(Unusable, match="sealed under another key"):
        server.prepare(replace(settings, secret_key="another key altogether, and long enough"))
    (settings.data / keyfile.NAME).write_text("short")
    with pytest.raises(Unusable, match="32 characters"):
        server.prepare(settings)
    (settings.data / keyfile.NAME).unlink()
    with pytest.raises(Unusable, match="not here"):
        server.prepare(settings)
    assert not (settings.data / keyfile.NAME).exists()


def test_a_key_of_the_settings_needs_no_file(settings: Settings) -> None:
    said = replace(settings, secret_key="a key that is long enough to be one")
    server.prepare(said)
    assert not (settings.data / keyfile.NAME).exists()
    with server.opened(said) as instance:
        keys = sdk_keys(instance.store, instance.vault, Place("default", "test"))
    assert keys.server.startswith("sdk-")


def test_postgresql_holds_the_state_where_the_settings_say_so(settings: Settings, empty_url: str) -> None:
    with served(replace(settings, database=empty_url)) as client:
        assert client.get("/api/v2/projects").json()["totalCount"] == 1
    assert not (settings.data / "equipoise.db").exists()


def test_the_rate_limiter_refuses_when_it_is_forced_on(settings: Settings) -> None:
    with served(replace(settings, rate_limit="on", rate_limit_token=2)) as client:
        assert [client.get("/api/v2/projects").status_code for _ in range(3)] == [200, 200, 429]


def test_a_taken_port_is_a_sentence(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unstartable, match=f"127.0.0.1:{port} cannot be listened on: Address already"):
            server.listen(replace(settings, port=port))


def test_a_host_that_is_none_is_a_sentence(settings: Settings) -> None:
    with pytest.raises(Unstartable, match="cannot be listened on"):
        server.listen(replace(settings, host="no.such.host.invalid"))


def test_a_certificate_that_is_none_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("no certificate")
    with pytest.raises(Unstartable, match="cannot be used"):
        server.check_tls(replace(settings, tls_cert=tmp_path / "plain", tls_key=tmp_path / "plain"))


def test_a_start_does_not_wait_for_what_only_results_need() -> None:
    program = "import sys, equipoise.cli; print(sys.modules.keys() & {'scipy', 'duckdb', 'ibis'})"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"


def test_the_client_that_a_key_was_seen_with_is_written_down_as_its_surface_names_it(
    settings: Settings,
) -> None:
    with served(settings) as client:
        found = client.get(f"{shop.BASE}/projects/default/environments/production").json()
        named = {"Authorization": found["apiKey"], "X-LaunchDarkly-User-Agent": "JSClient/4.10.3"}
        assert client.get("/sdk/latest-all", headers=named).status_code == 200
    with server.opened(settings) as instance, instance.store.read() as reader:
        assert [each.client for each in reader.sightings(found["_id"])] == ["JSClient/4.10.3"]
