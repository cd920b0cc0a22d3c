"""Whether somebody would be in the way, without taking a turn."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

from equipoise.storage.turnstile import Turnstile


def test_a_turnstile_is_free_until_somebody_takes_a_turn(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path / "store.db")
    assert turnstile.free()
    inside, leave = Event(), Event()

    def write() -> None:
        with turnstile.turn():
            inside.set()
            leave.wait(10)

    writer = Thread(target=write)
    writer.start()
    assert inside.wait(10)
    assert not turnstile.free()
    leave.set()
    writer.join()
    assert turnstile.free()


def test_asking_does_not_let_another_process_in(tmp_path: Path) -> None:
    """The file lock belongs to the process: asking while a thread holds it must not give it up."""
    turnstile = Turnstile(tmp_path / "store.db")
    code = (
        "import sys; from pathlib import Path; from equipoise.storage.turnstile import Turnstile;"
        "print(Turnstile(Path(sys.argv[1])).free())"
    )
    with turnstile.turn():
        assert not turnstile.free()
        asked = [sys.executable, "-c", code, str(tmp_path / "store.db")]
        assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == "False"
    assert turnstile.free()
