"""What can be wrong with a store, as a sentence and a next step; and what a driver's error means."""

from sqlalchemy.exc import DBAPIError

from equipoise.application.ports import LostRace

# serialization failure, deadlock, lock time-out: another transaction came first
_LOST = frozenset({"40001", "40P01", "55P03"})


class Unusable(Exception):
    """The store cannot be used as it is.

    sentence   what is wrong, for people
    next_step  what to do about it
    """

    def __init__(self, sentence: str, next_step: str) -> None:
        self.sentence, self.next_step = sentence, next_step
        super().__init__(f"{sentence} {next_step}")


class Newer(Unusable):
    """The database was written by a later release."""

    def __init__(self, found: str, known: str) -> None:
        self.found, self.known = found, known
        super().__init__(
            f"The database is of version {found}, which is newer than this release knows ({known}).",
            "Install the release that wrote it, or restore a backup made by this one.",
        )


class Unmigrated(Unusable):
    """The database is older than this release, or has no tables yet."""

    def __init__(self, found: str | None, known: str) -> None:
        self.found, self.known = found, known
        super().__init__(
            f"The database is of version {found or 'none'}, and this release needs {known}.",
            "Run `equipoise migrate`; it makes a backup first.",
        )


class Forbidding(Unusable):
    """PostgreSQL lets nobody make tables but the owner of a database, since version 15."""

    def __init__(self, database: str | None) -> None:
        super().__init__(
            f"This user may not create tables in database {database}.",
            "Let it own the database, or GRANT CREATE ON SCHEMA public to it.",
        )


def forbidden(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "42501"


def lost_race(error: DBAPIError) -> bool:
    """Whether trying again may help: nothing is committed, and what stood in the way will pass."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _LOST


def race(error: DBAPIError) -> LostRace:
    lost = LostRace()
    lost.__cause__ = error
    return lost


def unusable(where: str, error: DBAPIError) -> Unusable:
    """A store that cannot be opened, in words."""
    said = str(error.orig).strip().split("\n")[0]
    if "not a database" in said:
        return Unusable(f"{where} is no SQLite database.", "Name another folder, or move that file away.")
    if "locked" in said:
        return Unusable(f"{where} is locked by another program.", "Close that program, then try again.")
    if "readonly" in said or "unable to open" in said:
        return Unusable(
            f"{where} cannot be written.", "Make the folder writable for this user, or name another."
        )
    return Unusable(f"{where} does not answer: {said}.", "Check the address, and that it runs.")
