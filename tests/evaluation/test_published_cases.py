"""The cases that every published client must pass, and the buckets that they must agree on."""

import json
from typing import Any

import pytest

from equipoise.evaluation.bucketing import bucket, digits, prefix
from equipoise.evaluation.context import context
from equipoise.evaluation.ruleset import (
    Clause,
    Keys,
    Prerequisite,
    Rollout,
    Rule,
    RuledFlag,
    Ruleset,
    Serve,
    Slot,
    Target,
)
from tests.contracts.launchdarkly import shared
from tests.evaluation.answers import Both, plain, reason_document
from tests.evaluation.wire import ruleset

FOLDER = shared()
# Eight cases are answered otherwise by every published client. We side with the clients:
TYPED = "strongly-typed"  # six ask for a type; that check belongs to the call that names one, not to us
CYCLE = "prerequisite cycle"  # two expect a default that they do not give; only their reason is compared

pytestmark = pytest.mark.skipif(FOLDER is None, reason="the contract files are not part of this clone")


def _read(name: str) -> Any:
    return json.loads((FOLDER / "contracts" / "ld-evaluation" / name).read_text()) if FOLDER else {}


SUITES = _read("expanded-server-side-eval.json").get("suites", [])
CASES = [(suite, case) for suite in SUITES for case in suite["evaluations"]]
BUCKETS = _read("bucketing-vectors.json")


def _as_read(decision: Any) -> dict[str, Any]:
    found = {"value": decision.value, "reason": reason_document(decision.reason)}
    return found if decision.variation is None else {**found, "variationIndex": decision.variation}


def test_the_cases_are_all_there() -> None:
    assert (len(CASES), len(BUCKETS["vectors"]), len(BUCKETS["flagCases"])) == (728, 84, 294)
    typed = [case for _, case in CASES if case["expect"]["reason"].get("errorKind") == "WRONG_TYPE"]
    cycles = [case for _, case in CASES if CYCLE in case.get("name", "") and "default" not in case]
    assert (len(typed), len(cycles)) == (6, 2)


@pytest.mark.parametrize(
    ("suite", "case"), CASES, ids=[f"{s['name']}: {c.get('name', n)}" for n, (s, c) in enumerate(CASES)]
)
def test_a_case_is_answered_as_published(suite: Any, case: Any) -> None:
    expected = dict(case["expect"])
    found = _as_read(
        Both(ruleset(suite["sdkData"])).decide(case["flagKey"], context(case["context"]), case.get("default"))
    )
    if expected["reason"].get("errorKind") == "WRONG_TYPE":
        assert suite["requireCapability"] == TYPED
        assert found["reason"]["kind"] != "ERROR"
        assert "variationIndex" in found
        return
    if CYCLE in case.get("name", "") and "default" not in case:
        assert found == {"value": None, "reason": expected["reason"]}
        return
    assert found == expected


@pytest.mark.parametrize("vector", BUCKETS.get("vectors", []), ids=lambda each: each["hashInput"])
def test_a_text_is_hashed_as_published(vector: Any) -> None:
    text = prefix(vector["key"], vector["salt"], vector["seed"]) + vector["value"]
    assert text == vector["hashInput"]
    assert digits(text) == int(vector["hex15"], 16)
    assert bucket(digits(text)) == vector["bucket"]


@pytest.mark.parametrize("case", BUCKETS.get("flagCases", []), ids=lambda each: each["name"])
def test_a_unit_falls_where_published(case: Any) -> None:
    flag = case["flag"]
    both = Both(ruleset({"flags": {flag["key"]: flag}}), plain)
    found = _as_read(both.decide(flag["key"], context(case["context"]), case["default"]))
    assert found == {name: each for name, each in case["expect"].items() if each is not None}


# What clients that do not evaluate are sent is a decision of ours; whether the type fits is their affair.

CLIENT_SUITES = _read("expanded-client-side-eval.json").get("suites", [])
CLIENT_CASES = [(suite, case) for suite in CLIENT_SUITES for case in suite["evaluations"]]
AS_SERVERS_SAY = {"prereqKey": "prerequisiteKey", "isExperiment": "inExperiment"}


def _deciding(key: str, sent: Any) -> RuledFlag:
    """A flag that is decided as an entry of a payload says."""
    at, reason = sent.get("variation", 0), sent.get("reason") or {"kind": "FALLTHROUGH"}
    experiment = reason.get("isExperiment", False)
    serve: Serve = Rollout((Slot(at, 100_000),), experiment=True) if experiment else at
    never = Rule("never", (Clause("user", ("key",), "in", ()),), None)
    kind = reason["kind"]
    return RuledFlag(
        key=key,
        version=sent.get("version", 1),
        on=kind != "OFF",
        salt="",
        variations=(*(None,) * at, sent["value"]),
        off_variation=at,
        fallthrough=serve if kind == "FALLTHROUGH" else None,
        targets=(Target(at, Keys(frozenset({"user-key"}))),) if kind == "TARGET_MATCH" else (),
        rules=(*[never] * reason["ruleIndex"], Rule(reason["ruleId"], (), serve))
        if kind == "RULE_MATCH"
        else (),
        prerequisites=(Prerequisite(reason["prereqKey"], 0),) if kind == "PREREQUISITE_FAILED" else (),
    )


def test_the_cases_of_clients_that_do_not_evaluate_are_all_there() -> None:
    assert len(CLIENT_CASES) == 30
    typed = [case for _, case in CLIENT_CASES if case["expect"]["reason"].get("errorKind") == "WRONG_TYPE"]
    assert len(typed) == 6


@pytest.mark.parametrize(
    ("suite", "case"), CLIENT_CASES, ids=[f"{s['name']}: {c['flagKey']}" for s, c in CLIENT_CASES]
)
def test_what_such_a_client_is_sent_can_be_a_decision_of_ours(suite: Any, case: Any) -> None:
    key, expected = case["flagKey"], case["expect"]
    sent = suite["sdkData"].get(key)
    flags = {} if sent is None else {key: _deciding(key, sent)}
    found = _as_read(Both(Ruleset(flags)).decide(key, context(suite["context"]), case["default"]))
    if expected["reason"]["kind"] == "ERROR" and sent is not None:
        typed = expected["reason"]["errorKind"] == "WRONG_TYPE"
        # such a client repeats an error with a value; ours has no variation, and the caller's default
        assert found["value"] == (sent["value"] if typed else case["default"])
        assert ("variationIndex" in found) is typed
        return
    reason = {AS_SERVERS_SAY.get(name, name): each for name, each in expected["reason"].items()}
    assert found == {**expected, "reason": reason}
