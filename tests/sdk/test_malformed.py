import logging
from typing import Any

import pytest

from equipoise.evaluation import linear
from equipoise.evaluation.linear import NOT_INSTALLED
from equipoise.evaluation.ruleset import Clause, Rule, Ruleset
from equipoise.sdk import Client, Fault
from tests.sdk.rules import flag, needing, rules

BACKTRACKING = Rule("r", (Clause("user", ("key",), "matches", ("(n+)+a$",)),), 1)


@pytest.fixture
def no_re2(monkeypatch: pytest.MonkeyPatch) -> Any:
    """As where it is not installed."""
    linear.linear_matcher.cache_clear()
    monkeypatch.setattr(linear, "engine", lambda: None)
    yield
    linear.linear_matcher.cache_clear()


def serving(ruleset: Ruleset) -> Client:
    client = Client()
    client._held.replace(ruleset)
    return client


def test_a_pattern_left_to_re2_serves_the_default_and_the_log_says_once_what_to_install(
    no_re2: None, caplog: pytest.LogCaptureFixture
) -> None:
    client = serving(rules(flag(rules=(BACKTRACKING,)), needing("next", "checkout")))
    with caplog.at_level(logging.WARNING, "equipoise.sdk"):
        for _ in range(3):
            decision = client.detail("checkout", "anna", "mine")
            assert (decision.value, decision.reason.error) == ("mine", Fault.MALFORMED_FLAG)
        assert client.variation("next", "anna", "mine") == "mine"
    said = [f"flag {key} serves the default: {NOT_INSTALLED}" for key in ("checkout", "next")]
    assert caplog.messages == said


def test_with_re2_it_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    client = serving(rules(flag(rules=(BACKTRACKING,))))
    assert client.detail("checkout", "anna").reason.rule_id == "r"
    assert client.detail("checkout", "otto").reason.error is None
    assert caplog.messages == []


def test_a_flag_that_serves_nothing_there_is_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "equipoise.sdk"):
        assert serving(rules(flag(fallthrough=9))).variation("checkout", "anna", "mine") == "mine"
    assert caplog.messages == ["flag checkout serves the default: it, or what it leads to, makes no sense"]
