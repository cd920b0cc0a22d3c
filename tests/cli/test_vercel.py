"""`equipoise vercel …` in this process."""

import io
import json
import re
from pathlib import Path

import pytest

from equipoise import server
from equipoise.application.administration import by_the_instance
from equipoise.application.authentication import authenticate
from equipoise.application.installations import uninstall_provider
from equipoise.application.ports import Entry, Query
from equipoise.application.sign_on import Client, exchanged
from equipoise.config import Settings
from equipoise.domain.change import Moment, apply
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Unknown
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.commands import Create
from tests.cli.typed import Run
from tests.domain.builders import a_resource

PUBLIC = "https://flags.example/base"


@pytest.fixture
def data(tmp_path: Path) -> str:
    """The folder of an instance that was started once."""
    server.prepare(Settings(data=tmp_path / "data", admin_token="api-" + "t" * 43))
    return str(tmp_path / "data")


def test_the_token_of_a_provider_stands_alone_on_the_last_line(run: Run, data: str) -> None:
    status, out, err = run("vercel", "install", "--id", "icfg_a", "--environment", "test", "--data", data)
    assert (status, err) == (0, "")
    token = out.splitlines()[-1]
    assert re.fullmatch(r"ins-[A-Za-z0-9_-]{43}", token)
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        principal = authenticate(reader, instance.vault, token, 0)
    assert (principal.territory, principal.name) == (Place("default", "test"), "icfg_a")


def test_a_provider_that_lost_its_token_gets_another_and_keeps_its_client(run: Run, data: str) -> None:
    first, second = (
        json.loads(run("vercel", "install", "--id", "icfg_a", "--data", data, "--json")[1]) for _ in range(2)
    )
    assert first["token"] != second["token"]
    assert {**first, "token": ""} == {**second, "token": ""}
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        for made in (first, second):
            assert authenticate(reader, instance.vault, made["token"], 0).name == "icfg_a"


def test_an_installation_is_bound_to_its_environment_for_ever(run: Run, data: str) -> None:
    asked = ("vercel", "install", "--id", "icfg_a", "--data", data)
    assert run(*asked)[0] == 0
    status, out, err = run(*asked, "--environment", "test")
    assert (status, out) == (1, "")
    assert "it is installed in default/production, for ever" in err
    assert "--project default --environment production" in err


def test_what_cannot_be_the_id_of_an_installation_is_refused(run: Run, data: str) -> None:
    for id in ("", "icfg a", "i" * 257):
        status, _, err = run("vercel", "install", "--id", id, "--data", data)
        assert (status, "must be 1 to 256 letters" in err) == (1, True)


def test_the_tokens_from_before_are_void_where_that_is_said(run: Run, data: str) -> None:
    asked = ("vercel", "install", "--id", "icfg_a", "--data", data, "--json")
    old, new = (json.loads(run(*asked, *more)[1])["token"] for more in ((), ("--revoke-others",)))
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        assert authenticate(reader, instance.vault, new, 0).name == "icfg_a"
        with pytest.raises(Unknown):
            authenticate(reader, instance.vault, old, 0)


def test_a_code_lets_in_the_member_that_is_named_or_the_first(run: Run, data: str) -> None:
    said = json.loads(run("vercel", "install", "--id", "icfg_a", "--data", data, "--json")[1])
    code = json.loads(run("vercel", "code", "--id", "icfg_a", "--data", data, "--json")[1])["code"]
    client = Client(said["client_id"], said["client_secret"])
    with server.opened(Settings(data=Path(data))) as instance:
        assert by_the_instance(instance.desk, exchanged(client, code)).member.role == "owner"
    status, _, err = run("vercel", "code", "--id", "icfg_a", "--member", "nobody", "--data", data)
    assert (status, "There is no member “nobody”." in err) == (1, True)
    member = re.search(r"^Next: There are ([0-9a-f]{24}) \(owner@localhost\)\.$", err, re.MULTILINE)
    assert member is not None, err
    assert run("vercel", "code", "--id", "icfg_a", "--member", member[1], "--data", data)[0] == 0


def test_a_connection_string_begins_with_the_public_address(
    run: Run, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("vercel", "install", "--id", "icfg_a", "--data", data)
    missing = run("vercel", "store", "--id", "icfg_a", "--resource", "shop", "--data", data)
    assert (missing[0], "There is no resource “shop”." in missing[2]) == (1, True)
    assert "Its provider imports the first" in missing[2]
    _plant_shop(Path(data))
    wrong = run("vercel", "store", "--id", "icfg_a", "--resource", "annex", "--data", data)
    assert "There are shop." in wrong[2]
    monkeypatch.setenv("EQUIPOISE_PUBLIC_URL", PUBLIC + "/")
    said = run("vercel", "store", "--id", "icfg_a", "--resource", "shop", "--data", data, "--json")[1]
    connection = json.loads(said)["connection_string"]
    assert connection == f"{PUBLIC}/ecfg_{a_resource().store}?token=cfg-secret"


def test_a_connection_string_follows_the_port_that_the_server_was_told(run: Run, data: str) -> None:
    run("vercel", "install", "--id", "icfg_a", "--data", data)
    _plant_shop(Path(data))
    asked = ("vercel", "store", "--id", "icfg_a", "--resource", "shop", "--data", data, "--json")
    status, out, err = run(*asked, "--port", "9191")
    assert (status, err) == (0, "")
    assert json.loads(out)["connection_string"].startswith("http://127.0.0.1:9191/ecfg_")
    status, out, err = run(*asked)
    assert json.loads(out)["connection_string"].startswith("http://127.0.0.1:8080/ecfg_")
    assert "http://127.0.0.1:8080" in err
    assert "--port" in err


def test_no_connection_string_leads_to_every_address_at_once(run: Run, data: str) -> None:
    run("vercel", "install", "--id", "icfg_a", "--data", data)
    _plant_shop(Path(data))
    asked = ("vercel", "store", "--id", "icfg_a", "--resource", "shop", "--data", data, "--json")
    out = run(*asked, "--host", "0.0.0.0", "--port", "9191")[1]
    assert json.loads(out)["connection_string"].startswith("http://127.0.0.1:9191/ecfg_")


@pytest.mark.parametrize("command", [("code",), ("store", "--resource", "shop")])
def test_who_names_an_installation_that_is_not_there_is_told_which_are(
    run: Run, data: str, command: tuple[str, ...]
) -> None:
    asked = ("vercel", *command, "--id", "icfg_c", "--data", data)
    status, _, err = run(*asked)
    assert (status, "There is no installation “icfg_c”." in err) == (1, True)
    assert "equipoise vercel install" in err
    for key in ("icfg_a", "icfg_b"):
        run("vercel", "install", "--id", key, "--data", data)
    assert "There are icfg_a, icfg_b." in run(*asked)[2]


def test_what_is_asked_of_an_uninstalled_provider_says_how_it_comes_back(run: Run, data: str) -> None:
    run("vercel", "install", "--id", "icfg_a", "--data", data)
    _uninstall(Path(data))
    _plant_shop(Path(data))
    for command in (("code",), ("store", "--resource", "shop")):
        status, out, err = run("vercel", *command, "--id", "icfg_a", "--data", data)
        assert (status, out) == (1, "")
        assert "installation icfg_a is uninstalled." in err
        assert "`equipoise vercel install --id icfg_a` brings it back." in err


def test_who_was_let_in_is_listed(run: Run, data: str) -> None:
    assert "equipoise vercel install" in run("vercel", "list", "--data", data)[1]
    assert json.loads(run("vercel", "list", "--data", data, "--json")[1]) == {"installations": []}
    run("vercel", "install", "--id", "icfg_a", "--data", data)
    made = run("vercel", "install", "--id", "icfg_b", "--environment", "test", "--data", data, "--json")[1]
    _plant_shop(Path(data))
    _uninstall(Path(data))
    status, out, err = run("vercel", "list", "--data", data)
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["icfg_a", "default/production", "uninstalled", "shop"],
        ["icfg_b", "default/test", "ready"],
    ]
    first, second = json.loads(run("vercel", "list", "--data", data, "--json")[1])["installations"]
    assert (first["id"], first["status"], first["resources"]) == ("icfg_a", "uninstalled", ["shop"])
    assert second["client_id"] == json.loads(made)["client_id"]


def test_a_provider_is_let_in_no_more_and_comes_back(run: Run, data: str) -> None:
    asked = ("--id", "icfg_a", "--data", data, "--json")
    old = json.loads(run("vercel", "install", *asked)[1])
    for _ in range(2):
        assert json.loads(run("vercel", "uninstall", *asked)[1]) == {"uninstalled": "icfg_a"}
    new = json.loads(run("vercel", "install", *asked)[1])
    assert (old["client_id"], old["client_secret"] == new["client_secret"]) == (new["client_id"], False)
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        assert authenticate(reader, instance.vault, new["token"], 0).name == "icfg_a"
        with pytest.raises(Unknown):
            authenticate(reader, instance.vault, old["token"], 0)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "deleted"), [("y", True), ("n", False), ("", False)])
def test_on_a_terminal_it_is_asked_whether_a_deletion_is_meant(
    run: Run, data: str, monkeypatch: pytest.MonkeyPatch, answer: str, deleted: bool
) -> None:
    asked = ("--id", "icfg_a", "--data", data, "--json")
    run("vercel", "install", *asked)
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    status, out, err = run("vercel", "delete", *asked)
    assert "Delete icfg_a with its resources (none) for good? [y/N]" in err
    assert (status == 0, out.strip()) == (deleted, '{"deleted":"icfg_a"}' if deleted else "")
    left = json.loads(run("vercel", "list", "--data", data, "--json")[1])["installations"]
    assert (left == []) is deleted


def test_what_is_deleted_is_gone_with_what_it_had(
    run: Run, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("--id", "icfg_a", "--data", data, "--json")
    run("vercel", "install", *asked)
    _plant_shop(Path(data))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    status, _, err = run("vercel", "delete", *asked)
    assert (status, "That deletes icfg_a with its resources (shop) for good." in err) == (1, True)
    assert "--yes" in err
    assert len(json.loads(run("vercel", "list", "--data", data, "--json")[1])["installations"]) == 1
    assert json.loads(run("vercel", "delete", *asked, "--yes")[1]) == {"deleted": "icfg_a"}
    assert json.loads(run("vercel", "list", "--data", data, "--json")[1]) == {"installations": []}
    with server.opened(Settings(data=Path(data))) as instance, instance.store.read() as reader:
        assert reader.select(RESOURCE, Query(INSTANCE, everywhere=True)).total == 0
    for command in ("delete", "uninstall"):
        status, _, err = run("vercel", command, *asked)
        assert (status, "There is no installation “icfg_a”." in err) == (1, True)


def _uninstall(data: Path) -> None:
    with server.opened(Settings(data=data)) as instance:
        uninstall_provider(instance.desk, "icfg_a")


def _plant_shop(data: Path) -> None:
    """A resource of the installation."""
    with server.opened(Settings(data=data)) as instance, instance.store.write() as transaction:
        key = SealedKey(instance.vault.seal("cfg-secret"), "ab" * 32)
        shop = a_resource(installation="icfg_a", provided="shop", environment="production", read_key=key)
        outcome = apply(RESOURCE, None, Create(shop), Moment(1, b"entropy"))
        transaction.settle([outcome], Entry(1, "test", "test"))
