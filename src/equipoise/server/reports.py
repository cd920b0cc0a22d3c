"""Where results come from in this process: the desk for them, over the warehouse of the settings."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Lock

from equipoise.analysis.question import Facts, Question
from equipoise.application.lake import DataFile, Warehouse
from equipoise.application.queries import Library
from equipoise.application.results import ResultsDesk
from equipoise.config import Settings
from equipoise.events.segments import waiting_since
from equipoise.server.places import journal_path, lake_at
from equipoise.server.problems import Unstartable


def warehouse_of(settings: Settings) -> "WhenAsked":
    """An engine in this process, over the lake of the settings. raises Unstartable"""
    return WhenAsked(folder_of(settings))


def results_of(settings: Settings, library: Library, warehouse: Warehouse | None = None) -> ResultsDesk:
    """The desk for results. raises Unstartable"""
    waiting = partial(waiting_since, journal_path(settings))
    return ResultsDesk(library, warehouse or warehouse_of(settings), waiting)


class WhenAsked:
    """The engine over a lake, imported and opened for the first question: a start does not wait for it."""

    def __init__(self, lake: Path) -> None:
        self._lake, self._opening = lake, Lock()
        self._engine: Warehouse | None = None

    def ask(self, question: Question, files: Sequence[DataFile]) -> Facts:
        """raises OSError where a file is gone, or cannot be read"""
        with self._opening:
            if self._engine is None:
                from equipoise.warehouse import DuckDb

                self._engine = DuckDb(self._lake)
        return self._engine.ask(question, files)

    def close(self) -> None:
        """Lets go of the engine: what is left of one when its process ends fills the log with complaints."""
        with self._opening:
            self._engine = None


def folder_of(settings: Settings) -> Path:
    """The folder of the lake. raises Unstartable where it is none"""
    lake = lake_at(settings)
    if lake.filesystem.type_name != "local":
        raise Unstartable(
            f"Results cannot be read from {settings.lake} yet.",
            "Keep the lake in a folder: --lake file:///PATH, or a path.",
        )
    return Path(lake.base)
