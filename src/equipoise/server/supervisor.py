"""Looks after the children of a server: starts them, replaces who died or hangs, stops them in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Protocol

import structlog
from msgspec import Struct

from equipoise.server.children import Child, Process, Restarts

STEP_SECONDS = 0.2
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 1.0, 30.0
WELL_SECONDS = 60.0  # who lived so long has recovered from what its predecessor died of
SILENT_SECONDS_MAX = 30.0  # who is only slow, on a busy machine, is left alone
IDLE_STOP_SECONDS_MAX = 1.0  # for who has nothing left to do


class Running(Protocol):
    """A process of a child; see `Process`."""

    child: Child

    @property
    def pid(self) -> int | None: ...
    @property
    def status(self) -> int | None: ...
    def beat(self) -> bool: ...
    def alive(self) -> bool: ...
    def tell(self) -> None: ...
    def ended(self, seconds: float) -> bool: ...
    def kill(self) -> None: ...


class _Post(Struct):
    """Where one process of a child is to be, and who is there now.

    up      whether it has beaten yet; until then it still starts, and is left alone
    silent  seconds since it beat last
    wait    seconds that were waited for it when it was lost last; 0 for one that never was
    due     when the next one is to start
    """

    child: Child
    process: Running | None = None
    began: float = 0.0
    up: bool = False
    silent: float = 0.0
    wait: float = 0.0
    due: float = 0.0

    def take(self, process: Running, now: float, *, up: bool = False) -> None:
        self.process, self.began, self.up, self.silent = process, now, up, 0.0

    def lose(self, now: float) -> None:
        well = now - self.began > WELL_SECONDS
        self.wait = RETRY_SECONDS_MIN if well or not self.wait else min(2 * self.wait, RETRY_SECONDS_MAX)
        self.process, self.due = None, now + self.wait


class Supervisor:
    """Keeps children running until it is told to stop; then it stops them, in the order they are named in.

    fault  the child of which no process could start; None for as long as there is none
    """

    def __init__(
        self,
        children: Sequence[Child],
        restarts: Restarts,
        start: Callable[[Child], Running] = Process,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.fault: str | None = None
        self._children, self._restarts, self._start, self._clock = children, restarts, start, clock
        self._posts = [_Post(child) for child in children for _ in range(child.many)]
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._stopping = False
        self._came_up: set[str] = set()
        self._stepped = clock()
        self._rolling: list[_Post] = []
        self._successor: Running | None = None
        self._leaving: tuple[Running, float] | None = None  # until when
        self._log = structlog.get_logger("equipoise.supervisor")

    def ask(self, do: Callable[[], None]) -> None:
        """Has it done by whoever runs this: for handlers of signals, and for other threads."""
        self._asked.put(do)

    def run(self) -> None:
        """Until it is told to stop, and all have stopped."""
        try:
            while not self._stopping:
                self.step()
                with suppress(Empty):
                    self._asked.get(timeout=STEP_SECONDS)()
        finally:
            self._end()

    def stop(self) -> None:
        self._stopping = True

    def roll(self) -> None:
        """Replaces those who serve, one after another, each once its successor is up."""
        self._rolling = [post for post in self._posts if post.child.serves]
        self._log.info("those who serve are replaced", many=len(self._rolling))

    def step(self) -> None:
        """Looks once after everybody."""
        now = self._clock()
        passed = min(now - self._stepped, 2 * STEP_SECONDS)  # who was halted itself heard nobody meanwhile
        self._stepped = now
        for post in self._posts:
            if post.process is not None:
                self._look(post, post.process, now, passed)
            elif now >= post.due:
                self._fill(post, now)
        self._see_off(now)
        if self._rolling and self._leaving is None:
            self._replace(self._rolling[0], now)

    def _fill(self, post: _Post, now: float) -> None:
        again, name = post.wait > 0, post.child.name
        try:
            process = self._start(post.child)
        except OSError as error:  # no process or descriptor is to be had just now
            post.began = now
            post.lose(now)
            self._log.error(
                "a child cannot be started", child=name, reason=error.strerror, next_in_seconds=post.wait
            )
            return
        post.take(process, now)
        if again:
            self._restarts.add(name)
        said = self._log.info if again else self._log.debug
        said("a child is started", child=name, pid=process.pid)

    def _look(self, post: _Post, process: Running, now: float, passed: float) -> None:
        if process.beat():
            if not post.up:
                self._log.info("a child is up", child=post.child.name, pid=process.pid)
            post.up, post.silent = True, 0.0
            self._came_up.add(post.child.name)
        else:
            post.silent += passed
        hangs = post.child.serves and post.up and post.silent > SILENT_SECONDS_MAX
        if process.alive() and not hangs:
            return
        if hangs:
            self._log.error("a child hangs and is killed", child=post.child.name, pid=process.pid)
        process.kill()
        self._lost(post, process, now)

    def _lost(self, post: _Post, process: Running, now: float) -> None:
        child, status = post.child, process.status
        post.lose(now)
        if child.serves and child.name not in self._came_up and (status or 0) > 0:  # so would the next one
            self._log.error("a child cannot start, and the server stops", child=child.name, status=status)
            self.fault = child.name
            self.stop()
            return
        self._log.error(
            "a child died", child=child.name, pid=process.pid, status=status, next_in_seconds=post.wait
        )

    def _replace(self, post: _Post, now: float) -> None:
        successor = self._successor
        if successor is None:
            try:
                self._successor = self._start(post.child)
            except OSError as error:
                self._give_up(error.strerror)
        elif successor.beat():
            if post.process is not None:
                post.process.tell()
                self._leaving = post.process, now + post.child.grace_seconds
            post.take(successor, now, up=True)
            self._log.info("a child is replaced", child=post.child.name, pid=successor.pid)
            self._rolling.pop(0)
            self._successor = None
        elif not successor.alive():
            successor.kill()
            self._give_up(successor.status)

    def _give_up(self, reason: object) -> None:
        self._log.error("a successor cannot start; those who are not replaced yet stay", reason=reason)
        self._rolling, self._successor = [], None

    def _see_off(self, now: float) -> None:
        if self._leaving is None:
            return
        process, until = self._leaving
        if process.alive() and now < until:
            return
        self._put_away(process, late=process.alive())
        self._leaving = None

    def _end(self) -> None:
        for child in self._children:
            work = child.left is None or child.left()
            processes = self._all_of(child)
            if not processes and child.left is not None and work:
                with suppress(OSError):
                    processes = [self._start(child)]
            for each in processes:
                self._log.debug("a child is told to stop", child=child.name, pid=each.pid)
                each.tell()
            until = self._clock() + (child.grace_seconds if work else IDLE_STOP_SECONDS_MAX)
            for each in processes:
                ended = each.ended(max(until - self._clock(), 0.0))
                self._put_away(each, late=work and not ended)

    def _all_of(self, child: Child) -> list[Running]:
        processes = [post.process for post in self._posts if post.process is not None]
        if self._successor is not None:
            processes.append(self._successor)
        if self._leaving is not None:
            processes.append(self._leaving[0])
        return [each for each in processes if each.child is child]

    def _put_away(self, process: Running, *, late: bool) -> None:
        if late:
            self._log.warning("a child takes too long to stop", child=process.child.name, pid=process.pid)
        process.kill()
        self._log.debug("a child stopped", child=process.child.name, pid=process.pid, status=process.status)


@contextmanager
def looked_after(supervisor: Supervisor) -> Iterator[None]:
    """Children run beside what this process does itself, and are stopped once it has done it."""
    thread = Thread(target=supervisor.run, name="supervisor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        supervisor.ask(supervisor.stop)
        thread.join()
