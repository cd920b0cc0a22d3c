"""The doctor."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from equipoise import server
from equipoise.cli import main
from equipoise.cli.doctor import Finding, examine
from equipoise.config import Settings
from equipoise.storage import keyfile

LOOKS = ["data folder", "certificate", "database", "secret key", "token", "clock", "port"]


@pytest.fixture
def sound(tmp_path: Path) -> Settings:
    """The settings of an instance that was started once."""
    settings = Settings(data=tmp_path / "data", port=0)
    server.prepare(settings)
    return settings


def wrong(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(settings) if not finding.ok}


def test_a_sound_instance_is_well(sound: Settings) -> None:
    findings = list(examine(sound))
    assert [finding.what for finding in findings] == LOOKS
    assert [finding for finding in findings if not finding.ok] == []


def test_the_exit_status_says_whether_all_is_well(
    sound: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, status in ((sound.data, 0), (sound.data / "none", 1)):
        with pytest.raises(SystemExit) as ended:
            main(["doctor", "--data", str(folder), "--port", "0", "--json"])
        assert (ended.value.code or 0) == status
        assert [each["ok"] for each in json.loads(capsys.readouterr().out)].count(False) == status


def test_it_says_the_next_step_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "--data", str(tmp_path / "none"), "--port", "0"])
    said = " ".join(capsys.readouterr().out.split())
    assert "wrong database There is no store" in said
    assert "Next: Start one with `equipoise serve`" in said
    assert not (tmp_path / "none").exists()


def a_lost_key(settings: Settings) -> Settings:
    (settings.data / keyfile.NAME).unlink()
    return settings


def a_wrong_key(settings: Settings) -> Settings:
    return replace(settings, secret_key="another key altogether, and long enough")


def a_key_for_all_to_read(settings: Settings) -> Settings:
    (settings.data / keyfile.NAME).chmod(0o644)
    return settings


def a_token_of_nobody(settings: Settings) -> Settings:
    return replace(settings, admin_token="api-" + "n" * 43)


def a_broken_database(settings: Settings) -> Settings:
    (settings.data / "equipoise.db").write_bytes(b"no database" * 1_000)
    return settings


def a_certificate_that_is_none(settings: Settings) -> Settings:
    return replace(settings, tls_cert=settings.data / keyfile.NAME, tls_key=settings.data / keyfile.NAME)


@pytest.mark.parametrize(
    ("spoil", "look", "said"),
    [
        (a_lost_key, "secret key", "not here"),
        (a_wrong_key, "secret key", "another key"),
        (a_key_for_all_to_read, "data folder", "Others may read"),
        (a_token_of_nobody, "token", "is no token of this store"),
        (a_broken_database, "database", "is no SQLite database"),
        (a_certificate_that_is_none, "certificate", "cannot be used"),
    ],
)
def test_each_trouble_is_named_alone_and_has_a_next_step(
    spoil: object, look: str, said: str, sound: Settings
) -> None:
    assert callable(spoil)
    found = wrong(spoil(sound))
    assert list(found) == [look]
    assert said in found[look].said
    assert found[look].next_step


def test_a_clock_that_was_set_back_is_noticed(sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    now = server.clock()
    monkeypatch.setattr(server, "clock", lambda: now - 3_600_000)
    assert list(wrong(sound)) == ["clock"]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_that_another_program_has_is_noticed(sound: Settings, taken: int) -> None:
    found = wrong(replace(sound, port=taken))
    assert "cannot be listened on" in found["port"].said


def test_a_folder_that_is_none_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    found = wrong(Settings(data=tmp_path / "plain", port=0))
    assert "is no folder" in found["data folder"].said
