"""Every kind of instruction, as a client sends it."""

from typing import Any

import pytest

from equipoise.dialects.launchdarkly.flags.instructions import InEnvironment
from equipoise.dialects.launchdarkly.flags.kinds import KINDS
from equipoise.domain.limits import PREREQUISITES_IN_A_ROW_MAX as MOST
from tests.dialects.launchdarkly.flags.builders import HERE, Flags, clause, ids
from tests.fixtures_surface import CONTRACT, SEMANTIC

PATH = "/api/v2/flags/{projectKey}/{featureFlagKey}"


def test_the_contract_names_the_same_kinds_and_parameters() -> None:
    named = CONTRACT.document["paths"].get(PATH, {}).get("patch", {}).get("x-instructions")
    if named is None:
        pytest.skip("the contract is not at hand")
    assert named.keys() == KINDS.keys()
    for kind, grammar in named.items():
        assert grammar["params"].keys() <= set(KINDS[kind].__struct_encode_fields__), kind


# on and off


def test_a_flag_is_turned_on_where_it_is_said_and_nowhere_else(flags: Flags) -> None:
    flags.make()
    told = flags.told({"kind": "turnFlagOn"})["environments"]
    assert (told["production"]["on"], told["test"]["on"]) == (True, False)


def test_a_flag_is_turned_off_again(flags: Flags) -> None:
    flags.make(isFlagOn=True)
    assert flags.there({"kind": "turnFlagOff"})["on"] is False


# what is served by default


def test_the_fallthrough_serves_one_variation(flags: Flags) -> None:
    _, off = ids(flags.make())
    told = flags.there({"kind": "updateFallthroughVariationOrRollout", "variationId": off})
    assert told["fallthrough"] == {"variation": 1}


def test_the_fallthrough_serves_by_weights_in_the_order_of_the_variations(flags: Flags) -> None:
    on, off = ids(flags.make())
    told = flags.there(
        {
            "kind": "updateFallthroughVariationOrRollout",
            "rolloutWeights": {off: 85_000, on: 15_000},
            "rolloutContextKind": "device",
            "rolloutBucketBy": "serial",
        }
    )
    weights = [{"variation": 0, "weight": 15_000}, {"variation": 1, "weight": 85_000}]
    assert told["fallthrough"]["rollout"] == {
        "variations": weights,
        "bucketBy": "serial",
        "contextKind": "device",
    }


@pytest.mark.parametrize("said", [{}, {"variationId": "x", "rolloutWeights": {}}])
def test_either_a_variation_or_weights_are_served(flags: Flags, said: dict[str, Any]) -> None:
    flags.make()
    assert flags.instruct({"kind": "updateFallthroughVariationOrRollout", **said}).status_code == 400


def test_weights_that_do_not_sum_to_the_whole_are_refused(flags: Flags) -> None:
    on, off = ids(flags.make())
    weights = {on: 50_000, off: 50_001}
    kind = "updateFallthroughVariationOrRollout"
    assert flags.instruct({"kind": kind, "rolloutWeights": weights}).status_code == 400


def test_the_off_variation_changes(flags: Flags) -> None:
    on, _ = ids(flags.make())
    assert flags.there({"kind": "updateOffVariation", "variationId": on})["offVariation"] == 0


def test_tracking_is_set_for_all_rules_and_for_the_fallthrough(flags: Flags) -> None:
    flags.make()
    told = flags.there(
        {"kind": "updateTrackEvents", "trackEvents": True},
        {"kind": "updateTrackEventsFallthrough", "trackEvents": True},
    )
    assert (told["trackEvents"], told["trackEventsFallthrough"]) == (True, True)


# rules


def a_rule(variation: str, *values: Any, **fields: Any) -> dict[str, Any]:
    return {"kind": "addRule", "variationId": variation, "clauses": [clause(*values)], **fields}


def rules_of(config: Any) -> list[str]:
    return [rule["clauses"][0]["values"][0] for rule in config["rules"]]


def test_a_rule_is_added_last_or_before_another(flags: Flags) -> None:
    on, _ = ids(flags.make())
    first = flags.there(a_rule(on, "SE", description="north", ref="r1"))["rules"][0]
    told = flags.there(a_rule(on, "NO"), a_rule(on, "DK", beforeRuleId=first["_id"]))
    assert rules_of(told) == ["DK", "SE", "NO"]
    assert len({rule["_id"] for rule in told["rules"]}) == 3
    assert len({rule["clauses"][0]["_id"] for rule in told["rules"]}) == 3
    assert (first["description"], first["ref"], first["variation"]) == ("north", "r1", 0)


def test_the_ids_of_rules_are_24_hexadecimal_digits(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there(a_rule(on, "SE"))["rules"][0]
    assert len(rule["_id"]) == 24
    assert int(rule["_id"], 16) >= 0


def test_a_rule_that_goes_before_none_is_refused(flags: Flags) -> None:
    on, _ = ids(flags.make())
    assert flags.instruct(a_rule(on, "SE", beforeRuleId="nothing")).status_code == 400


def test_a_rule_is_removed_and_a_missing_one_is_no_matter(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there(a_rule(on, "SE"))["rules"][0]["_id"]
    assert flags.there({"kind": "removeRule", "ruleId": rule})["rules"] == []
    version = flags.get()["_version"]
    assert flags.told({"kind": "removeRule", "ruleId": rule})["_version"] == version


def test_rules_are_put_in_another_order(flags: Flags) -> None:
    on, _ = ids(flags.make())
    made = [rule["_id"] for rule in flags.there(a_rule(on, "SE"), a_rule(on, "NO"))["rules"]]
    assert rules_of(flags.there({"kind": "reorderRules", "ruleIds": made[::-1]})) == ["NO", "SE"]


def test_an_order_names_every_rule_once(flags: Flags) -> None:
    on, _ = ids(flags.make())
    made = [rule["_id"] for rule in flags.there(a_rule(on, "SE"), a_rule(on, "NO"))["rules"]]
    for wrong in (made[:1], [*made, made[0]], [*made, "x"]):
        assert flags.instruct({"kind": "reorderRules", "ruleIds": wrong}).status_code == 400


def test_rules_are_replaced_and_one_that_is_named_keeps_its_id(flags: Flags) -> None:
    on, off = ids(flags.make())
    old = flags.there(a_rule(on, "SE"), a_rule(on, "NO"))["rules"]
    new = [
        {"variationId": off, "clauses": [clause("DK")], "description": "new", "trackEvents": True},
        {"_id": old[0]["_id"], "variationId": off, "clauses": old[0]["clauses"]},
    ]
    told = flags.there({"kind": "replaceRules", "rules": new})
    assert rules_of(told) == ["DK", "SE"]
    assert told["rules"][1]["_id"] == old[0]["_id"]
    assert told["rules"][1]["clauses"] == old[0]["clauses"]
    assert told["rules"][0]["_id"] not in {rule["_id"] for rule in old}
    assert (told["rules"][0]["description"], told["rules"][0]["trackEvents"]) == ("new", True)


def test_what_a_rule_serves_is_changed(flags: Flags) -> None:
    on, off = ids(flags.make())
    rule = flags.there(a_rule(on, "SE"))["rules"][0]["_id"]
    told = flags.there({"kind": "updateRuleVariationOrRollout", "ruleId": rule, "variationId": off})
    assert told["rules"][0]["variation"] == 1


def test_a_rule_is_described_and_tracked(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there(a_rule(on, "SE"))["rules"][0]["_id"]
    told = flags.there(
        {"kind": "updateRuleDescription", "ruleId": rule, "description": "north"},
        {"kind": "updateRuleTrackEvents", "ruleId": rule, "trackEvents": True},
    )["rules"][0]
    assert (told["description"], told["trackEvents"]) == ("north", True)


@pytest.mark.parametrize(
    "instruction",
    [
        {"kind": "updateRuleVariationOrRollout", "variationId": "x"},
        {"kind": "updateRuleDescription", "description": "x"},
        {"kind": "updateRuleTrackEvents", "trackEvents": True},
        {"kind": "addClauses", "clauses": []},
        {"kind": "removeClauses", "clauseIds": []},
        {"kind": "updateClause", "clauseId": "x", "clause": clause("x")},
        {"kind": "addValuesToClause", "clauseId": "x", "values": []},
        {"kind": "removeValuesFromClause", "clauseId": "x", "values": []},
    ],
)
def test_a_rule_that_is_not_there_is_refused(flags: Flags, instruction: dict[str, Any]) -> None:
    flags.make()
    refused = flags.instruct({**instruction, "ruleId": "nothing"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["where"] == "instructions[0].ruleId"


# clauses


def test_clauses_are_added_and_removed(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there(a_rule(on, "SE"))["rules"][0]
    added = clause("beta", attribute="groups", contextKind="device", negate=True)
    told = flags.there({"kind": "addClauses", "ruleId": rule["_id"], "clauses": [added]})["rules"][0]
    assert {**added, "_id": told["clauses"][1]["_id"]} == told["clauses"][1]
    gone = {"kind": "removeClauses", "ruleId": rule["_id"], "clauseIds": [told["clauses"][1]["_id"], "x"]}
    assert flags.there(gone)["rules"][0] == rule


def test_a_clause_is_replaced_and_keeps_its_id(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there(a_rule(on, "SE"))["rules"][0]
    id = rule["clauses"][0]["_id"]
    new = clause("x", attribute="email", op="endsWith")
    told = flags.there({"kind": "updateClause", "ruleId": rule["_id"], "clauseId": id, "clause": new})
    assert told["rules"][0]["clauses"] == [{**new, "_id": id, "negate": False, "contextKind": "user"}]


def test_values_join_a_clause_once_and_leave_it(flags: Flags) -> None:
    on, _ = ids(flags.make())
    rule = flags.there(a_rule(on, "SE", 1))["rules"][0]
    where = {"ruleId": rule["_id"], "clauseId": rule["clauses"][0]["_id"]}
    told = flags.there({"kind": "addValuesToClause", **where, "values": ["SE", "NO", True]})
    assert told["rules"][0]["clauses"][0]["values"] == ["SE", 1, "NO", True]
    told = flags.there({"kind": "removeValuesFromClause", **where, "values": ["SE", True, "x"]})
    assert told["rules"][0]["clauses"][0]["values"] == [1, "NO"]


def test_an_operator_that_nobody_knows_is_refused(flags: Flags) -> None:
    on, _ = ids(flags.make())
    wrong = {"kind": "addRule", "variationId": on, "clauses": [clause("x", op="resembles")]}
    assert flags.instruct(wrong).status_code == 400


# targets


def test_users_and_other_kinds_are_targeted_apart(flags: Flags) -> None:
    on, off = ids(flags.make())
    told = flags.there(
        {"kind": "addTargets", "variationId": on, "values": ["ada", "ada", "bob"]},
        {"kind": "addTargets", "variationId": off, "values": ["d1"], "contextKind": "device"},
        {"kind": "addUserTargets", "variationId": on, "values": ["cy"]},
    )
    assert told["targets"] == [{"values": ["ada", "bob", "cy"], "variation": 0, "contextKind": "user"}]
    assert told["contextTargets"] == [{"values": ["d1"], "variation": 1, "contextKind": "device"}]


def test_a_key_has_one_variation(flags: Flags) -> None:
    on, off = ids(flags.make())
    flags.told({"kind": "addTargets", "variationId": on, "values": ["ada"]})
    assert flags.instruct({"kind": "addTargets", "variationId": off, "values": ["ada"]}).status_code == 400


def targeted(flags: Flags) -> tuple[str, str]:
    on, off = ids(flags.make())
    flags.told(
        {"kind": "addTargets", "variationId": on, "values": ["ada", "bob"]},
        {"kind": "addTargets", "variationId": on, "values": ["d1"], "contextKind": "device"},
        {"kind": "addTargets", "variationId": off, "values": ["cy"]},
    )
    return on, off


def test_targets_are_removed_by_key(flags: Flags) -> None:
    on, off = targeted(flags)
    told = flags.there(
        {"kind": "removeTargets", "variationId": on, "values": ["d1", "d2"], "contextKind": "device"},
        {"kind": "removeTargets", "variationId": on, "values": ["ada"]},
        {"kind": "removeUserTargets", "variationId": off, "values": ["cy"]},
    )
    assert told["targets"] == [{"values": ["bob"], "variation": 0, "contextKind": "user"}]
    assert told["contextTargets"] == []


def test_a_variation_loses_all_targets_or_those_of_users(flags: Flags) -> None:
    on, _ = targeted(flags)
    told = flags.there({"kind": "clearUserTargets", "variationId": on})
    assert [each["values"] for each in told["targets"]] == [["cy"]]
    assert [each["values"] for each in told["contextTargets"]] == [["d1"]]
    assert flags.there({"kind": "clearTargets", "variationId": on})["contextTargets"] == []


def test_all_targets_are_replaced(flags: Flags) -> None:
    _, off = targeted(flags)
    told = flags.there({"kind": "replaceTargets", "targets": [{"variationId": off, "values": ["eve"]}]})
    assert [each["values"] for each in told["targets"]] == [["eve"]]
    assert told["contextTargets"] == []


def test_the_targets_of_users_are_replaced_and_others_stay(flags: Flags) -> None:
    on, _ = targeted(flags)
    told = flags.there({"kind": "replaceUserTargets", "targets": [{"variationId": on, "values": ["eve"]}]})
    assert [each["values"] for each in told["targets"]] == [["eve"]]
    assert [each["values"] for each in told["contextTargets"]] == [["d1"]]


# prerequisites


def test_prerequisites_come_change_and_go(flags: Flags) -> None:
    flags.make()
    on, off = ids(flags.make("billing"))
    added = {"kind": "addPrerequisite", "key": "billing", "variationId": on}
    assert flags.there(added)["prerequisites"] == [{"key": "billing", "variation": 0}]
    version = flags.get()["_version"]
    assert flags.told(added)["_version"] == version
    changed = {"kind": "updatePrerequisite", "key": "billing", "variationId": off}
    assert flags.there(changed)["prerequisites"] == [{"key": "billing", "variation": 1}]
    assert flags.instruct(added).status_code == 400
    assert flags.there({"kind": "removePrerequisite", "key": "billing"})["prerequisites"] == []
    assert flags.instruct(changed).status_code == 400


def test_prerequisites_are_replaced(flags: Flags) -> None:
    flags.make()
    on, _ = ids(flags.make("billing"))
    wanted = [{"key": "billing", "variationId": on}]
    told = flags.there({"kind": "replacePrerequisites", "prerequisites": wanted})
    assert told["prerequisites"] == [{"key": "billing", "variation": 0}]


def test_a_prerequisite_is_a_flag_with_that_variation(flags: Flags) -> None:
    flags.make()
    flags.make("billing")
    for key, variation in (("nothing", "x"), ("billing", "x")):
        said = {"kind": "addPrerequisite", "key": key, "variationId": variation}
        assert flags.instruct(said).status_code == 400


def test_flags_do_not_need_each_other_in_a_circle(flags: Flags) -> None:
    a, b, c = (ids(flags.make(key))[0] for key in "abc")
    flags.told({"kind": "addPrerequisite", "key": "b", "variationId": b}, key="a")
    flags.told({"kind": "addPrerequisite", "key": "c", "variationId": c}, key="b")
    circle = {"kind": "addPrerequisite", "key": "a", "variationId": a}
    assert flags.instruct(circle, key="c").status_code == 400


def test_flags_need_each_other_in_rows_that_can_be_evaluated(flags: Flags) -> None:
    """A flag in the middle of a row comes to need another, below which a second row hangs."""
    made = [ids(flags.make(f"flag-{at}"))[0] for at in range(MOST + 1)]

    def needs(above: int, below: int) -> Any:
        said = {"kind": "addPrerequisite", "key": f"flag-{below}", "variationId": made[below]}
        return flags.instruct(said, key=f"flag-{above}")

    middle = MOST // 2
    for at in (*range(middle), *range(middle + 1, MOST)):
        assert needs(at, at + 1).status_code == 200
    refused = needs(middle, middle + 1)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert refused.json()["message"] == f"PREREQUISITES_IN_A_ROW_MAX is {MOST} (found {MOST + 1})"
    assert needs(middle, middle + 2).status_code == 200


def deep(levels: int) -> Any:
    found: Any = "x"
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize("value", [10**400, deep(51)], ids=["huge", "deep"])
def test_a_value_that_some_client_cannot_read_is_refused(flags: Flags, value: Any) -> None:
    flags.make()
    refused = flags.instruct({"kind": "addVariation", "value": value})
    assert (refused.status_code, "nested no deeper than 50" in refused.text) == (400, True)


@pytest.mark.parametrize("attribute", ["/", "//a", "/a/", "/a~2"])
def test_an_attribute_that_leads_nowhere_is_refused(flags: Flags, attribute: str) -> None:
    first, *_ = ids(flags.make())
    clause = {"contextKind": "user", "attribute": attribute, "op": "in", "values": ["x"]}
    assert flags.instruct({"kind": "addRule", "variationId": first, "clauses": [clause]}).status_code == 400


def test_a_flag_that_another_needs_is_neither_archived_nor_deleted(flags: Flags) -> None:
    flags.make()
    flags.make("billing")
    *_, third = ids(flags.told({"kind": "addVariation", "value": "third"}, key="billing"))
    flags.told({"kind": "addPrerequisite", "key": "billing", "variationId": third})
    assert flags.instruct({"kind": "archiveFlag"}, key="billing").status_code == 409
    assert flags.surface.call("DELETE", "/api/v2/flags/default/billing").status_code == 409
    gone = {"kind": "removeVariation", "variationId": third}
    assert flags.instruct(gone, key="billing").status_code == 409
    assert third in ids(flags.get("billing"))


# variations


def test_a_variation_is_added_and_removed(flags: Flags) -> None:
    before = flags.make()
    told = flags.told({"kind": "addVariation", "value": 20, "name": "New", "description": "Twenty"})
    third = told["variations"][2]
    assert (third["value"], third["name"], third["description"]) == (20, "New", "Twenty")
    assert told["kind"] == "multivariate"
    gone = flags.told({"kind": "removeVariation", "variationId": third["_id"]})
    assert gone["variations"] == before["variations"]


def test_a_variation_that_is_served_is_not_removed(flags: Flags) -> None:
    flags.make()
    third = ids(flags.told({"kind": "addVariation", "value": 3}))[2]
    flags.told({"kind": "updateFallthroughVariationOrRollout", "variationId": third})
    assert flags.instruct({"kind": "removeVariation", "variationId": third}).status_code == 400


def test_two_variations_do_not_share_a_value(flags: Flags) -> None:
    on, _ = ids(flags.make())
    assert flags.instruct({"kind": "addVariation", "value": True}).status_code == 400
    assert flags.instruct({"kind": "updateVariation", "variationId": on, "value": False}).status_code == 400


def test_true_is_another_value_than_one(flags: Flags) -> None:
    flags.make()
    assert flags.told({"kind": "addVariation", "value": 1})["variations"][2]["value"] == 1


def test_a_variation_changes_only_in_what_is_said(flags: Flags) -> None:
    made = flags.make(variations=[{"value": "a", "name": "A"}, {"value": "b"}])
    id = ids(made)[0]
    told = flags.told({"kind": "updateVariation", "variationId": id, "value": None, "description": "d"})
    assert told["variations"][0] == {"_id": id, "value": None, "name": "A", "description": "d"}
    assert flags.instruct({"kind": "updateVariation", "variationId": "x", "name": "y"}).status_code == 400


def test_the_defaults_change_for_new_environments_alone(flags: Flags) -> None:
    flags.make()
    told = flags.told(
        {"kind": "updateDefaultVariation", "OnVariationValue": False, "offVariationValue": True}
    )
    assert told["defaults"] == {"onVariation": 1, "offVariation": 0}
    assert told["environments"][HERE]["fallthrough"] == {"variation": 0}
    assert told["environments"][HERE]["offVariation"] == 1
    wrong = {"kind": "updateDefaultVariation", "onVariationValue": "neither"}
    assert flags.instruct(wrong).status_code == 400


# settings


def test_name_and_description_change(flags: Flags) -> None:
    flags.make()
    told = flags.told({"kind": "updateName", "value": "New"}, {"kind": "updateDescription", "value": "Text"})
    assert (told["name"], told["description"]) == ("New", "Text")


def test_tags_join_once_and_leave(flags: Flags) -> None:
    flags.make(tags=["a"])
    assert flags.told({"kind": "addTags", "values": ["b", "a"]})["tags"] == ["a", "b"]
    assert flags.told({"kind": "removeTags", "values": ["a", "x"]})["tags"] == ["b"]


def test_a_flag_is_permanent_or_temporary(flags: Flags) -> None:
    flags.make()
    assert flags.told({"kind": "makeFlagPermanent"})["temporary"] is False
    assert flags.told({"kind": "makeFlagTemporary"})["temporary"] is True


@pytest.mark.parametrize("value", ["usingMobileKey", "usingEnvironmentId"])
def test_availability_is_turned_on_and_off(flags: Flags, value: str) -> None:
    flags.make(clientSideAvailability={"usingMobileKey": False, "usingEnvironmentId": False})
    told = flags.told({"kind": "turnOnClientSideAvailability", "value": value})["clientSideAvailability"]
    assert [name for name, on in told.items() if on] == [value]
    told = flags.told({"kind": "turnOffClientSideAvailability", "value": value})["clientSideAvailability"]
    assert not any(told.values())


def test_a_member_keeps_the_flag_or_nobody_does(flags: Flags) -> None:
    made = flags.make()
    owner = made["_maintainer"]["_id"]
    assert "maintainerId" not in flags.told({"kind": "removeMaintainer"})
    assert flags.told({"kind": "updateMaintainerMember", "value": owner})["maintainerId"] == owner
    assert flags.instruct({"kind": "updateMaintainerMember", "value": "nobody"}).status_code == 400


def test_custom_properties_come_change_and_go(flags: Flags) -> None:
    flags.make()
    said = {"key": "jira", "name": "Jira", "values": ["A-1", "A-2"]}
    shown = {"jira": {"name": "Jira", "value": ["A-1", "A-2"]}}
    assert flags.told({"kind": "addCustomProperties", **said})["customProperties"] == shown
    assert flags.told({"kind": "addCustomProperties", **said})["customProperties"] == shown
    assert flags.instruct({"kind": "addCustomProperties", **said, "name": "Other"}).status_code == 400
    told = flags.told({"kind": "replaceCustomProperties", "key": "jira", "name": "J", "values": ["B"]})
    assert told["customProperties"] == {"jira": {"name": "J", "value": ["B"]}}
    told = flags.told({"kind": "removeCustomProperties", "key": "jira", "values": ["B", "C"]})
    assert told["customProperties"] == {}


# lifecycle


def test_a_flag_is_archived_and_restored(flags: Flags) -> None:
    flags.make()
    told = flags.told({"kind": "archiveFlag"})
    assert told["archived"] is True
    assert told["archivedDate"] == flags.surface.clock()
    assert told["environments"][HERE]["archived"] is True
    assert flags.told({"kind": "restoreFlag"})["archived"] is False


def test_a_flag_is_deprecated_and_restored(flags: Flags) -> None:
    flags.make()
    assert flags.told({"kind": "deprecateFlag"})["deprecated"] is True
    assert flags.told({"kind": "restoreDeprecatedFlag"})["deprecated"] is False


@pytest.mark.parametrize("said", [{"kind": "deleteFlag"}, {"kind": "updateMaintainerTeam", "value": "t"}])
def test_what_is_not_served_is_refused_in_words(flags: Flags, said: dict[str, str]) -> None:
    flags.make()
    refused = flags.instruct(said)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["where"] == "instructions[0].kind"


# all of them


def test_an_unknown_kind_is_named_with_its_index(flags: Flags) -> None:
    flags.make()
    refused = flags.instruct({"kind": "turnFlagOn"}, {"kind": "flyAway"})
    assert refused.status_code == 400
    assert "flyAway" in refused.json()["message"]
    assert [each["where"] for each in refused.json()["errors"]] == ["instructions[1].kind"]


def test_every_malformed_instruction_is_named_and_none_is_followed(flags: Flags) -> None:
    flags.make()
    refused = flags.instruct(
        {"kind": "updateName", "value": 1},
        {"kind": "turnFlagOn"},
        {"kind": "addTags"},
        "turnFlagOn",  # type: ignore[arg-type]
        {"value": "x"},
    )
    assert refused.status_code == 400
    places = [each["where"] for each in refused.json()["errors"]]
    assert places == [
        "instructions[0].value",
        "instructions[2].values",
        "instructions[3]",
        "instructions[4].kind",
    ]
    assert flags.config()["on"] is False


def test_what_is_wrong_in_several_instructions_is_said_at_once(flags: Flags) -> None:
    flags.make()
    refused = flags.instruct(
        {"kind": "updateOffVariation", "variationId": "x"},
        {"kind": "turnFlagOn"},
        {"kind": "updateName", "value": " "},
    )
    assert [each["where"].split(".")[0] for each in refused.json()["errors"]] == [
        "instructions[0]",
        "instructions[2]",
    ]
    assert flags.config()["on"] is False


@pytest.mark.parametrize("environment", ["", "nowhere"])
def test_targeting_needs_an_environment(flags: Flags, environment: str) -> None:
    flags.make()
    assert flags.instruct({"kind": "turnFlagOn"}, environment=environment).status_code == 400


def test_only_targeting_needs_an_environment() -> None:
    elsewhere = {name for name, kind in KINDS.items() if not issubclass(kind, InEnvironment)}
    assert elsewhere == {
        *("addVariation", "removeVariation", "updateVariation", "updateDefaultVariation"),
        *("addTags", "removeTags", "updateName", "updateDescription"),
        *("makeFlagPermanent", "makeFlagTemporary", "updateMaintainerMember", "updateMaintainerTeam"),
        *("turnOnClientSideAvailability", "turnOffClientSideAvailability", "removeMaintainer"),
        *("addCustomProperties", "replaceCustomProperties", "removeCustomProperties"),
        *("archiveFlag", "restoreFlag", "deprecateFlag", "restoreDeprecatedFlag", "deleteFlag"),
    }


def test_what_is_so_already_is_no_change(flags: Flags) -> None:
    made = flags.make()
    on, off = ids(made)
    told = flags.told(
        {"kind": "turnFlagOff"},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": on},
        {"kind": "updateOffVariation", "variationId": off},
        {"kind": "removeTargets", "variationId": on, "values": ["ada"]},
        {"kind": "removePrerequisite", "key": "x"},
        {"kind": "removeVariation", "variationId": "x"},
        {"kind": "removeTags", "values": ["x"]},
        {"kind": "makeFlagTemporary"},
        {"kind": "restoreFlag"},
        {"kind": "restoreDeprecatedFlag"},
        {"kind": "removeCustomProperties", "key": "x", "values": []},
        {"kind": "updateDefaultVariation"},
    )
    assert told == flags.get() == made


def test_instructions_need_no_header(flags: Flags) -> None:
    flags.make()
    body = {"environmentKey": HERE, "instructions": [{"kind": "turnFlagOn"}]}
    assert flags.patch(body).json()["environments"][HERE]["on"] is True


def test_a_body_without_instructions_under_the_header_is_refused(flags: Flags) -> None:
    flags.make()
    assert flags.patch({"name": "x"}, headers=SEMANTIC).status_code == 400


def test_too_many_instructions_are_refused(flags: Flags) -> None:
    flags.make()
    assert flags.instruct(*({"kind": "turnFlagOn"} for _ in range(101))).status_code == 400


def test_a_comment_is_kept_in_the_log(flags: Flags) -> None:
    flags.make()
    flags.patch({"comment": "why", "instructions": [{"kind": "updateName", "value": "New"}]})
    assert flags.surface.rows("project/default")[-1].comment == "why"


def test_a_token_of_one_environment_leaves_others_alone(flags: Flags) -> None:
    flags.make()
    confined = flags.surface.token("writer", "default", "test")
    refused = flags.instruct({"kind": "turnFlagOn"}, token=confined)
    assert refused.json()["errors"][0]["where"] == "environmentKey"
    assert flags.config()["on"] is False
    assert flags.instruct({"kind": "turnFlagOn"}, environment="test", token=confined).status_code == 200
    assert flags.config(environment="test")["on"] is True


def test_a_token_of_one_environment_keeps_the_defaults_of_the_others(flags: Flags) -> None:
    flags.make()
    confined = flags.surface.token("writer", "default", "test")
    swapped = {"kind": "updateDefaultVariation", "onVariationValue": False, "offVariationValue": True}
    assert flags.instruct(swapped, token=confined).status_code == 200
    assert flags.config()["fallthrough"] == {"variation": 0}
