"""What clients are set up with."""

import ast

import pytest

from equipoise.application.clients import Client, filled
from equipoise.application.connecting import ago
from equipoise.server import abroad_here

CLIENTS = abroad_here().clients

SAID = {
    "url": "https://flags.example/base",
    "server_key": "sdk-server",
    "mobile_key": "mob-mobile",
    "client_key": "0123456789abcdef01234567",
    "project": "shop",
    "environment": "production",
}
KEYS = {"server": "sdk-server", "mobile": "mob-mobile", "client": "0123456789abcdef01234567"}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_code_is_filled_in_with_the_kind_of_key_that_the_client_takes(client: Client) -> None:
    code = filled(client, SAID)
    assert SAID["url"] in code
    assert "$" not in code
    held = {kind for kind, key in KEYS.items() if key in code}
    assert held == ({client.key.value} if client.key else set())


@pytest.mark.parametrize(
    "client", [each for each in CLIENTS if each.install.startswith("pip")], ids=lambda client: client.name
)
def test_code_in_python_is_python(client: Client) -> None:
    ast.parse(filled(client, SAID))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_code_of_a_server_sends_what_waits_before_it_ends(client: Client) -> None:
    code = filled(client, SAID)
    if client.name.startswith(("launchdarkly-", "equipoise-")) and "sdk-server" in code:
        assert any(
            word in code for word in ("close()", "Close()", "client.close", "using var", "with Client")
        )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (12, "12 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")],
)
def test_how_long_ago_is_said_in_one_figure(seconds: int, said: str) -> None:
    assert ago(1_000_000, 1_000_000 + seconds * 1_000) == f"{said} ago"
