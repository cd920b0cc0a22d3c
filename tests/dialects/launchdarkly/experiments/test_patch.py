"""Edits: of fields, by each operation, in each status; what is refused changes nothing."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.dialects.launchdarkly.experiments.documents import Stage
from equipoise.dialects.launchdarkly.experiments.fields import FIELDS, MUTABLE
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import ProposeAllocation
from equipoise.domain.limits import INSTRUCTIONS_MAX
from tests.dialects.launchdarkly.experiments.shop import (
    ALL,
    ARCHIVE,
    HERE,
    NEW,
    OLD,
    RESTORE,
    RULE,
    START,
    Shop,
    again,
    edit,
    places,
    stop,
    update,
)
from tests.fixtures_surface import SEMANTIC, Surface


def name(value: Any) -> dict[str, Any]:
    return {"kind": "updateName", "value": value}


# the envelope


@pytest.mark.parametrize(
    "media",
    [
        "application/json",
        "application/json; domain-model=launchdarkly.semanticpatch",
        "application/json;Domain-Model=LaunchDarkly.SemanticPatch; charset=utf-8",
    ],
)
def test_either_content_type_is_taken(shop: Shop, media: str) -> None:
    shop.create()
    assert shop.patch(name("Other"), headers={"Content-Type": media})["name"] == "Other"


@pytest.mark.parametrize("content", [b"", b"[", b'{"instructions": "\xff"}', b'{"comment": "\\u0000"}'])
def test_bytes_that_are_no_patch_are_refused(shop: Shop, content: bytes) -> None:
    shop.create()
    path = f"{ALL}/new-checkout"
    shop.unchanged(lambda: shop.surface.call("PATCH", path, content=content, headers=SEMANTIC))


@pytest.mark.parametrize("body", [[], {}, {"instructions": None}, {"instructions": {}}, {"name": "x"}, 5])
def test_a_body_without_instructions_is_refused(shop: Shop, body: Any) -> None:
    shop.create()
    path = f"{ALL}/new-checkout"
    shop.unchanged(lambda: shop.surface.call("PATCH", path, json=body))


def test_no_instructions_change_nothing(shop: Shop) -> None:
    made = shop.create()
    before = shop.everything()
    assert shop.patch() == made
    assert shop.everything() == before


def test_more_instructions_than_may_be_are_refused(shop: Shop) -> None:
    shop.create()
    assert "INSTRUCTIONS_MAX" in shop.refused(*[name("x")] * (INSTRUCTIONS_MAX + 1))["message"]


def test_a_patch_needs_an_experiment(shop: Shop) -> None:
    shop.refused(name("x"), key="tea", status=404)


def test_the_comment_stands_in_the_log(shop: Shop) -> None:
    shop.create()
    shop.patch(name("Other"), comment="better")
    with shop.surface.store.read() as reader:
        row = reader.history("project/default", 0, 1_000)[-1]
    assert (row.comment, row.surface, row.key) == ("better", "launchdarkly", "new-checkout")


def test_a_patch_compares_the_revision_it_is_given(shop: Shop) -> None:
    shop.create()
    tag = shop.surface.call("GET", f"{ALL}/new-checkout").headers["etag"]
    shop.patch(name("One"), headers={**SEMANTIC, "If-Match": tag})
    stale = {**SEMANTIC, "If-Match": tag}
    shop.unchanged(lambda: shop.patching(name("Two"), headers=stale), 412, "precondition_failed")


def test_a_patch_under_one_idempotency_key_is_made_once(shop: Shop) -> None:
    shop.create()
    headers = {**SEMANTIC, "Idempotency-Key": "k"}
    first = shop.patching(name("One"), headers=headers)
    before = shop.everything()
    assert shop.patching(name("One"), headers=headers).content == first.content
    assert shop.patching(name("Two"), headers=headers).status_code == 422
    assert shop.everything() == before


# all or nothing


def test_one_bad_instruction_among_twenty_good_ones_changes_nothing(shop: Shop) -> None:
    shop.create()
    good = [name(f"name {number}") for number in range(20)]
    said = shop.refused(*good[:10], {"kind": "levitate"}, *good[10:])
    assert places(said) == ["instructions[10].kind"]
    assert "levitate" in said["message"]


def test_the_faults_of_all_instructions_are_named_at_once(shop: Shop) -> None:
    shop.create()
    said = shop.refused(
        {"kind": "levitate"},
        name(5),
        "start",
        {},
        edit(tags=("update", "a"), colour=("update", 1), name=("add", "x"), hypothesis=("update",)),
        update(treatments=shop.arms("x", "50"), metrics=[{"key": "tea"}], randomizationUnit=""),
        stop("x"),
        {"kind": "stopIteration"},
    )
    assert places(said) == [
        "instructions[0].kind",
        "instructions[1].value",
        "instructions[2]",
        "instructions[3].kind",
        "instructions[4].value.colour",
        "instructions[4].value.name.operation",
        "instructions[4].value.tags.value",
        "instructions[4].value.hypothesis.value",
        "instructions[5].value.randomizationUnit.value",
        "instructions[5].value.treatments.value[0].allocationPercent",
        "instructions[5].value.metrics.value[0].key",
        "instructions[6].kind",
        "instructions[7].winningTreatmentId",
    ]


def test_instructions_apply_in_the_clients_order(shop: Shop) -> None:
    shop.create()
    said = shop.patch(name("One"), update(name="Two"), name("Three"))
    assert said["name"] == "Three"
    shop.refused(START, update(hypothesis="too late"))
    assert shop.patch(update(hypothesis="in time"), START)["currentIteration"]["hypothesis"] == "in time"


def test_what_holds_already_is_no_change(shop: Shop) -> None:
    made = shop.create(tags=["a"], description="d")
    before = shop.everything()
    current = shop.iteration()
    shop.patch(
        name(made["name"]),
        {"kind": "updateDescription", "value": "d"},
        edit(tags=("add", ["a"])),
        edit(tags=("remove", ["b"])),
        update(
            treatments=current["treatments"],
            flags=current["flags"],
            metrics=current["metrics"],
            primarySingleMetricKey="purchase",
            hypothesis=current["hypothesis"],
            randomizationUnit="user",
            canReshuffleTraffic=True,
            attributes=[],
            methodology="frequentist",
            dataSource="launchdarkly",
            maintainerId=made["_maintainerId"],
        ),
        RESTORE,
    )
    assert shop.everything() == before


# fields


def test_the_table_that_is_served_is_the_one_that_is_enforced(shop: Shop) -> None:
    shop.create()
    served = shop.get(expand="mutableFieldsByStatus")["mutableFieldsByStatus"]
    assert served == {status: {k: list(v) for k, v in fields.items()} for status, fields in MUTABLE.items()}
    assert served["running"]["metrics"] == ["add"]
    assert set(served["stopped"]) == {"name", "description", "maintainerId", "tags"}
    assert "mutableFieldsByStatus" not in shop.get()


@pytest.mark.parametrize("status", MUTABLE)
def test_an_operation_that_the_status_does_not_list_is_refused(shop: Shop, status: Stage) -> None:
    shop.create()
    if status != "not_started":
        shop.patch(START)
    if status == "stopped":
        shop.patch(stop())
    unlisted = [
        (field, operation)
        for field in FIELDS
        for operation in ("add", "update", "remove", "multiply", "")
        if operation not in MUTABLE[status].get(field, ())
    ]
    said = shop.refused(*(edit(**{field: (operation, [])}) for field, operation in unlisted))
    assert places(said) == [
        f"instructions[{index}].value.{field}.operation" for index, (field, _) in enumerate(unlisted)
    ]


LISTED = ["b", "a"]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (("update", ["c"]), ["c"]),
        (("update", []), []),
        (("add", ["c", "a"]), ["b", "a", "c"]),
        (("remove", ["b", "x"]), ["a"]),
        (("remove",), []),
    ],
)
def test_lists_are_replaced_united_thinned_and_cleared(shop: Shop, said: Any, left: list[str]) -> None:
    shop.create(tags=LISTED, iteration=shop.iteration(attributes=LISTED))
    now = shop.patch(edit(tags=said, attributes=said))
    assert now["tags"] == left
    assert now["currentIteration"]["attributes"] == left


@pytest.mark.parametrize(
    ("said", "left", "primary"),
    [
        (("update", [{"key": "basket"}]), ["basket"], "basket"),
        (("add", [{"key": "basket"}]), ["purchase", "basket"], "purchase"),
        (("add", [{"key": "basket", "primary": True}]), ["purchase", "basket"], "basket"),
        (("add", [{"key": "purchase", "analysisUnit": "device"}]), ["purchase"], "purchase"),
        (("remove", ["purchase"]), [], None),
        (("remove", [{"key": "purchase"}, "tea"]), [], None),
        (("remove",), [], None),
    ],
)
def test_metrics_are_replaced_united_thinned_and_cleared(
    shop: Shop, said: Any, left: list[str], primary: str | None
) -> None:
    shop.create()
    current = shop.patch(edit(metrics=said))["currentIteration"]
    assert [each["key"] for each in current["metrics"]] == left
    assert current.get("primarySingleMetricKey") == primary
    units = {each["key"]: each.get("analysisUnit") for each in current["metrics"]}
    assert units.get("purchase") == ("device" if "analysisUnit" in str(said) else None)


def test_every_field_of_a_draft_can_be_replaced(shop: Shop) -> None:
    holdout = shop.holdout("q4")
    shop.create()
    now = shop.patch(
        update(
            name="Other",
            description="d",
            tags=["t"],
            methodology="bayesian",
            analysisConfig={"bayesianThreshold": "95.0", "sequentialTestingEnabled": True},
            dataSource="snowflake",
            holdoutId=holdout,
            hypothesis="h",
            randomizationUnit="device",
            treatments=shop.arms("10.00", "20"),
            flags=shop.flags(ruleId=RULE, notInExperimentVariationId=NEW),
            metrics=[{"key": "basket"}],
            primarySingleMetricKey="purchase",
            attributes=["country"],
            canReshuffleTraffic=False,
            covariateId="c",
            reallocationFrequencyMillis=5,
        )
    )
    current = now["currentIteration"]
    assert (now["name"], now["description"], now["tags"]) == ("Other", "d", ["t"])
    assert (now["methodology"], now["dataSource"], now["holdoutId"]) == ("bayesian", "snowflake", holdout)
    assert now["analysisConfig"] == {"bayesianThreshold": "95.0", "sequentialTestingEnabled": True}
    assert (current["hypothesis"], current["randomizationUnit"]) == ("h", "device")
    assert [each["allocationPercent"] for each in current["treatments"]] == ["10.00", "20"]
    assert current["flags"]["checkout"]["targetingRule"] == RULE
    assert current["flags"]["checkout"]["notInExperimentVariationId"] == NEW
    assert [each["key"] for each in current["metrics"]] == ["purchase", "basket"]
    assert current["primarySingleMetricKey"] == "purchase"
    assert current["attributes"] == ["country"]
    assert current["canReshuffleTraffic"] is False
    assert current["covariateId"] == "c"
    assert "holdoutId" not in shop.patch(edit(holdoutId=("remove",)))


def test_new_shares_are_told_as_they_are_now(shop: Shop) -> None:
    shop.create(iteration=shop.iteration(treatments=shop.arms("50.0", "50")))
    now = shop.patch(update(treatments=shop.arms("40", "60")))
    assert [each["allocationPercent"] for each in now["currentIteration"]["treatments"]] == ["40", "60"]


def test_a_text_that_no_longer_says_the_share_is_not_echoed(shop: Shop) -> None:
    shop.create(iteration=shop.iteration(treatments=shop.arms("50.0", "50.00")))
    proposal = shop.stored(EXPERIMENT, HERE, "new-checkout").draft.proposal
    first = replace(proposal.arms[0], share=12_500)
    shop.change("new-checkout", ProposeAllocation(replace(proposal, arms=(first, proposal.arms[1]))))
    texts = [
        each["allocationPercent"] for each in shop.get(expand="treatments")["currentIteration"]["treatments"]
    ]
    assert texts == ["12.5", "50.00"]


def test_a_running_experiment_takes_more_metrics_and_attributes(shop: Shop) -> None:
    shop.running()
    shop.metric("views")
    now = shop.patch(edit(metrics=("add", [{"key": "views"}]), attributes=("add", ["country"])))
    current = now["currentIteration"]
    assert [each["key"] for each in current["metrics"]] == ["purchase", "views"]
    assert current["primarySingleMetricKey"] == "purchase"
    assert current["attributes"] == ["country"]
    pinned = shop.stored(EXPERIMENT, HERE, "new-checkout").current.metrics
    assert [use.version for use in pinned] == [1, 1]


BAD_FIELDS: dict[str, tuple[Any, str]] = {
    "a blank name": (update(name=" "), "name.name"),
    "a name that is a number": (update(name=1), "name.value"),
    "tags that are no list": (update(tags="a"), "tags.value"),
    "a tag that is a number": (update(tags=["a", 1]), "tags.value[1]"),
    "metrics that are texts": (update(metrics=["purchase"]), "metrics.value[0]"),
    "an unknown metric": (update(metrics=[{"key": "tea"}]), "metrics.value[0].key"),
    "a metric group": (update(metrics=[{"key": "g", "isGroup": True}]), "metrics.value[0].isGroup"),
    "an unknown primary": (update(primarySingleMetricKey="tea"), "primarySingleMetricKey.value"),
    "a primary funnel": (update(primaryFunnelKey="tea"), "primaryFunnelKey.value"),
    "an empty unit": (update(randomizationUnit=""), "randomizationUnit.value"),
    "an unknown unit": (update(randomizationUnit="tea"), "randomizationUnit.value"),
    "an unknown methodology": (update(methodology="tea"), "methodology.value"),
    "an unknown data source": (update(dataSource="tea"), "dataSource.value"),
    "an unknown maintainer": (update(maintainerId="f" * 24), "maintainerId.value"),
    "a reshuffle that is text": (update(canReshuffleTraffic="yes"), "canReshuffleTraffic.value"),
    "a cadence that is text": (update(reallocationFrequencyMillis="1"), "reallocationFrequencyMillis.value"),
    "a bad threshold": (
        update(analysisConfig={"bayesianThreshold": "x"}),
        "analysisConfig.value.bayesianThreshold",
    ),
    "an unknown correction": (
        update(analysisConfig={"multipleComparisonCorrectionMethod": "x"}),
        "analysisConfig.value.multipleComparisonCorrectionMethod",
    ),
    "no treatments' shape": (update(treatments=[{}]), "treatments.value[0].name"),
    "an unknown field": (update(colour="red"), "colour"),
    "no operation": ({"kind": "updateExperimentFields", "value": {"name": {}}}, "name.operation"),
    "an update that is no object": (
        {"kind": "updateExperimentFields", "value": {"name": "x"}},
        "name",
    ),
}


@pytest.mark.parametrize("fault", BAD_FIELDS)
def test_a_bad_field_is_named(shop: Shop, fault: str) -> None:
    shop.create()
    instruction, place = BAD_FIELDS[fault]
    assert f"instructions[0].value.{place}" in places(shop.refused(instruction))


@pytest.mark.parametrize("kind", ["updateName", "updateDescription", "updateExperimentFields"])
@pytest.mark.parametrize("fields", [{}, {"value": 5}, {"value": None}, {"value": ["x"]}])
def test_parameters_that_are_missing_or_mistyped_are_named(
    shop: Shop, kind: str, fields: dict[str, Any]
) -> None:
    shop.create()
    assert places(shop.refused({"kind": kind} | fields)) == ["instructions[0].value"]


@pytest.mark.parametrize("percent", ["x", "NaN", "-1", "1e2", "", "100.1"])
def test_percentages_that_are_none_are_refused_in_an_edit(shop: Shop, percent: str) -> None:
    shop.create()
    said = shop.refused(update(treatments=shop.arms(percent, "50")))
    assert places(said) == ["instructions[0].value.treatments.value[0].allocationPercent"]


def test_an_edit_to_treatments_is_held_to_the_rules_of_creation(shop: Shop) -> None:
    shop.create()
    place = "instructions[0].value.treatments.value"
    two = [each | {"baseline": True} for each in shop.arms("50", "50")]
    assert places(shop.refused(update(treatments=two))) == [place]
    assert places(shop.refused(update(treatments=shop.arms("50", "50.01")))) == [place]
    strange = shop.arm("x", "x")
    found = places(shop.refused(update(treatments=[strange])))
    assert found == [f"{place}[0].parameters[0].variationId"]


def test_the_flag_of_an_experiment_stays(shop: Shop) -> None:
    shop.create()
    shop.flag("banner")
    said = shop.refused(update(flags=shop.flags("banner")))
    assert places(said) == ["instructions[0].value.flags.value.banner"]


def test_a_stale_flag_version_in_an_edit_is_a_conflict(shop: Shop) -> None:
    shop.create()
    stale = shop.flags(flagConfigVersion=1)
    shop.refused(name("x"), update(flags=stale), status=409, code="optimistic_locking_error")


def test_a_bandit_stays_bayesian(shop: Shop) -> None:
    shop.create(type="mab")
    said = shop.refused(update(methodology="frequentist"))
    assert places(said) == ["instructions[0].value.methodology.value"]


def test_unknown_keys_are_ignored(shop: Shop) -> None:
    shop.create()
    assert shop.patch(name("Other") | {"colour": "red"})["name"] == "Other"


# archived


def test_an_archived_experiment_takes_its_restoration_alone(shop: Shop) -> None:
    shop.create()
    archived = shop.patch(ARCHIVE)
    assert isinstance(archived["archivedDate"], int)
    for instruction in (name("x"), update(name="x"), START, stop(), again(), update()):
        said = shop.refused(instruction)
        assert places(said) == ["instructions[0].kind"]
    before = shop.everything()
    assert shop.patch(ARCHIVE) == archived
    assert shop.everything() == before
    iteration = shop.iteration()
    shop.unchanged(lambda: shop.surface.call("POST", f"{ALL}/new-checkout/iterations", json=iteration))
    assert "archivedDate" not in shop.patch(RESTORE)
    assert shop.patch(ARCHIVE, RESTORE, name("Other"))["name"] == "Other"


def test_what_runs_is_not_archived(shop: Shop) -> None:
    shop.running()
    assert places(shop.refused(ARCHIVE)) == ["instructions[0].kind"]
    assert shop.patch(stop(), ARCHIVE)["archivedDate"]


def test_a_reader_changes_nothing(shop: Shop) -> None:
    shop.create()
    shop.unchanged(lambda: shop.patching(name("x"), token="reader"), 403, "forbidden")
    assert shop.surface.call("GET", f"{ALL}/new-checkout", token="reader").status_code == 200


def test_the_winner_is_one_of_the_treatments(shop: Shop) -> None:
    shop.running()
    said = shop.refused(stop(OLD + "0"))
    assert places(said) == ["instructions[0].winningTreatmentId"]


def test_the_surface_is_open_to_its_owner(surface: Surface) -> None:
    assert surface.call("GET", ALL).json()["items"] == []
