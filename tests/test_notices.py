"""Where the servers of a folder are reached, as commands beside them learn."""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from equipoise.config import Settings
from equipoise.server.notices import PATTERN, Notice, notice_in, posted


def serve(folder: Path, port: int, line: Connection) -> None:
    with posted(Settings(data=folder, port=port)):
        line.send(None)
        line.recv()


class Serving:
    """A process that serves, as far as anybody can tell."""

    def __init__(self, folder: Path, port: int) -> None:
        spawning = multiprocessing.get_context("spawn")
        self.line, theirs = spawning.Pipe()
        self.process = spawning.Process(target=serve, args=(folder, port, theirs))
        self.process.start()
        assert self.line.poll(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def test_it_is_known_while_it_serves_and_not_after(tmp_path: Path) -> None:
    assert notice_in(tmp_path) is None
    said = Settings(data=tmp_path, host="::", port=9_000, public_url="https://flags.example")
    with posted(said):
        assert notice_in(tmp_path) == Notice("::", 9_000, "https://flags.example")
    assert notice_in(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_is_found_from_any_folder(tmp_path: Path) -> None:
    with posted(Settings(data=tmp_path, tls_cert=Path("cert.pem"), tls_key=Path("key.pem"))):
        found = notice_in(tmp_path)
    assert found is not None
    assert (found.tls_cert, found.tls_key) == (
        str(Path("cert.pem").absolute()),
        str(Path("key.pem").absolute()),
    )


def test_of_several_the_oldest_is_meant_and_what_was_killed_is_swept_away(tmp_path: Path) -> None:
    first, second = Serving(tmp_path, 9_001), Serving(tmp_path, 9_002)
    try:
        assert notice_in(tmp_path) == Notice("127.0.0.1", 9_001)
        first.kill()
        assert len(list(tmp_path.glob(PATTERN))) == 2
        assert notice_in(tmp_path) == Notice("127.0.0.1", 9_002)
        with posted(Settings(data=tmp_path, port=9_003)):
            assert len(list(tmp_path.glob(PATTERN))) == 2
            assert notice_in(tmp_path) == Notice("127.0.0.1", 9_002)
    finally:
        first.kill()
        second.kill()
    assert notice_in(tmp_path) is None


@pytest.mark.parametrize("text", [b"", b"[]", b'{"host":', b'{"host":1,"port":2}'])
def test_what_is_no_notice_is_not_believed(tmp_path: Path, text: bytes) -> None:
    with posted(Settings(data=tmp_path)):
        (path,) = tmp_path.iterdir()
        path.write_bytes(text)
        assert notice_in(tmp_path) is None
