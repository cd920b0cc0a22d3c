"""Exposures wait in memory for a moment: once each, within bounds, and not lost while there is a disk."""

from typing import Any

import pytest

from equipoise.application import exposures
from equipoise.application.exposures import Exposures
from equipoise.application.ingest import Intake
from equipoise.application.lake import Full
from tests.fakes import FakeClock
from tests.fakes.journal import MemoryJournal


class Desk:
    def __init__(self) -> None:
        self.journal, self.clock, self.lost = MemoryJournal(), FakeClock(), 0
        names = iter("abcdefghijklmnopqrstuvwxyz")
        intake = Intake(self.journal, self.clock)
        self.exposures = Exposures(intake, self.clock, lambda: next(names), self._lose)

    def offer(self, name: Any, event: bytes = b"{}", environment: str = "one") -> None:
        self.exposures.offer("here", environment, name, lambda at: event)

    def bodies(self) -> list[tuple[str, str, bytes]]:
        return [(each.environment, each.payload, each.body) for each in self.journal.received]

    def _lose(self, dialect: str, many: int) -> None:
        self.lost += many


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_came_to_an_environment_is_handed_on_as_one(desk: Desk) -> None:
    desk.offer("x", b"1")
    desk.offer("y", b"2")
    desk.offer("x", b"3", "two")
    assert desk.journal.received == [], "nobody waits for a disk"
    desk.exposures.flush()
    assert desk.bodies() == [("one", "a", b"[1,2]"), ("two", "b", b"[3]")]
    desk.exposures.flush()
    assert len(desk.bodies()) == 2


def test_the_same_is_kept_once_and_not_even_written(desk: Desk) -> None:
    def never(at: int) -> bytes:
        raise AssertionError("it is known")

    desk.offer("x")
    desk.exposures.flush()
    desk.exposures.offer("here", "one", "x", never)
    desk.exposures.flush()
    assert len(desk.bodies()) == 1


def test_what_was_not_offered_for_long_is_forgotten_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposures, "KNOWN_MAX", 2)
    for name in ("x", "y", "x", "z", "x", "y"):
        desk.offer(name, name.encode())
    desk.exposures.flush()
    assert desk.bodies() == [("one", "a", b"[x,y,z,y]")]


def test_what_finds_no_room_is_counted_and_may_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposures, "HELD_BYTES_MAX", 10)
    for name in ("x", "y", "z"):
        desk.offer(name, b"12345")
    assert desk.lost == 1
    desk.exposures.flush()
    desk.exposures.flush()  # by now it is known that there is room again
    desk.offer("z", b"12345")
    desk.exposures.flush()
    assert [body for _, _, body in desk.bodies()] == [b"[12345,12345]", b"[12345]"]
    assert desk.lost == 1


def test_one_body_is_not_larger_than_a_body_may_be(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposures, "BODY_BYTES_MAX", 5)
    for name in range(4):
        desk.offer(name, b"123")
    desk.exposures.flush()
    assert [body for _, _, body in desk.bodies()] == [b"[123,123]", b"[123,123]"]


@pytest.mark.parametrize("failure", [Full("too much waits"), OSError(28, "No space left on device")])
def test_what_could_not_be_written_is_tried_again_under_the_same_name(desk: Desk, failure: Exception) -> None:
    desk.offer("x", b"1")
    desk.journal.failure = failure
    for _ in range(3):
        desk.exposures.flush()
    desk.journal.failure = None
    desk.offer("y", b"2")
    desk.exposures.flush()
    assert desk.bodies() == [("one", "a", b"[1]"), ("one", "b", b"[2]")]
    assert desk.lost == 0


def test_the_end_waits_for_what_is_held(desk: Desk) -> None:
    desk.offer("x", b"1")
    desk.exposures.close(1)
    assert desk.bodies() == [("one", "a", b"[1]")]


def test_what_cannot_be_written_at_the_end_is_lost_and_counted(desk: Desk) -> None:
    desk.offer("x", b"1")
    desk.offer("y", b"2")
    desk.journal.failure = Full("too much waits")
    desk.exposures.close(1)
    assert desk.lost == 2
