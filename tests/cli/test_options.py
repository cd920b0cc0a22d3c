"""Where commands find the server beside them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from equipoise.cli.options import settings_beside
from equipoise.cli.sign_in import public
from equipoise.config import Settings
from equipoise.server import posted


@contextlib.contextmanager
def serving(folder: Path, **said: Any) -> Iterator[None]:
    with posted(Settings(data=folder, **said)):
        yield


def address(folder: Path, **typed: Any) -> tuple[str, bool]:
    said, known = settings_beside(data=folder, **typed)
    return public(said), known


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOST", "PORT", "PUBLIC_URL"):
        monkeypatch.delenv(f"EQUIPOISE_{name}", raising=False)


def test_the_server_that_runs_is_believed_before_any_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUIPOISE_PORT", "8081")
    assert address(tmp_path) == ("http://127.0.0.1:8081", True)
    with serving(tmp_path, port=9_000):
        assert address(tmp_path) == ("http://127.0.0.1:9000", True)
    with serving(tmp_path, port=9_000, public_url="https://flags.example"):
        assert address(tmp_path) == ("https://flags.example", True)


def test_what_is_typed_comes_first_and_may_name_the_same_server(tmp_path: Path) -> None:
    with serving(tmp_path, port=9_000, public_url="https://flags.example"):
        assert address(tmp_path, port=7_777) == ("http://127.0.0.1:7777", True)
        assert address(tmp_path, port=9_000) == ("https://flags.example", True)


def test_a_port_that_is_left_open_is_known_to_the_server_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUIPOISE_PORT", "0")
    assert address(tmp_path) == ("http://127.0.0.1:8080", False)
    with serving(tmp_path, port=9_000):
        assert address(tmp_path) == ("http://127.0.0.1:9000", True)


def test_where_nothing_is_said_and_nobody_serves_it_is_a_guess(tmp_path: Path) -> None:
    assert address(tmp_path) == ("http://127.0.0.1:8080", False)
    assert address(tmp_path, host="shop.example") == ("http://shop.example:8080", True)
