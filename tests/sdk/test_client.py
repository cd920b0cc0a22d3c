"""What a client answers, with a server, without one, and from a file."""

import logging
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from equipoise.evaluation.document import encode
from equipoise.sdk import Client, Fault, State, Why
from tests.sdk.conftest import Connect, eventually
from tests.sdk.rules import flag, rules, tried
from tests.sdk.server import KEY, FakeServer


def test_before_there_is_a_ruleset_the_default_is_served_and_the_reason_says_so() -> None:
    client = Client(KEY, "http://127.0.0.1:9")
    decision = client.detail("checkout", "anna", "mine")
    assert (decision.value, decision.variation) == ("mine", None)
    assert decision.reason.error is Fault.CLIENT_NOT_READY
    assert client.variation("checkout", "anna") is None
    assert client.all("anna") == {}
    assert client.wait_ready(0) is False
    client.track("purchase", "anna")
    assert client.flush() is True
    client.close()


def test_a_decision_is_value_variation_reason_and_version() -> None:
    client = Client.fixed({"checkout": "two steps"})
    decision = client.detail("checkout", "anna", "mine")
    assert (decision.value, decision.variation, decision.version) == ("two steps", 0, 1)
    assert decision.reason.kind is Why.FALLTHROUGH
    assert {key: each.value for key, each in client.all("anna").items()} == {"checkout": "two steps"}


@pytest.mark.parametrize(
    ("key", "context", "fault"),
    [
        ("nothing", "anna", Fault.FLAG_NOT_FOUND),
        ("checkout", "", Fault.USER_NOT_SPECIFIED),
        ("checkout", None, Fault.USER_NOT_SPECIFIED),
        ("checkout", {"kind": "user"}, Fault.USER_NOT_SPECIFIED),
        (["checkout"], "anna", Fault.EXCEPTION),
    ],
)
def test_nothing_that_is_asked_raises(key: Any, context: Any, fault: Fault) -> None:
    decision = Client.fixed({"checkout": True}).detail(key, context, "mine")
    assert (decision.value, decision.reason.error) == ("mine", fault)


def test_a_client_without_a_key_talks_to_nobody_and_records_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_bytes(encode(rules(tried())))
    with Client(file=path) as client:
        assert client.detail("checkout", "anna").reason.in_experiment
        client.track("purchase", "anna")
        assert client.status.state is State.OFFLINE
        assert (client.status.ready, client.status.waiting) == (True, 0)


@pytest.mark.parametrize("text", [None, "nonsense", '{"format":9}'])
def test_a_file_that_cannot_be_read_is_a_problem_and_no_exception(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "rules.json"
    if text is not None:
        path.write_text(text)
    client = Client(file=path)
    client.start()
    assert "cannot be read" in client.status.problem
    assert client.detail("checkout", "anna").reason.error is Fault.CLIENT_NOT_READY


def test_the_last_ruleset_is_kept_and_starts_a_client_while_the_server_is_away(
    server: FakeServer, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "rules.json"
    first = connect(file=path)
    assert first.wait_ready(20)
    eventually(lambda: server.streams)
    server.serve(rules(flag(value=2)))
    eventually(lambda: first.variation("checkout", "anna") == 2)
    eventually(lambda: path.exists() and encode(rules(flag(value=2))) == path.read_bytes())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    server.refusing |= dict.fromkeys(("stream", "ruleset"), (503, ""))
    second = connect(file=path)
    assert second.wait_ready(0)
    assert second.variation("checkout", "anna") == 2
    eventually(lambda: second.status.problem)
    assert (second.status.state, second.status.ready) == (State.STARTING, True)
    assert [each.name for each in tmp_path.iterdir()] == ["rules.json"]


def test_a_file_that_cannot_be_written_stops_nothing(connect: Connect, tmp_path: Path) -> None:
    client = connect(file=tmp_path / "nowhere" / "rules.json")
    assert client.wait_ready(20)
    eventually(lambda: client.status.state is State.STREAMING)


def test_a_server_that_is_away_is_said_once_in_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with caplog.at_level(logging.WARNING, "equipoise.sdk"):
        client = Client("sdk-1", f"http://127.0.0.1:{port}")
        client.start()
        eventually(lambda: client.status.problem)
        client.close()
    (said,) = caplog.messages
    assert said.startswith(
        f"the client is starting: the server at http://127.0.0.1:{port} cannot be reached: "
    )


def test_who_has_neither_a_key_nor_a_file_is_told_how_to_come_by_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "equipoise.sdk"), Client("") as client:
        assert client.status.state is State.OFFLINE
        assert "`equipoise sdk-key show --kind server` prints it" in client.status.problem
    assert len(caplog.messages) == 1


def test_events_that_were_lost_are_counted_at_the_end(
    server: FakeServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    client = connect()
    assert client.wait_ready(20)
    server.refusing["events"] = (413, "")
    client.track("purchase", "anna")
    with caplog.at_level(logging.WARNING, "equipoise.sdk"):
        client.close()
    assert "closed with 1 events that the server does not have" in caplog.messages


def test_starting_and_closing_twice_is_doing_so_once(server: FakeServer, connect: Connect) -> None:
    client = connect()
    client.start()
    assert client.wait_ready(20)
    client.close()
    client.close()
    client.start()
    assert client.status.state is State.CLOSED
    assert server.asked.count("stream") == 1


def test_a_key_that_is_not_one_word_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="not one word") as refusal:
        Client(f"server key {KEY}")
    assert KEY not in str(refusal.value)


def test_a_line_end_behind_the_key_does_no_harm(server: FakeServer, connect: Connect) -> None:
    client = connect(key=f"{KEY}\n")
    assert client.wait_ready(5)
