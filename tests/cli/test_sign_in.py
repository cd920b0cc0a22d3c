"""`equipoise sign-in`, and the link that a start prints."""

import json
import re
from pathlib import Path

import httpx
import pytest

from equipoise import server
from equipoise.cli.sign_in import address, in_url, link
from equipoise.config import Settings
from tests.cli.typed import typed
from tests.served import Place, serving

TOKEN = "api-" + "t" * 43
WISHED = "/ui/projects/default/environments/test/experiments"


def enter(url: str) -> httpx.Response:
    """What a browser does with a link: opens it, and presses its button."""
    origin = "/".join(url.split("/")[:3])
    with httpx.Client(headers={"Origin": origin}) as client:
        assert "Sign in" in client.get(url).text
        path, _, wished = url.partition("?next=")
        entered = client.post(path, data={"next": wished})
        assert entered.status_code == 303, entered.text
        return client.get(origin + entered.headers["location"], follow_redirects=True)


def test_links_work_beside_a_running_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = Place(tmp_path / "data")
    with serving(place, "--workers", "2") as running:
        (printed,) = re.findall(r"^Open (\S+)", running.log.read_text(), re.MULTILINE)
        assert printed.startswith(f"{running.url}/ui/sign-in/")
        assert "No experiment yet" in enter(printed).text
        status, out, err = typed(capsys, "sign-in", "--data", str(place.data), "--then", WISHED)
        assert (status, err) == (0, "")
        landed = enter(out.strip().splitlines()[-1])
        assert landed.url.path == WISHED
        again = httpx.post(printed, headers={"Origin": running.url})
        assert again.status_code == 403
        home = httpx.get(running.url, headers={"Accept": "text/html"}, follow_redirects=True)
        assert home.url.path == "/ui/sign-in"


def test_where_no_server_runs_an_address_is_called_a_guess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.prepare(Settings(data=tmp_path / "data", admin_token=TOKEN))
    asked = ("sign-in", "--data", str(tmp_path / "data"))
    status, out, err = typed(capsys, *asked)
    assert status == 0
    assert "http://127.0.0.1:8080/ui/sign-in/" in out
    assert "No server runs from this folder, so http://127.0.0.1:8080 is a guess." in err
    assert typed(capsys, *asked, "--port", "9000")[2] == ""


def test_a_link_is_one_document_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    server.prepare(Settings(data=data, admin_token=TOKEN))
    said = ("sign-in", "--data", str(data), "--url", "https://here.example/", "--json")
    status, out, err = typed(capsys, *said)
    assert status == 0, err
    made = json.loads(out)
    assert re.fullmatch(r"https://here\.example/ui/sign-in/[\w-]{43}", made["url"])
    assert made["valid_minutes"] == 60


def test_a_link_begins_with_the_public_address_unless_another_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.prepare(Settings(data=tmp_path / "data", admin_token=TOKEN))
    monkeypatch.setenv("EQUIPOISE_PUBLIC_URL", "https://flags.example/base/")
    asked = ("sign-in", "--data", str(tmp_path / "data"), "--json")
    for more, expected in (
        ((), "https://flags.example/base/ui/sign-in/"),
        (("--url", "https://here.example"), "https://here.example/ui/sign-in/"),
    ):
        assert json.loads(typed(capsys, *asked, *more)[1])["url"].startswith(expected)


def test_without_a_store_the_next_step_is_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = typed(capsys, "sign-in", "--data", str(tmp_path / "nowhere"))
    assert (status, out) == (1, "")
    assert "equipoise serve" in err


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("[::1]", "http://[::1]:8080"),
        ("shop.example", "http://shop.example:8080"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, expected: str) -> None:
    assert address(Settings(host=host)) == expected


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_a_host_has_brackets_in_a_url_once(host: str) -> None:
    assert in_url(host) == "[::1]"


def test_a_link_says_where_it_leads() -> None:
    made = link(Settings(), "code", then="/ui/projects/a b/x?q=1&page=2")
    assert made.endswith("/ui/sign-in/code?next=/ui/projects/a%20b/x%3Fq%3D1%26page%3D2")
