"""Logs."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from equipoise.observability import logs


@pytest.fixture(autouse=True)
def _left_as_found() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def a_change(ending: str = "changed", **fields: object) -> None:
    said = {
        "dialect": "launchdarkly",
        "ending": ending,
        "principal": "p" * 24,
        "request": "r1",
        "seconds": 0.0125,
        "subjects": (("experiment default/production/checkout", 7), ("flag default/checkout", 3)),
    }
    logs.log_change(**{**said, **fields})  # type: ignore[arg-type]


def test_a_change_is_one_line_of_json_with_who_what_and_how_long() -> None:
    output = io.StringIO()
    logs.set_up("json", "info", output)
    a_change()
    (line,) = output.getvalue().splitlines()
    said = json.loads(line)
    assert {
        name: said[name] for name in ("event", "level", "dialect", "principal", "subject", "revision")
    } == {
        "event": "change",
        "level": "info",
        "dialect": "launchdarkly",
        "principal": "p" * 24,
        "subject": "experiment default/production/checkout",
        "revision": 7,
    }
    assert said["duration_ms"] == 12.5
    assert said["others"] == "flag default/checkout @3"


def test_a_change_is_one_readable_line_on_a_console() -> None:
    output = io.StringIO()
    logs.set_up("console", "info", output)
    a_change()
    (line,) = output.getvalue().splitlines()
    assert 'subject="experiment default/production/checkout" revision=7' in line


def test_what_changed_nothing_is_told_at_debug_alone() -> None:
    for level, lines in (("info", 0), ("debug", 2)):
        output = io.StringIO()
        logs.set_up("json", level, output)
        a_change("unchanged", subjects=())
        a_change("Refused", subjects=())
        assert len(output.getvalue().splitlines()) == lines


@pytest.mark.parametrize("format", ["json", "console"])
def test_no_secret_is_logged_by_name_or_in_a_trace(format: str) -> None:
    output = io.StringIO()
    logs.set_up(format, "info", output)
    structlog.get_logger("x").info("made", secret="s3cret", authorization="s3cret")
    local = "s3cret-" * 3
    try:
        raise ValueError(len(local))
    except ValueError:
        logging.getLogger("equipoise").exception("request %s failed", "r1", extra={"token": "s3cret"})
    said = output.getvalue()
    assert "s3cret" not in said
    assert "request r1 failed" in said
    assert "ValueError" in said
