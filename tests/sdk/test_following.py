"""How a client comes by its ruleset, and keeps it when the server does not."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.evaluation.document import FORMAT, Changes
from equipoise.sdk import Client, Fault, State, Status
from tests.sdk.conftest import QUICK, Connect, eventually
from tests.sdk.rules import flag, rules
from tests.sdk.server import KEY, FakeServer


def test_by_stream_it_has_the_whole_ruleset_and_then_each_change(
    server: FakeServer, connect: Connect
) -> None:
    client = connect()
    assert client.wait_ready(20)
    eventually(lambda: client.status.state is State.STREAMING)
    changed: list[frozenset[str]] = []
    end = client.on_change(changed.append)
    server.change(Changes({"second": flag("second", 2)}))
    eventually(lambda: client.variation("second", "anna") == 2)
    server.change(Changes(gone_flags=("second",)))
    eventually(lambda: client.variation("second", "anna", "gone") == "gone")
    end()
    server.serve(rules(flag(value=3)))
    eventually(lambda: client.variation("checkout", "anna") == 3)
    assert changed == [{"second"}, {"second"}]
    assert server.asked == ["stream"]


def test_without_streams_it_polls_and_takes_nothing_twice(server: FakeServer, connect: Connect) -> None:
    client = connect(stream=False)
    assert client.wait_ready(20)
    eventually(lambda: len(server.tags) > 2)
    assert client.status.state is State.POLLING
    assert server.tags[0] == ""
    assert all(server.tags[1:])
    server.ruleset = rules(flag(value=2))
    eventually(lambda: client.variation("checkout", "anna") == 2)
    assert "stream" not in server.asked


def test_a_stream_that_ends_is_opened_again_and_says_everything(server: FakeServer, connect: Connect) -> None:
    client = connect()
    assert client.wait_ready(20)
    eventually(lambda: server.streams)
    server.ruleset = rules(flag(value=2))
    server.hang_up()
    eventually(lambda: client.variation("checkout", "anna") == 2)
    assert server.asked.count("stream") >= 2


def test_a_stream_that_falls_silent_is_given_up(server: FakeServer, connect: Connect) -> None:
    client = connect(timing=replace(QUICK, silence=0.05))
    eventually(lambda: server.asked.count("stream") >= 2)
    assert client.variation("checkout", "anna") is True


def test_where_streams_fail_it_polls_and_goes_back_to_streams_when_they_work(
    server: FakeServer, connect: Connect
) -> None:
    """The first poll comes at once, so that there is something to evaluate. However long a stream was waited
    for in vain, it has not worked."""
    server.refusing["stream"] = (503, "")
    client = connect(timing=replace(QUICK, steady=0.0))
    eventually(lambda: len(server.asked) >= 5)
    assert server.asked[:5] == ["stream", "ruleset", "stream", "stream", "ruleset"]
    eventually(lambda: client.status.state is State.POLLING)
    del server.refusing["stream"]
    eventually(lambda: client.status.state is State.STREAMING)


def test_what_was_held_is_served_while_the_server_is_away(server: FakeServer, connect: Connect) -> None:
    client = connect()
    assert client.wait_ready(20)
    server.refusing |= dict.fromkeys(("stream", "ruleset"), (503, "1"))
    eventually(lambda: server.streams)
    server.hang_up()
    eventually(lambda: client.status.state is State.INTERRUPTED)
    assert "503" in client.status.problem or "ended" in client.status.problem
    assert client.variation("checkout", "anna") is True
    server.refusing.clear()
    eventually(lambda: client.status.state in (State.STREAMING, State.POLLING))
    assert client.status.problem == ""


def test_a_key_that_is_nobody_s_is_said_and_never_the_key(connect: Connect) -> None:
    client = connect("sdk-nobody")
    eventually(lambda: client.status.problem)
    status = client.status
    assert (status.state, status.ready) == (State.STARTING, False)
    assert "nobody with this SDK key" in status.problem
    assert "sdk-nobody" not in status.problem
    assert client.detail("checkout", "anna", "mine").reason.error is Fault.CLIENT_NOT_READY


@pytest.mark.parametrize(
    ("key", "looks"),
    [
        ("mob-1234", "a mobile key"),
        ("api-1234", "an access token"),
        ("0123456789abcdef01234567", "a client-side id"),
    ],
)
def test_a_key_of_another_kind_is_told_by_its_looks(connect: Connect, key: str, looks: str) -> None:
    client = connect(key)
    eventually(lambda: client.status.problem)
    assert f"which looks like {looks}; `equipoise sdk-key show --kind server`" in client.status.problem


def test_an_address_with_too_much_behind_it_is_said(server: FakeServer) -> None:
    server.refusing |= dict.fromkeys(("stream", "ruleset"), (404, ""))
    with Client(KEY, server.url + "/api/v2") as client:
        eventually(lambda: client.status.problem)
        assert f"{server.url}/api/v2 answered 404; is there too much" in client.status.problem


def test_a_password_in_an_address_is_not_said(server: FakeServer) -> None:
    with Client(KEY, server.url.replace("http://", "http://user:hidden@")) as client:
        eventually(lambda: client.status.problem)
        assert server.url in client.status.problem
        assert "hidden" not in client.status.problem


def test_a_newer_format_is_refused_with_what_to_do_and_taken_for_nothing(
    server: FakeServer, connect: Connect
) -> None:
    client = connect()
    assert client.wait_ready(20)
    eventually(lambda: server.streams)
    server.document = b'{"format":%d,"flags":[]}' % (FORMAT + 1)
    server.hang_up()
    eventually(lambda: "upgrade" in client.status.problem)
    assert client.variation("checkout", "anna") is True
    server.document = b""
    eventually(lambda: client.status.state is State.STREAMING or client.status.state is State.POLLING)


def test_a_change_that_cannot_be_read_is_not_taken_in_part(server: FakeServer, connect: Connect) -> None:
    client = connect()
    assert client.wait_ready(20)
    eventually(lambda: server.streams)
    server.say(b'event: patch\ndata: {"format":1,"flags":{"checkout":{"key":7}}}\n\n')
    eventually(lambda: server.asked.count("stream") >= 2)
    assert client.variation("checkout", "anna") is True


def test_each_status_is_told_once(server: FakeServer, connect: Connect) -> None:
    told: list[Status] = []
    client = connect(timing=replace(QUICK, backoff=0.2, backoff_max=0.2))
    client.on_status(lambda _: 1 / 0)
    client.on_status(told.append)
    assert client.wait_ready(20)
    eventually(lambda: server.streams)
    server.hang_up()
    eventually(lambda: [each.state for each in told][-2:] == [State.INTERRUPTED, State.STREAMING])


def test_a_listener_that_fails_stops_nothing(server: FakeServer, connect: Connect) -> None:
    client = connect()
    assert client.wait_ready(20)
    eventually(lambda: server.streams)
    changed: list[Any] = []
    client.on_change(lambda _: 1 / 0)
    client.on_change(changed.append)
    server.serve(rules(flag(value=2)))
    eventually(lambda: changed)


def test_it_closes_at_once_while_a_stream_is_silent(server: FakeServer, connect: Connect) -> None:
    client = connect()
    assert client.wait_ready(20)
    eventually(lambda: server.streams)
    threads = client._threads
    client.close()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert client.status.state is State.CLOSED
    assert client.variation("checkout", "anna") is True
