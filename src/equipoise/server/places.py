"""Where events go: the journal of the data folder, and the lake."""

from pathlib import Path

from equipoise.config import Settings
from equipoise.events.journal import FileJournal
from equipoise.events.parquet import Lake
from equipoise.server.problems import Unstartable


def journal_path(settings: Settings) -> Path:
    """Where the journal is, or will be."""
    return settings.data / "journal"


def journal_folder(settings: Settings) -> Path:
    """The folder of the journal, made if need be. raises Unstartable"""
    folder = journal_path(settings)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unstartable(
            f"{folder} cannot be made: {error.strerror}.",
            "Make the data folder writable for this user, or name another with --data.",
        ) from error
    return folder


def journal_of(settings: Settings) -> FileJournal:
    """The journal of this process. raises Unstartable"""
    return FileJournal(journal_folder(settings), settings.journal_bytes_max)


def lake_at(settings: Settings) -> Lake:
    """The lake of the settings. raises Unstartable"""
    where = settings.lake or settings.data / "lake"
    try:
        return Lake.at(where)
    except (OSError, ValueError) as error:
        raise Unstartable(
            f"The lake {where} cannot be used: {error}.", "Name a folder, or a URL such as file:///PATH."
        ) from error
