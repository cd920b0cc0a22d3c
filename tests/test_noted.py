"""Where the server of a folder is reached, as commands beside it learn."""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from equipoise.config import Settings
from equipoise.server import noted, noted_in
from equipoise.server.noted import NAME


def serve(folder: Path, line: Connection) -> None:
    with noted(Settings(data=folder, port=9_001)):
        line.send(None)
        line.recv()


def test_it_is_known_while_it_serves_and_not_after(tmp_path: Path) -> None:
    assert noted_in(tmp_path) == {}
    said = Settings(data=tmp_path, host="::", port=9_000, public_url="https://flags.example")
    with noted(said):
        assert noted_in(tmp_path) == {"host": "::", "port": 9_000, "public_url": "https://flags.example"}
    assert noted_in(tmp_path) == {}
    with noted(Settings(data=tmp_path, port=9_000)):
        assert noted_in(tmp_path) == {"host": "127.0.0.1", "port": 9_000}, "nothing is left of the one before"


def test_a_certificate_is_found_from_any_folder(tmp_path: Path) -> None:
    said = Settings(data=tmp_path, tls_cert=Path("cert.pem"), tls_key=Path("key.pem"))
    with noted(said):
        found = noted_in(tmp_path)
    assert found["tls_cert"] == Path("cert.pem").absolute()
    assert Settings(**found).scheme == "https"


def test_one_that_was_killed_is_not_taken_for_served(tmp_path: Path) -> None:
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=serve, args=(tmp_path, theirs))
    process.start()
    assert ours.poll(30)
    assert noted_in(tmp_path)["port"] == 9_001
    process.kill()
    process.join()
    assert (tmp_path / NAME).stat().st_size
    assert noted_in(tmp_path) == {}


def test_of_several_the_first_is_noted(tmp_path: Path) -> None:
    with noted(Settings(data=tmp_path, port=9_000)), noted(Settings(data=tmp_path, port=9_001)):
        assert noted_in(tmp_path)["port"] == 9_000


def test_what_is_half_written_is_not_read(tmp_path: Path) -> None:
    with noted(Settings(data=tmp_path, port=9_000)):
        (tmp_path / NAME).write_bytes(b'{"host":')
        assert noted_in(tmp_path) == {}
