"""What a reason says."""

import pytest

from equipoise.evaluation.decision import Fault, Reason, Why


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        (Reason(Why.RULE_MATCH, 0, "rule-1"), "rule-1"),
        (Reason(Why.FALLTHROUGH), "fallthrough"),
        (Reason(Why.TARGET_MATCH), ""),
        (Reason(Why.OFF), ""),
        (Reason(Why.PREREQUISITE_FAILED, prerequisite="other"), ""),
        (Reason(Why.ERROR, error=Fault.MALFORMED_FLAG), ""),
    ],
)
def test_the_rule_that_served_is_named_as_exposures_name_it(reason: Reason, rule: str) -> None:
    assert reason.rule == rule
