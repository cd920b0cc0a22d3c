"""`equipoise connect` in this process."""

import json
from pathlib import Path

import pytest

from equipoise import server
from equipoise.application import administration
from equipoise.application.administration import HOME, Keys
from equipoise.application.ports import Sighting
from equipoise.config import Settings
from equipoise.security.tokens import digest
from tests.cli.typed import Run

PUBLIC = "https://flags.example/base"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of an instance that was started once, and is reached at PUBLIC."""
    monkeypatch.setenv("EQUIPOISE_PUBLIC_URL", PUBLIC)
    server.prepare(Settings(data=tmp_path / "data", admin_token="api-" + "t" * 43))
    return str(tmp_path / "data")


def keys_of(data: str) -> Keys:
    with server.opened(Settings(data=Path(data))) as instance:
        return administration.sdk_keys(instance.store, instance.vault, HOME)


def test_keys_are_shown_with_when_each_was_seen_and_code_for_each_client(run: Run, data: str) -> None:
    keys = keys_of(data)
    with server.opened(Settings(data=Path(data))) as instance:
        at = server.clock() - 12_000
        used = (("PythonClient/9.18.2", at), ("NodeJSClient/9.13.7", at - 7_200_000))
        instance.store.see([Sighting(keys.client_side, digest(keys.server), *each) for each in used])
    status, out, err = run("connect", "--data", data)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"default/production at {PUBLIC}"
    assert lines[2].startswith(f"SDK key         {keys.server}  1")
    assert lines[2].endswith("s ago by PythonClient/9.18.2")
    assert lines[3].strip() == "2 h ago by NodeJSClient/9.13.7"
    assert lines[4].endswith("never seen")
    assert f'  const client = init("{keys.server}", {{' in lines
    assert f'    .mobileKey("{keys.mobile}")' in out


def test_the_code_of_one_client_is_all_that_is_printed_when_it_is_named(run: Run, data: str) -> None:
    _, out, _ = run("connect", "--client", "launchdarkly-browser", "--data", data)
    assert out.startswith("import { createClient }")
    assert keys_of(data).client_side in out


def test_a_program_gets_all_of_it_as_json(run: Run, data: str) -> None:
    _, out, _ = run("connect", "--json", "--data", data)
    found = json.loads(out)
    assert [each["kind"] for each in found["keys"]] == ["server", "mobile", "client"]
    assert found["url"] == PUBLIC
    _, out, _ = run("connect", "--json", "--client", "auth0", "--data", data)
    assert json.loads(out)["key"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--client", "cobol"), "There is no client “cobol”"), (("--project", "x"), "There is no project “x”")],
)
def test_what_is_not_there_is_a_sentence(run: Run, data: str, arguments: tuple[str, ...], said: str) -> None:
    status, out, err = run("connect", *arguments, "--data", data)
    assert (status, out) == (1, "")
    assert said in err
