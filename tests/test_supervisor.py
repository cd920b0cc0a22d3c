"""The supervisor, over children and a clock that do as they are told."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from equipoise.server.children import Child, Restarts
from equipoise.server.supervisor import (
    RETRY_SECONDS_MAX,
    SILENT_SECONDS_MAX,
    STEP_SECONDS,
    WELL_SECONDS,
    Supervisor,
)

DYING = 3


@pytest.fixture(autouse=True)
def _everything_is_logged() -> Iterator[None]:
    """Whatever level another test has set."""
    set_before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**set_before)


class FakeProcess:
    """One that lives until it is told to stop, and beats whenever it is well."""

    def __init__(self, child: Child, pid: int, diary: list[str]) -> None:
        self.child, self.pid, self._diary = child, pid, diary
        self.status: int | None = None
        self.well = self.obeys = True

    def beat(self) -> bool:
        return self.well and self.alive()

    def alive(self) -> bool:
        return self.status is None

    def tell(self) -> None:
        self._diary.append(f"told {self.child.name} {self.pid}")
        if self.obeys:
            self.status = 0

    def ended(self, seconds: float) -> bool:
        return not self.alive()

    def kill(self) -> None:
        if self.alive():
            self._diary.append(f"killed {self.child.name} {self.pid}")
            self.status = -9


class Scene:
    """A supervisor, all processes that it started, and the time."""

    def __init__(self, workers: int = 2, *, left: bool = False) -> None:
        self.now, self.diary, self.processes = 1_000.0, list[str](), list[FakeProcess]()
        self.born: Callable[[FakeProcess], None] = lambda process: None
        self.left = left
        worker = Child(name="worker", main=print, grace_seconds=30, many=workers, serves=True)
        keeper = Child(name="keeper", main=print, grace_seconds=20, left=lambda: self.left)
        self.restarts = Restarts(("worker", "keeper"))
        self.supervisor = Supervisor((worker, keeper), self.restarts, self.start, lambda: self.now)

    def start(self, child: Child) -> FakeProcess:
        process = FakeProcess(child, len(self.processes) + 1, self.diary)
        self.born(process)
        self.processes.append(process)
        return process

    def wait(self, seconds: float = STEP_SECONDS) -> None:
        """Steps for so long. It is exact where it counts: a step ends where the time does."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + STEP_SECONDS, until)
            self.supervisor.step()

    def alive(self, name: str = "worker") -> list[int]:
        return [each.pid for each in self.processes if each.child.name == name and each.alive()]

    def __getitem__(self, pid: int) -> FakeProcess:
        return self.processes[pid - 1]


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.supervisor.step()
    return made


def test_as_many_are_started_as_are_asked_for(scene: Scene) -> None:
    assert (scene.alive("worker"), scene.alive("keeper")) == ([1, 2], [3])
    scene.wait(10)
    assert len(scene.processes) == 3
    assert scene.restarts() == {"worker": 0, "keeper": 0}


@pytest.mark.parametrize("name", ["worker", "keeper"])
def test_who_died_is_replaced_after_a_second_while_the_others_go_on(scene: Scene, name: str) -> None:
    scene.wait()
    lost = scene.alive(name)[0]
    scene[lost].status = -9
    scene.wait()
    assert len(scene.processes) == 3
    scene.wait(1.0)
    assert (len(scene.alive("worker")), len(scene.alive("keeper"))) == (2, 1)
    assert [each.pid for each in scene.processes if not each.alive()] == [lost]
    assert scene.restarts()[name] == 1


def test_who_dies_again_and_again_is_replaced_later_each_time_and_in_the_end_after_half_a_minute() -> None:
    scene = Scene(workers=1)
    scene.supervisor.step()
    waits = []
    for _ in range(8):
        scene[scene.alive("keeper")[0]].status = 1
        scene.wait()
        lost = scene.now
        while not scene.alive("keeper"):
            scene.wait()
        waits.append(scene.now - lost)
    assert waits == pytest.approx([1, 2, 4, 8, 16, 30, 30, 30], abs=STEP_SECONDS)


def test_who_ran_well_for_a_minute_is_forgiven(scene: Scene) -> None:
    for _ in range(5):
        scene[scene.alive("keeper")[0]].status = 1
        scene.wait(RETRY_SECONDS_MAX)
    scene.wait(WELL_SECONDS)
    scene[scene.alive("keeper")[0]].status = 1
    scene.wait()
    scene.wait(1.0)
    assert scene.alive("keeper")


def test_who_takes_long_to_start_is_waited_for() -> None:
    scene = Scene()
    scene.born = lambda process: setattr(process, "well", False)
    scene.wait(20 * SILENT_SECONDS_MAX)
    assert scene.alive() == [1, 2]


def test_who_came_up_and_is_silent_for_long_is_killed_and_replaced(scene: Scene) -> None:
    scene.wait()
    scene[2].well = False
    scene.wait(SILENT_SECONDS_MAX - 1)
    assert scene.alive() == [1, 2]
    scene.wait(3)
    assert scene.alive() == [1, 4]
    assert scene.diary == ["killed worker 2"]
    assert scene.restarts()["worker"] == 1


def test_who_does_not_serve_need_not_beat(scene: Scene) -> None:
    scene.wait()
    scene[3].well = False
    scene.wait(3 * SILENT_SECONDS_MAX)
    assert scene.alive("keeper") == [3]


def test_a_supervisor_that_was_halted_itself_blames_nobody_for_it(scene: Scene) -> None:
    scene.wait()
    scene[1].well = scene[2].well = False
    scene.now += 3_600
    scene.supervisor.step()
    scene[1].well = scene[2].well = True
    scene.wait(1)
    assert scene.alive() == [1, 2]


def test_where_no_worker_ever_came_up_and_one_fails_the_server_stops() -> None:
    scene = Scene()
    scene.born = lambda process: setattr(process, "well", False)
    scene.supervisor.step()
    scene[1].status = DYING
    with capture_logs() as said:
        scene.supervisor.run()
    assert scene.supervisor.fault == "worker"
    assert scene.alive("worker") == scene.alive("keeper") == []
    assert said[0]["event"] == "a child cannot start, and the server stops"


@pytest.mark.parametrize(("came_up", "status"), [(True, DYING), (False, -9)])
def test_where_the_next_worker_may_well_start_the_server_goes_on(came_up: bool, status: int) -> None:
    scene = Scene()
    scene.born = lambda process: setattr(process, "well", came_up)
    scene.supervisor.step()
    scene.wait()
    scene[1].status = status
    scene.wait(2)
    assert scene.supervisor.fault is None
    assert scene.alive() == [2, 4]


def test_who_cannot_be_started_just_now_is_started_later() -> None:
    scene, tried = Scene(workers=1), Counter[str]()

    def full(process: FakeProcess) -> None:
        tried[process.child.name] += 1
        if tried["keeper"] == 1 and process.child.name == "keeper":
            raise OSError(24, "Too many open files")

    scene.born = full
    scene.supervisor.step()
    assert scene.alive("keeper") == []
    scene.wait(1.2)
    assert scene.alive("keeper") == [2]


def test_all_are_stopped_in_order_and_who_does_not_obey_is_killed() -> None:
    scene = Scene(left=True)
    scene.supervisor.step()
    scene[2].obeys = False
    scene.supervisor.ask(scene.supervisor.stop)
    with capture_logs() as said:
        scene.supervisor.run()
    assert scene.diary == ["told worker 1", "told worker 2", "killed worker 2", "told keeper 3"]
    assert [each["pid"] for each in said if each["log_level"] == "warning"] == [2]


@pytest.mark.parametrize("left", [True, False])
def test_in_the_end_who_does_not_run_is_started_where_work_is_left(left: bool) -> None:
    scene = Scene(left=left)
    scene.supervisor.step()
    scene[3].status = 1
    scene.supervisor.ask(scene.supervisor.stop)
    scene.supervisor.run()
    assert scene.diary[2:] == (["told keeper 4"] if left else [])


def test_a_roll_replaces_workers_one_after_another_each_once_its_successor_is_up(scene: Scene) -> None:
    scene.wait()
    scene.born = lambda process: setattr(process, "well", False)
    scene.supervisor.roll()
    scene.wait(60)
    assert scene.alive() == [1, 2, 4]  # the first successor still starts
    scene[4].well = True
    scene.wait(60)
    assert scene.alive() == [2, 4, 5]
    scene[5].well = True
    scene.wait(60)
    assert scene.alive() == [4, 5]
    assert scene.diary == ["told worker 1", "told worker 2"]
    assert scene.alive("keeper") == [3]
    assert scene.restarts()["worker"] == 0


def test_a_roll_waits_until_who_was_replaced_is_gone(scene: Scene) -> None:
    scene.wait()
    scene[1].obeys = False
    scene.supervisor.roll()
    scene.wait(20)
    assert scene.alive() == [1, 2, 4]
    scene.wait(20)
    assert scene.alive() == [4, 5]
    assert scene.diary == ["told worker 1", "killed worker 1", "told worker 2"]


def test_where_a_successor_cannot_start_the_workers_stay(scene: Scene) -> None:
    scene.wait()
    scene.born = lambda process: setattr(process, "status", DYING)
    scene.supervisor.roll()
    scene.wait(20)
    assert scene.alive() == [1, 2]
    assert len(scene.processes) == 4
    assert scene.supervisor.fault is None


def test_a_stop_amid_a_roll_stops_everybody(scene: Scene) -> None:
    scene.wait()
    scene[1].obeys = False
    scene.supervisor.roll()
    scene.wait(1)
    scene.supervisor.ask(scene.supervisor.stop)
    scene.supervisor.run()
    assert [each.pid for each in scene.processes if each.alive()] == []
