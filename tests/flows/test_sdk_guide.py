"""Every program in the guide of the SDK, and the one in the README, runs as it stands."""

import re
from pathlib import Path

import pytest

from tests.flows.events import sdk_key, start_experiment
from tests.served import Place, serving

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HERE = "http://127.0.0.1:8080"  # where the README has the server


def programs(path: str) -> list[str]:
    return [each for each in BLOCK.findall((ROOT / path).read_text()) if "equipoise.sdk" in each]


def test_every_program_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide, readme = programs("docs/guide/sdk.md"), programs("README.md")
    assert (len(guide), len(readme)) == (6, 1)
    with serving(Place(tmp_path / "data")) as server:
        start_experiment(server)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("EQUIPOISE_URL", server.url)
        monkeypatch.setenv("EQUIPOISE_SDK_KEY", sdk_key(server))
        for program in (*guide, *(each.replace(HERE, server.url) for each in readme)):
            exec(compile(program, "<guide>", "exec"), {})
        counted = server.client.get("/metrics").text
    said = capsys.readouterr().out
    assert "Reason(kind=<Why.FALLTHROUGH" in said
    assert "state=<State.STREAMING" in said
    assert "reason=<Reason.SPLIT" in said
    assert 'equipoise_events_received_total{dialect="equipoise"}' in counted
