"""Commands in this process: what they print, and how they end."""

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
import typer

from equipoise import __version__, server
from equipoise.application.authentication import authenticate, holder
from equipoise.cli import app
from equipoise.config import Settings
from equipoise.domain.token.state import ACTS
from equipoise.storage import keyfile, open_store
from tests.cli.typed import Run

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
TOKEN = "api-" + "t" * 43
HERE = ("--project", "default", "--environment", "test")


@pytest.fixture
def data(tmp_path: Path) -> str:
    """The folder of an instance that was started once."""
    server.prepare(Settings(data=tmp_path / "data", admin_token=TOKEN))
    return str(tmp_path / "data")


def documented(run: Run, *arguments: str) -> Any:
    status, out, err = run(*arguments, "--json")
    assert status == 0, err
    return json.loads(out)


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version") == (0, f"equipoise {__version__}\n", "")


def test_a_token_is_printed_with_what_an_oauth_client_needs(run: Run, data: str) -> None:
    status, out, _ = run("token", "create", *HERE, "--role", "writer", "--name", "ci", "--data", data)
    assert status == 0
    secret, id = re.findall(r"^(?:secret|client id) +(\S+)$", out, re.MULTILINE)
    assert f"client secret  {secret}\n" in out
    store = open_store(Path(data))
    with store.read() as reader:
        token = holder(reader, secret, server.clock())
    store.close()
    assert (token.id, token.role, token.environment, token.acts) == (id, "writer", "test", ())


def test_a_lost_admin_token_is_replaced_by_whoever_can_open_the_store(run: Run, data: str) -> None:
    status, out, _ = run("token", "create", "--role", "admin", "--data", data, "--json")
    assert status == 0
    secret = json.loads(out)["secret"]
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        principal = authenticate(reader, instance.vault, secret, 0)
    assert (principal.role, principal.project, principal.environment) == ("admin", "", "")
    status, _, err = run("token", "create", "--environment", "test", "--role", "admin", "--data", data)
    assert (status, "--project" in err) == (1, True)


def test_a_token_is_narrowed_to_the_acts_that_are_said(run: Run, data: str) -> None:
    narrowed = ("--act", "delete", "--act", "read", "--act", "delete")
    made = documented(run, "token", "create", *HERE, "--role", "writer", *narrowed, "--data", data)
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        assert holder(reader, made["secret"], server.clock()).acts == ("delete", "read")
    for act in ACTS:
        documented(run, "token", "create", *HERE, "--role", "writer", "--act", act, "--data", data)
    assert run("token", "create", *HERE, "--role", "admin", "--act", "administer", "--data", data)[0] == 2


def test_each_table_has_its_document(run: Run, data: str, tmp_path: Path) -> None:
    made = documented(run, "token", "create", *HERE, "--role", "reader", "--data", data)
    assert made.keys() == {"secret", "client_id", "client_secret"}
    keys = documented(run, "sdk-key", "show", *HERE, "--data", data)
    assert keys["server_key"].startswith("sdk-")
    for kind, name in (("server", "server_key"), ("mobile", "mobile_key"), ("client", "client_side_id")):
        assert run("sdk-key", "show", "--kind", kind, *HERE, "--data", data)[1] == f"{keys[name]}\n"
    assert keys["mobile_key"].startswith("mob-")
    assert re.fullmatch("[0-9a-f]{24}", keys["client_side_id"])
    assert documented(run, "backup", "--to", str(tmp_path / "b"), "--data", data)["rows"] > 0
    assert documented(run, "migrate", "--data", data)["migrated"] == "nothing to do"


def test_an_environment_that_is_not_there_is_answered_with_those_that_are(run: Run, data: str) -> None:
    asked = ("--project", "default", "--environment", "nope", "--data", data)
    for command in (("sdk-key", "show"), ("token", "create", "--role", "reader")):
        status, out, err = run(*command, *asked)
        assert (status, out) == (1, "")
        assert "“nope”" in err
        assert "Next: There are default/production, default/test." in err


@pytest.mark.parametrize(
    "command",
    [
        ("token", "create", *HERE, "--role", "reader"),
        ("sdk-key", "show", *HERE),
        ("backup", "--to", "b"),
        ("migrate",),
    ],
)
def test_without_a_store_the_next_step_is_to_start_one(command: tuple[str, ...], run: Run) -> None:
    status, _, err = run(*command)
    assert status == 1
    assert "There is no store at" in err
    assert "Next: Start one with `equipoise serve`" in err
    assert list(Path.cwd().iterdir()) == []


def test_a_backup_is_restored_into_a_new_folder_and_works_there_with_its_key(
    run: Run, data: str, tmp_path: Path
) -> None:
    keys = documented(run, "sdk-key", "show", *HERE, "--data", data)
    file, other = str(tmp_path / "b.gz"), tmp_path / "other"
    documented(run, "backup", "--to", file, "--data", data)
    documented(run, "restore", "--from", file, "--data", str(other))
    status, _, err = run("sdk-key", "show", *HERE, "--data", str(other))
    assert status == 1
    assert "The secret key of this store is not here." in err
    (other / keyfile.NAME).write_text((Path(data) / keyfile.NAME).read_text())
    assert documented(run, "sdk-key", "show", *HERE, "--data", str(other)) == keys


def test_a_store_that_holds_something_is_not_restored_into(run: Run, data: str, tmp_path: Path) -> None:
    documented(run, "backup", "--to", str(tmp_path / "b"), "--data", data)
    status, _, err = run("restore", "--from", str(tmp_path / "b"), "--data", data)
    assert status == 1
    assert "The store is not empty." in err


def test_files_and_folders_that_are_not_there_are_sentences(run: Run, data: str) -> None:
    assert "There is no file none" in run("restore", "--from", "none", "--data", data)[2]
    assert "There is no folder" in run("backup", "--to", "none/b", "--data", data)[2]


def test_settings_that_cannot_be_are_all_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIPOISE_THREADS", "none")
    status, _, err = run("serve", "--port", "70000")
    assert status == 1
    assert "EQUIPOISE_THREADS: must be a number" in err
    assert "--port: must be a number <= 65535" in err


def test_what_is_misspelled_ends_with_two(run: Run) -> None:
    assert run("srve")[0] == 2
    assert run("token", "create", *HERE, "--role", "owner")[0] == 2


def test_what_nobody_foresaw_is_still_no_traceback(
    run: Run, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(server.instance, "unlock", breaks)
    status, _, err = run("sdk-key", "show", *HERE, "--data", data)
    assert status == 1
    assert err.startswith("We did not foresee this: RuntimeError: the sky fell")
    assert "Traceback" not in err


def test_a_newer_database_is_a_sentence(run: Run, data: str) -> None:
    age(data, "9999")
    for command in (("serve", "--port", "0"), ("migrate",), ("sdk-key", "show", *HERE)):
        status, _, err = run(*command, "--data", data)
        assert status == 1
        assert "newer than this release knows" in err
        assert "Next: Install the release that wrote it" in err


def test_a_taken_port_is_a_sentence_and_makes_nothing(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, out, err = run("serve", "--port", port)
    assert (status, out) == (1, "")
    assert "cannot be listened on: Address already in use" in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    status, _, err = run("serve", "--port", "0", "--data", "plain")
    assert status == 1
    assert "cannot be written" in err
    assert "Traceback" not in err


def age(data: str, version: str) -> None:
    """Makes the database one of another release."""
    from sqlalchemy import text

    store = open_store(Path(data))
    with store.exclusive() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    store.close()


def commands() -> list[tuple[str, list[str]]]:
    """Every command with its options, as the program itself knows them."""
    root: Any = typer.main.get_command(app)
    found = []
    for name, command in root.commands.items():
        for path, each in [(f"{name} {sub}", c) for sub, c in getattr(command, "commands", {}).items()] or [
            (name, command)
        ]:
            options = [option for parameter in each.params for option in parameter.opts]
            found.append((path, [option for option in options if option.startswith("--")]))
    return found


@pytest.mark.parametrize(("path", "options"), commands())
def test_the_reference_has_every_command_and_every_option(path: str, options: list[str]) -> None:
    _, heading, after = REFERENCE.read_text().partition(f"## `equipoise {path}`\n")
    assert heading, f"docs/reference/command-line.md misses {path}"
    section = after.partition("\n## ")[0]
    missing = [each for each in options if each not in section and f"--no-{each[2:]}" not in section]
    assert missing == [], f"docs/reference/command-line.md misses {missing} of {path}"


def test_the_reference_has_no_command_that_is_gone() -> None:
    named = set(re.findall(r"^## `equipoise ([a-z][a-z -]+)`$", REFERENCE.read_text(), re.MULTILINE))
    assert named == {path for path, _ in commands()}
