"""Our arm and reason are the published client's, whatever the flags and contexts."""

from random import Random
from typing import Any

import pytest

from equipoise.evaluation.context import context
from equipoise.evaluation.machine import Machine
from tests.evaluation import random_data
from tests.evaluation.answers import Both, alike, plain, reason_document
from tests.evaluation.published import Published
from tests.evaluation.wire import ruleset
from tests.summaries import SUMMARY

FLAGS = 50
UNITS = 400
UNITS_FULL = 20_000


def _seeded(seed: int) -> dict[str, Any]:
    return random_data.data(Random(seed), FLAGS)


@pytest.mark.parametrize("seed", range(2))
def test_every_arm_and_reason_is_the_published_clients(seed: int) -> None:
    data = _seeded(seed)
    both, published, random = Both(ruleset(data), plain), Published(data), Random(seed)
    reasons = set()
    for document in (random_data.context(random) for _ in range(UNITS)):
        ours = context(document)
        for key in data["flags"]:
            decision, told = both.decided(key, ours, "default")
            (value, variation, reason), theirs = published.decided(key, document, "default")
            assert alike(decision.value, value), (key, document)
            assert (decision.variation, reason_document(decision.reason)) == (variation, reason), document
            assert [(each, served.variation, by) for each, served, by in told] == theirs
            reasons.add((reason["kind"], reason.get("inExperiment", False)))
    assert reasons >= {
        ("ERROR", False),
        ("OFF", False),
        ("TARGET_MATCH", False),
        ("PREREQUISITE_FAILED", False),
        ("RULE_MATCH", False),
        ("RULE_MATCH", True),
        ("FALLTHROUGH", False),
        ("FALLTHROUGH", True),
    }


@pytest.mark.full
def test_twenty_thousand_contexts_agree_on_each_of_fifty_flags(record_property: Any) -> None:
    data = _seeded(3141)
    machine, published, random = Machine(ruleset(data), plain), Published(data), Random(59)
    arms = 0
    for document in (random_data.context(random) for _ in range(UNITS_FULL)):
        ours = context(document)
        for key in data["flags"]:
            decision = machine.decide(key, ours)
            _, variation, reason = published.decide(key, document)
            assert (decision.variation, reason_document(decision.reason)) == (variation, reason), document
            arms += decision.reason.in_experiment
    assert arms > UNITS_FULL
    record_property(
        SUMMARY + "evaluation",
        f"{UNITS_FULL} contexts x {FLAGS} flags agree with the published client, {arms} in an experiment",
    )


def test_a_reference_that_leads_nowhere_is_an_error_for_every_context() -> None:
    """The published client in Python overlooks it where the context lacks the kind; the one in Go does
    not, and we side with that: a malformed flag serves no arm."""
    clause = {"contextKind": "org", "attribute": "/a//b", "op": "in", "values": ["x"]}
    flag = {
        "key": "bad",
        "version": 1,
        "on": True,
        "variations": ["a"],
        "fallthrough": {"variation": 0},
        "rules": [{"id": "r", "clauses": [clause], "variation": 0}],
    }
    data = {"flags": {"bad": flag}, "segments": {}}
    decision = Both(ruleset(data)).decide("bad", context({"kind": "user", "key": "u"}), "default")
    assert (decision.value, decision.variation) == ("default", None)
    assert reason_document(decision.reason) == {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}
    assert Published(data).decide("bad", {"kind": "user", "key": "u"})[1] == 0
