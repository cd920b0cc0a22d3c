"""A flag with a running experiment on it."""

from tests.dialects.launchdarkly.flags.builders import HERE, Flags, clause, ids
from tests.fixtures_surface import SEMANTIC

FALLTHROUGH = f"/environments/{HERE}/fallthrough"
EXPERIMENT = f"/api/v2/projects/default/environments/{HERE}/experiments/on-checkout"


def test_the_document_shows_the_experiment_as_a_rollout(flags: Flags) -> None:
    flags.make()
    before = flags.config()
    flags.run_experiment(shares=("40", "40"))
    shown = flags.config()
    rollout = shown["fallthrough"]["rollout"]
    assert rollout["variations"] == [
        {"variation": 0, "weight": 40_000},
        {"variation": 1, "weight": 40_000},
        {"variation": 0, "weight": 20_000, "_untracked": True},
    ]
    assert rollout["experimentAllocation"] == {"defaultVariation": 0, "canReshuffle": True}
    assert rollout["seed"] > 0
    assert rollout["contextKind"] == "user"
    assert shown["version"] > before["version"]
    assert flags.config(environment="test")["fallthrough"] == {"variation": 0}


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
    said = flags.surface.call("PATCH", EXPERIMENT, json={"instructions": [stopped]}, headers=SEMANTIC)
    assert said.status_code == 200, said.text
    assert [each["variation"] for each in flags.config()["rules"]] == [1, 1]


def test_the_document_as_it_is_changes_nothing_beside_a_running_experiment(flags: Flags) -> None:
    flags.make()
    flags.run_experiment()
    shown = flags.get()
    whole = [{"op": "replace", "path": "/environments", "value": shown["environments"]}]
    assert flags.patch(whole).json() == shown
    assert flags.patch({"merge": shown}).json() == shown
