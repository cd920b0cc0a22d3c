"""Where results come from in this process: the desk for them, over the warehouse of the settings."""

from pathlib import Path

from equipoise.application.queries import Library
from equipoise.application.results import ResultsDesk
from equipoise.config import Settings
from equipoise.server.places import lake_at
from equipoise.server.problems import Unstartable
from equipoise.warehouse import DuckDb


def results_of(settings: Settings, library: Library) -> ResultsDesk:
    """The desk for results, over an engine in this process. raises Unstartable"""
    return ResultsDesk(library, DuckDb(folder_of(settings)))


def folder_of(settings: Settings) -> Path:
    """The folder of the lake. raises Unstartable where it is none"""
    lake = lake_at(settings)
    if lake.filesystem.type_name != "local":
        raise Unstartable(
            f"Results cannot be read from {settings.lake} yet.",
            "Keep the lake in a folder: --lake file:///PATH, or a path.",
        )
    return Path(lake.base)
