"""One form for all: our machine and the published client answer alike where, of the flag itself, they
would not."""

from typing import Any

import ldclient
import pytest
from msgspec.structs import replace

from equipoise.domain.clauses import Clause
from equipoise.domain.flag.state import Fixed, Prerequisite, Rollout, Rule, Target, Variation, Weighted
from equipoise.domain.limits import VALUE_LEVELS_MAX
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.context import context
from equipoise.evaluation.normal import members, normal
from tests.dialects.launchdarkly.sdk.reader import Reader, a_snapshot, decoded
from tests.domain.builders import OFF, ON, a_flag, a_rollout, a_rule, a_targeting
from tests.evaluation.answers import Both, reason_document

ANNA = {"kind": "user", "key": "anna"}
ACME = {"kind": "org", "key": "acme"}
BOTH = {"kind": "multi", "user": {"key": "anna"}, "org": {"key": "acme"}}
MALFORMED = {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}


def served(key: str = "checkout", **targeting: Any) -> Served:
    return Served(a_flag(key=key), a_targeting(**targeting), 7)


def answers(shown: Snapshot, document: Any, key: str = "checkout") -> tuple[Any, Any]:
    """Value and reason, of our machine and of the client, which must be the same."""
    ours = Both(compile(shown)).decide(key, context(document), "mine")
    with Reader(decoded(shown)) as sdk:
        theirs = sdk.detail(key, ldclient.Context.from_dict(document), "mine")
    assert (ours.value, ours.variation) == (theirs.value, theirs.variation_index)
    assert reason_document(ours.reason) == theirs.reason
    return theirs.value, theirs.reason


def rule(*clauses: Clause) -> Rule:
    return a_rule(clauses=clauses, serve=Fixed(OFF))


def test_users_of_one_variation_are_one_target_where_the_first_of_them_stands() -> None:
    targets = (Target(ON, ("ben",)), Target(OFF, ("acme",), "org"), Target(ON, ("anna",)))
    shown = served(targets=targets, fallthrough=Fixed(OFF))
    assert normal(shown).targeting.targets == (Target(ON, ("ben", "anna")), targets[1])
    assert answers(a_snapshot(shown), BOTH) == (True, {"kind": "TARGET_MATCH"})
    assert answers(a_snapshot(shown), ACME) == (False, {"kind": "TARGET_MATCH"})


@pytest.mark.parametrize("attribute", ["//", "/a//b", "/", "/a~2", "/a/"])
@pytest.mark.parametrize("document", [ANNA, ACME, BOTH], ids=lambda each: each["kind"])
@pytest.mark.parametrize("negate", [True, False])
def test_who_gets_as_far_as_an_attribute_that_leads_nowhere_gets_an_error(
    attribute: str, document: Any, negate: bool
) -> None:
    odd = Clause("odd", attribute, "in", ("x",), "org", negate)
    assert answers(a_snapshot(served(rules=(rule(odd),))), document) == ("mine", MALFORMED)


def test_who_does_not_get_so_far_gets_what_comes_next() -> None:
    clauses = Clause("c", "key", "in", ("ben",)), Clause("odd", "//", "in", ("x",))
    shown = a_snapshot(served(rules=(rule(*clauses),)))
    assert answers(shown, ANNA) == (True, {"kind": "FALLTHROUGH"})
    assert answers(shown, {"kind": "user", "key": "ben"}) == ("mine", MALFORMED)


@pytest.mark.parametrize("document", [ANNA, ACME], ids=lambda each: each["kind"])
def test_a_rollout_by_an_attribute_that_leads_nowhere_serves_nobody(document: Any) -> None:
    shown = a_snapshot(served(fallthrough=a_rollout(bucket_by="/a//b", kind="org")))
    assert answers(shown, document) == ("mine", MALFORMED)


def test_an_experiment_hashes_keys_whatever_else_it_says() -> None:
    arms = Rollout((Weighted(ON, 100_000),), bucket_by="//", seed=1, experiment=True)
    assert normal(served(fallthrough=arms)).targeting.fallthrough == replace(arms, bucket_by="")
    reason = {"kind": "FALLTHROUGH", "inExperiment": True}
    assert answers(a_snapshot(served(fallthrough=arms)), ANNA) == (True, reason)


def test_a_segment_is_named_by_a_text_alone() -> None:
    odd = Clause("c", "", "segmentMatch", (["beta"], {"a": 1}, None, 5, "beta"))
    (kept,) = normal(served(rules=(rule(odd),))).targeting.rules[0].clauses
    assert kept.values == ("beta",)
    assert answers(a_snapshot(served(rules=(rule(odd),))), ANNA) == (True, {"kind": "FALLTHROUGH"})


def nested(levels: int) -> Any:
    found: Any = []
    for _ in range(levels - 1):
        found = {"in": found} if len(found) else [found]
    return found


def held(*groups: tuple[Clause, ...], asking: Clause | None = None) -> Snapshot:
    """Whoever is in the segment gets OFF."""
    asked = asking or Clause("c", "", "segmentMatch", ("beta",))
    return replace(a_snapshot(served(rules=(rule(asked),))), segments={"beta": Membership("beta", groups)})


@pytest.mark.parametrize("odd", ["//", "/a//b", "/", "/a~2", "/a/"])
@pytest.mark.parametrize("document", [ANNA, ACME, BOTH], ids=lambda each: each["kind"])
@pytest.mark.parametrize("negate", [True, False])
def test_a_group_that_asks_for_an_attribute_that_leads_nowhere_lets_nobody_in(
    odd: str, document: Any, negate: bool
) -> None:
    group = (Clause("odd", odd, "in", ("x",), "org", negate),)
    assert members(Membership("beta", (group,))).groups == ()
    assert answers(held(group), document) == (True, {"kind": "FALLTHROUGH"})
    kept = Clause("c", "kind", "in", ("user", "org"))
    assert answers(held(group, (kept,)), document)[0] is False
    outside = Clause("c", "", "segmentMatch", ("beta",), negate=True)
    assert answers(held(group, asking=outside), document)[0] is False


def test_a_segment_that_nobody_may_be_in_and_one_that_is_unknown_hold_nobody() -> None:
    assert answers(held(), ANNA)[0] is True
    nested = Clause("c", "", "segmentMatch", ("gone", 5, None))
    assert members(Membership("beta", ((nested,),))).groups == ((replace(nested, values=("gone",)),),)
    assert answers(held((nested,)), ANNA)[0] is True
    assert answers(held((replace(nested, negate=True),)), ANNA)[0] is False


VALUES = [
    (10**308, True),
    (10**309, False),
    (float("inf"), False),
    ({"a": [-(10**400)]}, False),
    (nested(VALUE_LEVELS_MAX), True),
    (nested(VALUE_LEVELS_MAX + 1), False),
    (True, True),
    (None, True),
]


@pytest.mark.parametrize(("value", "readable"), VALUES)
def test_a_value_that_a_client_cannot_read_keeps_its_flag_from_serving(value: Any, readable: bool) -> None:
    flag = a_flag(variations=(Variation(ON, value), Variation(OFF, False)))
    clause = Clause("c", "age", "in", (value,))
    for odd in (Served(flag, a_targeting(), 7), served(rules=(rule(clause),))):
        assert (normal(odd).flag.variations == ()) is not readable
        assert (answers(a_snapshot(odd), ANNA)[1] == MALFORMED) is not readable
    assert (members(Membership("beta", ((clause,),))).groups == ()) is not readable
    assert answers(held((replace(clause, negate=True),)), {**ANNA, "age": "x"})[0] is not readable


def test_a_flag_that_serves_nothing_fails_whoever_needs_it() -> None:
    needs = served("needs", prerequisites=(Prerequisite("checkout", ON),))
    odd = Served(a_flag(variations=(Variation(ON, 10**400), Variation(OFF, 0))), a_targeting(), 7)
    reason = {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "checkout"}
    assert answers(a_snapshot(needs, odd), ANNA, "needs") == (False, reason)
    broken = served(rules=(rule(Clause("odd", "//", "in", ("x",))),))
    assert answers(a_snapshot(needs, broken), ANNA, "needs") == (False, reason)
