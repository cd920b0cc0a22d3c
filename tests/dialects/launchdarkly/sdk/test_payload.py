"""Payloads: what the contract asks of them, and what the published SDK makes of them."""

import json
from typing import Any

import ldclient
import pytest
from msgspec.structs import replace

from equipoise.application.serving import Update
from equipoise.dialects.launchdarkly.sdk import payload
from equipoise.domain.barriers import Barriers
from equipoise.domain.change import Command
from equipoise.domain.clauses import Clause
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause, ProposeAllocation, Resume, Start
from equipoise.domain.flag.state import Fixed, Prerequisite, Rollout, Target, Variation, Weighted
from equipoise.domain.gates import Gate
from equipoise.domain.proposal import Proposal
from equipoise.domain.segment.state import SegmentRule
from equipoise.domain.snapshot import Served, Snapshot, snapshot
from tests.dialects.launchdarkly.sdk.reader import Reader, a_snapshot, decoded, flag_data, read
from tests.domain.builders import (
    OFF,
    ON,
    a_bare_flag,
    a_flag,
    a_rollout,
    a_rule,
    a_segment,
    a_segment_rule,
    a_targeting,
    after,
    an_environment,
)
from tests.domain.experiment.examples import (
    FIRST,
    an_arm,
    an_iteration,
    by_segment,
    drafted,
    running,
    the_facts,
)

ANNA = ldclient.Context.create("anna")
GONE_ID = "3e6b8a5c-0000-4000-8000-00000000dead"
MALFORMED = {"kind": "ERROR", "errorKind": "MALFORMED_FLAG"}


def served(version: int = 7, key: str = "checkout", **targeting: Any) -> Served:
    return Served(a_flag(key=key), a_targeting(**targeting), version)


def clause(**fields: Any) -> Clause:
    return replace(Clause("c1", "country", "in", ("NL",)), **fields)


def test_both_maps_are_there_when_nothing_else_is() -> None:
    assert decoded(a_snapshot()) == {"flags": {}, "segments": {}}


def test_a_flag_says_every_field_that_an_sdk_asks_for() -> None:
    data = flag_data(served(rules=(a_rule(clauses=(clause(),), track_events=True),), track_events=True))
    assert data == {
        "key": "checkout",
        "version": 7,
        "on": True,
        "salt": "salt",
        "variations": [True, False],
        "offVariation": 1,
        "fallthrough": {"variation": 0},
        "targets": [],
        "contextTargets": [],
        "rules": [
            {
                "id": "rule-1",
                "variation": 0,
                "trackEvents": True,
                "clauses": [
                    {
                        "contextKind": "user",
                        "attribute": "country",
                        "op": "in",
                        "values": ["NL"],
                        "negate": False,
                    }
                ],
            }
        ],
        "prerequisites": [],
        "trackEvents": True,
        "trackEventsFallthrough": False,
        "clientSideAvailability": {"usingMobileKey": True, "usingEnvironmentId": False},
        "clientSide": False,
        "deleted": False,
    }


def test_a_running_experiment_is_a_rollout_of_kind_experiment_with_a_seed() -> None:
    flag, experiment = a_flag(), running()
    taken = snapshot(an_environment(), 9, (flag,), {flag.key: 7}, (experiment,))
    rollout = decoded(taken)["flags"]["checkout"]["fallthrough"]["rollout"]
    assert rollout["kind"] == "experiment"
    assert isinstance(rollout["seed"], int)
    assert rollout["seed"] != 0
    assert rollout["contextKind"] == "user"
    assert all(isinstance(slot["weight"], int) and slot["weight"] > 0 for slot in rollout["variations"])


def test_who_is_in_no_arm_is_untracked_and_an_experiment_hashes_keys_alone() -> None:
    weights = (Weighted(ON, 30_000), Weighted(OFF, 30_000), Weighted(OFF, 40_000, untracked=True))
    arms = Rollout(weights, seed=61, experiment=True, kind="device", bucket_by="country")
    rollout = flag_data(served(fallthrough=arms))["fallthrough"]["rollout"]
    assert rollout == {
        "kind": "experiment",
        "contextKind": "device",
        "seed": 61,
        "variations": [
            {"variation": 0, "weight": 30_000},
            {"variation": 1, "weight": 30_000},
            {"variation": 1, "weight": 40_000, "untracked": True},
        ],
    }


def test_a_plain_rollout_may_hash_an_attribute() -> None:
    rollout = flag_data(served(fallthrough=a_rollout(bucket_by="country")))["fallthrough"]["rollout"]
    assert (rollout["kind"], rollout["bucketBy"]) == ("rollout", "country")
    assert "seed" not in rollout


def test_no_slot_is_without_weight_so_that_sdks_agree_where_the_context_kind_is_absent() -> None:
    flag = served(fallthrough=a_rollout(0, 100_000, kind="device"))
    slots = flag_data(flag)["fallthrough"]["rollout"]["variations"]
    assert slots == [{"variation": 1, "weight": 100_000}]
    with read(flag) as sdk:
        assert sdk.detail("checkout", ANNA).variation_index == 1


def test_disabled_rules_are_left_out_and_do_not_count_in_the_rule_index() -> None:
    flag = served(
        rules=(a_rule("rule-1", disabled=True), a_rule("rule-2", clauses=(clause(),), serve=Fixed(OFF)))
    )
    with read(flag) as sdk:
        detail = sdk.detail("checkout", ldclient.Context.builder("anna").set("country", "NL").build())
    assert detail.reason == {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "rule-2"}


def test_targets_of_users_alone_need_no_order() -> None:
    data = flag_data(served(targets=(Target(OFF, ("anna",)), Target(ON, ("ben",)), Target(OFF, ("cleo",)))))
    assert data["targets"] == [
        {"variation": 1, "values": ["anna", "cleo"]},
        {"variation": 0, "values": ["ben"]},
    ]
    assert data["contextTargets"] == []


def test_targets_of_other_kinds_keep_their_order_among_those_of_users() -> None:
    targets = (Target(OFF, ("acme",), "org"), Target(ON, ("anna",)), Target(OFF, ("ben",)))
    flag = served(targets=targets)
    data = flag_data(flag)
    assert data["targets"] == [{"variation": 0, "values": ["anna"]}, {"variation": 1, "values": ["ben"]}]
    assert data["contextTargets"] == [
        {"contextKind": "org", "variation": 1, "values": ["acme"]},
        {"contextKind": "user", "variation": 0, "values": []},
        {"contextKind": "user", "variation": 1, "values": []},
    ]
    acme = ldclient.Context.create("acme", "org")
    with read(flag) as sdk:
        both = sdk.detail("checkout", ldclient.Context.create_multi(ANNA, acme))
        alone = sdk.detail("checkout", ANNA)
    assert (both.value, both.reason) == (False, {"kind": "TARGET_MATCH"})
    assert (alone.value, alone.reason) == (True, {"kind": "TARGET_MATCH"})


def test_a_prerequisite_names_the_index_in_the_other_flag() -> None:
    needed = Served(a_flag(key="needed"), a_targeting(fallthrough=Fixed(OFF)), 3)
    asking = served(prerequisites=(Prerequisite("needed", OFF),))
    assert flag_data(asking, needed)["prerequisites"] == [{"key": "needed", "variation": 1}]
    with read(asking, needed) as sdk:
        assert sdk.detail("checkout", ANNA).reason == {"kind": "FALLTHROUGH"}


@pytest.mark.parametrize("needed", [Prerequisite("nowhere", ON), Prerequisite("needed", GONE_ID)])
def test_a_prerequisite_that_is_gone_fails(needed: Prerequisite) -> None:
    other = Served(a_flag(key="needed"), a_targeting(), 3)
    with read(served(prerequisites=(needed,)), other) as sdk:
        reason = sdk.detail("checkout", ANNA).reason
    assert reason == {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": needed.flag}


def odd_flags() -> dict[str, Served]:
    huge = 10**400
    flag = a_flag()
    return {
        "a variation that is gone": served(fallthrough=Fixed(GONE_ID)),
        "a rollout without slots": served(fallthrough=Rollout(())),
        "a scheme that SDKs lack": served(fallthrough=a_rollout(scheme="fnv1a/2")),
        "a rule by a scheme that SDKs lack": served(
            rules=(a_rule(clauses=(), serve=a_rollout(scheme="xxh32")),)
        ),
        "a value beyond doubles": Served(
            replace(flag, variations=(Variation(ON, {"deep": [huge]}), Variation(OFF, 0))), a_targeting(), 7
        ),
        "an instant beyond doubles": served(rules=(a_rule(clauses=(clause(op="before", values=(huge,)),)),)),
        "a lone surrogate": Served(
            replace(flag, variations=(Variation(ON, "\ud800"), Variation(OFF, 0))), a_targeting(), 7
        ),
        "a value of no JSON type": Served(
            replace(flag, variations=(Variation(ON, {1, object()}), Variation(OFF, 0))), a_targeting(), 7
        ),
        "a malformed reference": served(rules=(a_rule(clauses=(clause(attribute="//"),)),)),
    }


@pytest.mark.parametrize("odd", odd_flags().values(), ids=odd_flags())
def test_an_odd_flag_gives_an_error_reason_and_leaves_the_others_alone(odd: Served) -> None:
    with read(odd, served(key="sound")) as sdk:
        detail = sdk.detail("checkout", ldclient.Context.builder("anna").set("country", 1).build())
        assert (detail.value, detail.reason) == ("default", MALFORMED)
        assert sdk.detail("sound", ANNA).value is True


ODD_CLAUSES = [
    clause(op="matches", values=("(", 5, None)),
    clause(op="before", values=("yesterday", 1.5, None)),
    clause(op="semVerEqual", values=("x.y", "9" * 5_000, 5)),
    clause(op="newOperator"),
    clause(op="lessThan", values=("1", True, [1])),
    clause(op="in", values=({"a": 1}, None, 2**63)),
]


@pytest.mark.parametrize("odd", ODD_CLAUSES, ids=lambda each: each.op)
def test_an_odd_clause_matches_nothing_and_stops_no_sdk(odd: Clause) -> None:
    flag = served(rules=(a_rule(clauses=(odd,), serve=Fixed(OFF)),))
    with read(flag) as sdk:
        context = ldclient.Context.builder("anna").set("country", "5").build()
        assert sdk.detail("checkout", context).reason == {"kind": "FALLTHROUGH"}


def test_three_hundred_digits_in_a_text_are_no_number() -> None:
    flag = a_flag(variations=(Variation(ON, "7" * 500), Variation(OFF, "")))
    assert flag_data(Served(flag, a_targeting(), 7))["variations"][0] == "7" * 500


def events(pieces: bytes) -> list[tuple[str, Any]]:
    """Every event has one line of data."""
    found = []
    for piece in pieces.decode().split("\n\n")[:-1]:
        name, data = piece.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_stream_begins_with_all_of_it() -> None:
    said = events(payload.put(a_snapshot(served())))
    assert said == [("put", {"path": "/", "data": decoded(a_snapshot(served()))})]


def test_an_update_patches_what_changed_and_deletes_what_went() -> None:
    before = a_snapshot(served(7), served(3, "old"), served(2, "still"))
    now = a_snapshot(served(8, on=False), served(2, "still"), number=9)
    said = events(payload.changes(Update(before, now, ("checkout",), {"old": 9})))
    assert said == [
        ("patch", {"path": "/flags/checkout", "data": decoded(now)["flags"]["checkout"]}),
        ("delete", {"path": "/flags/old", "version": 9}),
    ]


def test_when_an_index_moves_under_a_flag_that_did_not_change_all_is_said_anew() -> None:
    asking = served(3, "asking", prerequisites=(Prerequisite("checkout", OFF),))
    changed = Served(a_flag(variations=(Variation(OFF, False), Variation(ON, True))), a_targeting(), 8)
    before, now = a_snapshot(served(7), asking), a_snapshot(changed, asking)
    ((name, data),) = events(payload.changes(Update(before, now, ("checkout",), {})))
    assert name == "put"
    assert data["data"]["flags"]["asking"]["prerequisites"] == [{"key": "checkout", "variation": 0}]


# segments


def by_segments(*commands: Command, rules: tuple[SegmentRule, ...] = (), number: int = 9) -> Snapshot:
    """The flag with an experiment by segment on it, after these commands."""
    draft = an_iteration(proposal=by_segment())
    facts = the_facts(segments={"beta": rules or a_segment().rules})
    now = after(EXPERIMENT, drafted(draft=draft), Start(facts), *commands)
    flag = a_flag(targeting={"production": a_targeting()})
    return snapshot(an_environment(), number, (flag,), {"checkout": number}, (now,))


BETA = f"{FIRST}:0:beta"


def test_the_segments_of_an_experiment_are_delivered_with_its_flag() -> None:
    said = decoded(by_segments())
    (rule,) = said["flags"]["checkout"]["rules"]
    assert rule["clauses"] == [
        {"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": [BETA], "negate": False}
    ]
    rollout = {
        "kind": "experiment",
        "contextKind": "user",
        "variations": [{"variation": 0, "weight": 100_000}],
    }
    assert rule["rollout"] == rollout
    german = {"attribute": "country", "op": "in", "values": ["DE"], "contextKind": "user", "negate": False}
    assert said["segments"] == {
        BETA: {
            "key": BETA,
            "version": 1,
            "salt": "",
            "included": [],
            "excluded": [],
            "rules": [{"clauses": [german]}],
            "deleted": False,
        }
    }


def test_whom_a_segment_keeps_out_an_sdk_keeps_out() -> None:
    keeping = SegmentRule("r", a_segment_rule().clauses, unless=((clause(attribute="vip", values=(True,)),),))
    german = ldclient.Context.builder("anna").set("country", "DE")
    with Reader(decoded(by_segments(rules=(keeping,)))) as sdk:
        told = [
            sdk.detail("checkout", each) for each in (german.build(), german.set("vip", True).build(), ANNA)
        ]
    assert [each.variation_index for each in told] == [0, 1, 1]
    assert [each.reason for each in told] == [
        {"kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": f"{FIRST}.{ON}.beta", "inExperiment": True},
        {"kind": "FALLTHROUGH", "inExperiment": True},
        {"kind": "FALLTHROUGH", "inExperiment": True},
    ]


def test_a_segment_alone_is_said_as_among_all() -> None:
    taken = by_segments()
    alone = json.loads(payload.segment(taken.segments[BETA]))
    assert alone == decoded(taken)["segments"][BETA]


def test_a_stream_begins_with_the_segments_too() -> None:
    taken = by_segments()
    assert events(payload.put(taken)) == [("put", {"path": "/", "data": decoded(taken)})]


def update(before: Snapshot, now: Snapshot) -> Any:
    return events(payload.changes(Update(before, now, ("checkout",), {})))


def test_where_other_segments_are_asked_for_all_is_said_anew() -> None:
    """A flag and its segments come together: between two events an SDK would ask for what it lacks."""
    rest = by_segment().arms[1]
    other = ProposeAllocation(
        Proposal((an_arm(ON, None, segment="staff"), rest)), the_facts(segments={"staff": ()})
    )
    before, paused = by_segments(), by_segments(Pause(), number=10)
    later = by_segments(Pause(), other, Resume(), number=11)
    assert decoded(paused)["segments"] == {}
    for was, now in ((paused, before), (before, paused), (before, later)):
        assert update(was, now) == [("put", {"path": "/", "data": decoded(now)})]


def behind_a_gate(share: int, number: int) -> Snapshot:
    gate = Gate("holdout.0", ((share, 100_000),))
    now = after(EXPERIMENT, drafted(), Start(the_facts(barriers=Barriers((gate,)))))
    flag = a_flag(targeting={"production": a_targeting()})
    return snapshot(an_environment(), number, (flag,), {"checkout": number}, (now,))


def test_a_share_is_said_with_its_salt_and_the_kind_that_is_hashed() -> None:
    said = decoded(behind_a_gate(10_000, 9))
    below, gate = said["segments"].values()
    assert (below["key"], below["salt"]) == ("holdout", "0")
    assert below["rules"] == [{"clauses": [], "weight": 10_000, "rolloutContextKind": "user"}]
    (rule,) = gate["rules"]
    assert rule.keys() == {"clauses"}
    assert (rule["clauses"][0]["values"], rule["clauses"][0]["negate"]) == (["holdout"], True)
    (asked,) = said["flags"]["checkout"]["rules"]
    assert asked["clauses"][0]["values"] == [gate["key"]]


def test_where_a_share_of_a_segment_is_another_all_is_said_anew() -> None:
    before, now = behind_a_gate(10_000, 9), behind_a_gate(20_000, 10)
    assert before.segments.keys() == now.segments.keys()
    assert update(before, now) == [("put", {"path": "/", "data": decoded(now)})]


def test_where_the_same_segments_are_asked_for_what_changed_is_patched() -> None:
    before = by_segments()
    now = replace(before, number=10, flags={"checkout": replace(before.flags["checkout"], version=10)})
    ((name, data),) = update(before, now)
    assert (name, data["path"], data["data"]["version"]) == ("patch", "/flags/checkout", 10)


# flags that are not finished


@pytest.mark.parametrize("variations", [(), (Variation(ON, "only"),)], ids=["none", "one"])
def test_an_unfinished_flag_is_off_and_says_no_more_than_it_has(variations: tuple[Variation, ...]) -> None:
    flag = a_bare_flag(*variations)
    unfinished = Served(flag, flag.in_environment("production"), 7)
    data = flag_data(unfinished)
    assert data["on"] is False
    assert data.get("offVariation") == (0 if variations else None)
    assert ("offVariation" in data) is bool(variations)
    with read(unfinished, served(key="sound")) as sdk:
        detail = sdk.detail("checkout", ANNA)
        assert (detail.value, detail.reason) == ("only" if variations else "default", {"kind": "OFF"})
        assert sdk.detail("sound", ANNA).value is True


def test_a_flag_that_needs_an_unfinished_one_is_not_served() -> None:
    flag = a_bare_flag(key="needed")
    needed = Served(flag, flag.in_environment("production"), 3)
    with read(served(prerequisites=(Prerequisite("needed", ON),)), needed) as sdk:
        reason = sdk.detail("checkout", ANNA).reason
    assert reason == {"kind": "PREREQUISITE_FAILED", "prerequisiteKey": "needed"}
