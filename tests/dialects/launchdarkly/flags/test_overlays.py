"""A flag with a running experiment on it."""

from typing import Any

from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance
from equipoise.domain.proposal import Proposal, ProposedArm
from tests.dialects.launchdarkly.flags.builders import HERE, Flags, clause, ids
from tests.domain.builders import ID
from tests.domain.experiment.examples import FIRST
from tests.fixtures_surface import SEMANTIC

FALLTHROUGH = f"/environments/{HERE}/fallthrough"
TRIAL = f"/api/v2/projects/default/environments/{HERE}/experiments/on-checkout"


def test_the_document_shows_the_experiment_as_a_rollout(flags: Flags) -> None:
    flags.make()
    before = flags.config()
    flags.run_experiment(shares=("40", "60"))
    shown = flags.config()
    rollout = shown["fallthrough"]["rollout"]
    assert rollout["variations"] == [{"variation": 0, "weight": 40_000}, {"variation": 1, "weight": 60_000}]
    assert rollout["experimentAllocation"] == {"defaultVariation": 0, "canReshuffle": True}
    assert rollout["seed"] > 0
    assert rollout["contextKind"] == "user"
    assert shown["version"] > before["version"]
    assert flags.config(environment="test")["fallthrough"] == {"variation": 0}


def test_a_share_of_traffic_shows_as_a_rule_for_who_is_let_in_and_a_rollout_for_the_others(
    flags: Flags,
) -> None:
    flags.make()
    flags.run_experiment(shares=("10", "30"))
    shown = flags.config()
    (gated,) = shown["rules"]
    assert [each["op"] for each in gated["clauses"]] == ["segmentMatch"]
    assert gated["rollout"]["variations"] == [
        {"variation": 0, "weight": 25_000},
        {"variation": 1, "weight": 75_000},
    ]
    kept_out = shown["fallthrough"]["rollout"]
    assert kept_out["variations"] == [{"variation": 0, "weight": 100_000, "_untracked": True}]
    assert kept_out["experimentAllocation"] == {"defaultVariation": 0, "canReshuffle": True}


def test_a_rule_under_experiment_shows_it_and_the_fallthrough_does_not(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there({"kind": "addRule", "variationId": on, "clauses": [clause("SE")]})["rules"][0]["_id"]
    flags.run_experiment(rule=rule)
    shown = flags.config()
    assert "experimentAllocation" in shown["rules"][0]["rollout"]
    assert shown["rules"][0]["_id"] == rule
    assert shown["fallthrough"] == {"variation": 0}


def test_the_list_shows_it_too(flags: Flags) -> None:
    flags.make()
    flags.run_experiment()
    listed = flags.surface.call("GET", f"/api/v2/flags/default?env={HERE}").json()["items"][0]
    assert "rollout" in listed["environments"][HERE]["fallthrough"]
    assert listed["environments"][HERE]["_summary"]["variations"]["0"]["rollout"] == 50_000


def test_the_tag_of_a_flag_changes_with_its_overlay(flags: Flags) -> None:
    flags.make(isFlagOn=True)
    path = "/api/v2/flags/default/checkout"
    before = flags.surface.call("GET", path).headers["etag"]
    flags.run_experiment()
    assert flags.surface.call("GET", path).headers["etag"] != before


def test_what_the_experiment_owns_is_not_edited(flags: Flags) -> None:
    on, off = ids(flags.make())
    flags.run_experiment()
    served = {"kind": "updateFallthroughVariationOrRollout", "variationId": off}
    assert flags.instruct(served).status_code == 409
    weight = f"{FALLTHROUGH}/rollout/variations"
    moved = [
        {"op": "replace", "path": f"{weight}/0/weight", "value": 60_000},
        {"op": "replace", "path": f"{weight}/1/weight", "value": 40_000},
    ]
    assert flags.patch(moved).status_code == 409
    assert flags.patch([{"op": "replace", "path": FALLTHROUGH, "value": {"variation": 1}}]).status_code == 409
    renamed = {"kind": "updateVariation", "variationId": on, "value": "other"}
    assert flags.instruct(renamed).status_code == 409


def test_a_flag_under_experiment_is_neither_archived_nor_deleted(flags: Flags) -> None:
    flags.make()
    flags.run_experiment()
    assert flags.instruct({"kind": "archiveFlag"}).status_code == 409
    assert flags.surface.call("DELETE", "/api/v2/flags/default/checkout").status_code == 409


def test_what_lies_beside_the_experiment_is_edited_and_the_experiment_is_not_written_down(
    flags: Flags,
) -> None:
    on, off = ids(flags.make())
    rule = flags.there({"kind": "addRule", "variationId": on, "clauses": [clause("SE")]})["rules"][0]["_id"]
    flags.run_experiment(rule=rule)
    path = f"/environments/{HERE}"
    patched = flags.patch(
        [
            {"op": "add", "path": f"{path}/rules/-", "value": {"variation": 1, "clauses": [clause("NO")]}},
            {"op": "replace", "path": f"{path}/rules/0/trackEvents", "value": True},
            {"op": "add", "path": f"{path}/rules/0/description", "value": "north"},
            {"op": "replace", "path": f"{path}/fallthrough/variation", "value": 1},
        ]
    )
    assert patched.status_code == 200, patched.text
    shown = patched.json()["environments"][HERE]
    assert "experimentAllocation" in shown["rules"][0]["rollout"]
    assert (shown["rules"][0]["description"], shown["fallthrough"]) == ("north", {"variation": 1})
    stopped = {"kind": "stopIteration", "winningTreatmentId": off, "winningReason": "done"}
    said = flags.surface.call("PATCH", TRIAL, json={"instructions": [stopped]}, headers=SEMANTIC)
    assert said.status_code == 200, said.text
    assert [each["variation"] for each in flags.config()["rules"]] == [1, 1]


def test_the_document_as_it_is_changes_nothing_beside_a_running_experiment(flags: Flags) -> None:
    flags.make()
    flags.run_experiment()
    shown = flags.get()
    whole = [{"op": "replace", "path": "/environments", "value": shown["environments"]}]
    assert flags.patch(whole).json() == shown
    assert flags.patch({"merge": shown}).json() == shown


# experiments of other surfaces


def by_segment(flag: Any) -> Proposal:
    """The beta segment gets the first variation, whoever else the second."""
    on, off = ids(flag)
    beta = ProposedArm(on, name="Beta", segment="beta")
    return Proposal((beta, ProposedArm(off, fallback=True, control=True)))


BETA = f"{FIRST}:0:beta"


def test_an_experiment_by_segment_is_shown_as_rules(flags: Flags) -> None:
    flag = flags.make()
    flags.run(by_segment(flag))
    shown = flags.config()
    allocation = {"defaultVariation": 0, "canReshuffle": True}
    assert shown["rules"] == [
        {
            "_id": f"{FIRST}.{ids(flag)[0]}.beta",
            "description": "Beta",
            "clauses": [
                {
                    "_id": BETA,
                    "attribute": "",
                    "op": "segmentMatch",
                    "values": [BETA],
                    "contextKind": "user",
                    "negate": False,
                }
            ],
            "rollout": {
                "variations": [{"variation": 0, "weight": 100_000}],
                "contextKind": "user",
                "experimentAllocation": allocation,
            },
            "trackEvents": False,
        }
    ]
    assert shown["fallthrough"]["rollout"]["variations"] == [{"variation": 1, "weight": 100_000}]
    assert shown["fallthrough"]["rollout"]["experimentAllocation"] == {**allocation, "defaultVariation": 1}


def test_rules_that_an_experiment_laid_over_the_flag_stay_as_they_are(flags: Flags) -> None:
    flag = flags.make()
    flags.there({"kind": "addRule", "variationId": ids(flag)[0], "clauses": [clause("SE")]})
    flags.run(by_segment(flag))
    before, rules = flags.get(), f"/environments/{HERE}/rules"
    assert len(before["environments"][HERE]["rules"]) == 2
    for patch in (
        {"op": "remove", "path": f"{rules}/1"},
        {"op": "replace", "path": rules, "value": []},
        {"op": "replace", "path": f"{rules}/1/trackEvents", "value": True},
        {"op": "replace", "path": f"{rules}/1/clauses/0/values", "value": ["other"]},
    ):
        assert flags.patch([patch]).status_code == 409, patch
    assert flags.get() == before


def test_beside_them_rules_are_edited_and_they_are_not_written_down(flags: Flags) -> None:
    flag = flags.make()
    flags.run(by_segment(flag))
    new = {"variation": 1, "clauses": [clause("NO")]}
    added = flags.patch([{"op": "add", "path": f"/environments/{HERE}/rules/-", "value": new}])
    assert added.status_code == 200, added.text
    shown = flags.config()
    assert [each["clauses"][0]["values"] for each in shown["rules"]] == [["NO"], [BETA]]
    (rule, _) = shown["rules"]
    flags.there({"kind": "removeRule", "ruleId": rule["_id"]})
    assert [each["clauses"][0]["values"] for each in flags.config()["rules"]] == [[BETA]]
    whole = flags.get()
    assert (
        flags.patch([{"op": "replace", "path": "/environments", "value": whole["environments"]}]).json()
        == whole
    )


def test_a_ramp_is_shown_as_the_weights_of_its_level(flags: Flags) -> None:
    flag = flags.make()
    on, off = ids(flag)
    ramp = Proposal((ProposedArm(off, control=True), ProposedArm(on)), levels=(0, 30_000, 60_000))
    flags.run(ramp)
    weights: list[Any] = [weights_of(flags)]
    for level in (30_000, 60_000):
        with flags.surface.store.read() as reader:
            now = reader.find(EXPERIMENT, ID)
        flags.surface.plant((EXPERIMENT, now, Advance(level)))
        weights.append(weights_of(flags))
    assert weights == [
        [(1, 0, False), (1, 100_000, True), (0, 0, False)],
        [(1, 30_000, False), (1, 40_000, True), (0, 30_000, False)],
        [(1, 40_000, False), (0, 10_000, True), (0, 50_000, False)],
    ]


def weights_of(flags: Flags) -> list[tuple[int, int, bool]]:
    """(variation, weight, untracked) of each slot of the fallthrough."""
    slots = flags.config()["fallthrough"]["rollout"]["variations"]
    return [(each["variation"], each["weight"], each.get("_untracked", False)) for each in slots]
