"""Feature flags: their parameters, their life, and what other surfaces see of them."""

from typing import Any

import pytest

from equipoise.domain.identity import Place
from tests.dialects.auth0.shop import (
    EXPERIMENTS,
    FLAGS,
    LD_FLAGS,
    STEPS,
    TITLE,
    Offer,
    Shop,
    a_flag,
    an_experiment,
    said,
)

OF_EACH_TYPE: dict[str, list[Any]] = {
    "string": ["", "text", "\U0001f600", "a\nb"],
    "boolean": [True, False],
    "number": [0, -1, 1.5, 10**15, 1e300],
    "array": [[], [1, "a", None, [True]]],
    "object": [{}, {"a": {"b": [1]}}, {"__proto__": {"x": 1}}],
}
OTHERS = [
    (type, value)
    for type in OF_EACH_TYPE
    for value in (None, *(values[-1] for other, values in OF_EACH_TYPE.items() if other != type))
]
VALUES = [(type, value) for type, values in OF_EACH_TYPE.items() for value in values]


def one(type: str, value: Any, **fields: Any) -> dict[str, Any]:
    """A flag of one parameter."""
    return a_flag(parameters={"only": {"type": type, "value": value} | fields})


# birth


def test_a_flag_is_born_a_draft_of_the_tenant(shop: Shop) -> None:
    flag = shop.made(FLAGS, a_flag(description="How a visitor pays"))
    assert (flag["status"], flag["type"], flag["name"]) == ("draft", "self", "Checkout")
    assert flag["parameters"] == {"steps": STEPS, "title": TITLE}
    assert flag["description"] == "How a visitor pays"
    assert flag["created_at"] == flag["updated_at"]
    assert shop.get(f"{FLAGS}/{flag['id']}") == flag


def test_what_a_flag_has_not_is_left_out(shop: Shop) -> None:
    assert "description" not in shop.made(FLAGS, a_flag())


def test_a_flag_is_of_every_environment_and_active_in_each_for_itself(shop: Shop) -> None:
    offer = shop.flag()
    assert shop.get(offer.path)["status"] == "active"
    assert shop.told("GET", offer.path, token="elsewhere")["status"] == "draft"
    shop.told("PATCH", offer.path, {"status": "active"}, token="elsewhere")
    assert shop.told("GET", offer.path, token="elsewhere")["status"] == "active"


def test_a_name_is_taken_once_in_a_tenant_by_archived_ones_too(shop: Shop) -> None:
    path = f"{FLAGS}/{shop.made(FLAGS, a_flag())['id']}"
    for token in ("home", "elsewhere"):
        shop.refused("POST", FLAGS, a_flag(), 409, "name_already_exists", token=token)
    shop.patch(path, status="archived")
    shop.refused("POST", FLAGS, a_flag(), 409, "name_already_exists")
    shop.told("DELETE", path, status=204)
    shop.made(FLAGS, a_flag())


def test_names_that_hold_each_other_or_differ_in_case_are_two(shop: Shop) -> None:
    for name in ("Checkout", "checkout", "Checkout 2", "Check", "100%", "100_", "1000"):
        shop.made(FLAGS, a_flag(name))


# parameters


@pytest.mark.parametrize(("type", "value"), VALUES)
def test_a_parameter_is_told_as_it_was_said(shop: Shop, type: str, value: Any) -> None:
    body = one(type, value, description="What it is for")
    flag = shop.made(FLAGS, body)
    assert flag["parameters"] == body["parameters"]


@pytest.mark.parametrize(("type", "value"), OTHERS)
def test_a_default_is_of_the_type_that_is_said(shop: Shop, type: str, value: Any) -> None:
    message = shop.refused("POST", FLAGS, one(type, value))
    assert f"parameters.only.value: must be of the type {type}" in message


@pytest.mark.parametrize("type", ["int", "", "String", None, 1, "null", "json"])
def test_a_type_is_one_of_those_that_there_are(shop: Shop, type: Any) -> None:
    assert "parameters.only.type" in shop.refused("POST", FLAGS, one(type, 1))


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 201), (10, 201), (11, 400)])
def test_a_flag_has_1_to_10_parameters(shop: Shop, count: int, status: int) -> None:
    body = a_flag(parameters={f"parameter {number}": STEPS for number in range(count)})
    assert shop.ask("POST", FLAGS, body).status_code == status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("x" * 1_022, 201),
        ("x" * 1_023, 400),
        ("\xe9" * 511, 201),
        ("\xe9" * 512, 400),
        ('"' * 511, 201),
        ('"' * 512, 400),
    ],
    ids=range(6),
)
def test_a_value_is_of_1024_bytes_of_json_at_most(shop: Shop, value: str, status: int) -> None:
    assert shop.ask("POST", FLAGS, one("string", value)).status_code == status


@pytest.mark.parametrize(("length", "status"), [(0, 201), (255, 201), (256, 400)])
def test_a_parameter_is_described_in_255_characters(shop: Shop, length: int, status: int) -> None:
    body = one("number", 1, description="\U0001f600" * length)
    assert shop.ask("POST", FLAGS, body).status_code == status


@pytest.mark.parametrize(
    "key",
    [
        '"',
        "'",
        "/",
        "a/b",
        "a.b",
        "~0",
        "__proto__",
        "constructor",
        "$ref",
        "é",
        "\U0001f600",
        "a b",
        "x" * 256,
        "[0]",
    ],
)
def test_a_parameter_may_be_called_almost_anything(shop: Shop, key: str) -> None:
    flag = shop.made(FLAGS, a_flag(parameters={key: STEPS}))
    assert flag["parameters"] == {key: STEPS}
    path = f"{FLAGS}/{flag['id']}/variations"
    variation = shop.made(path, {"name": "Other", "overrides": {key: {"value": 1}}})
    assert variation["overrides"] == {key: {"value": 1}}


@pytest.mark.parametrize("key", ["", " ", "a\nb", "a\x1b", "\x7f", "x" * 257])
def test_a_parameter_is_called_something_that_can_be_shown(shop: Shop, key: str) -> None:
    shop.refused("POST", FLAGS, a_flag(parameters={key: STEPS}))


def test_parameters_are_said_with_every_fault_at_once(shop: Shop) -> None:
    body = {
        "name": "ab",
        "description": "x",
        "parameters": {
            "one": {"type": "number", "value": "1", "description": "x" * 256},
            "two": {"type": "levity", "value": 1},
            "three": {"type": "string"},
            "four": {"type": "string", "value": "x" * 2_000, "more": 1},
        },
        "colour": "red",
    }
    message = shop.refused("POST", FLAGS, body)
    for where in (
        "name",
        "description",
        "parameters.one.value",
        "parameters.one.description",
        "parameters.two.type",
        "parameters.three.value",
        "parameters.four.value",
        "parameters.four.more",
        "colour",
    ):
        assert f"{where}: " in message


@pytest.mark.parametrize("missing", ["name", "parameters"])
def test_what_a_flag_must_have_is_named_where_it_is_missing(shop: Shop, missing: str) -> None:
    assert f"{missing}: is required" in shop.refused("POST", FLAGS, said(a_flag() | {missing: ...}))
    shop.refused("POST", FLAGS, a_flag() | {missing: None})


# changes


def test_a_patch_changes_what_it_says_and_nothing_else(shop: Shop) -> None:
    offer = shop.flag(description="What it was")
    before = shop.get(offer.path)
    after = shop.patch(offer.path, name="Another name")
    assert after == before | {"name": "Another name", "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert shop.patch(offer.path, description=None).keys() == before.keys() - {"description"}


def test_a_patch_of_nothing_is_no_change(shop: Shop) -> None:
    offer = shop.flag()
    before, stored = shop.get(offer.path), shop.everything()
    assert shop.patch(offer.path) == before
    assert shop.patch(offer.path, name="Checkout", parameters=before["parameters"], status="active") == before
    assert shop.everything() == stored


def test_a_flag_is_not_renamed_to_what_another_is_called(shop: Shop) -> None:
    shop.flag("One flag")
    two = shop.flag("Two flag")
    shop.refused("PATCH", two.path, {"name": "One flag"}, 409, "name_already_exists")


def test_what_is_overridden_stays_where_defaults_change_and_the_rest_follows(shop: Shop) -> None:
    """Whole values, as LaunchDarkly's clients get them."""
    offer = shop.flag()
    assert values(shop) == [{"steps": 4, "title": "Buy"}, {"steps": 1, "title": "Buy"}]
    shop.patch(offer.path, parameters={"steps": STEPS | {"value": 7}, "title": TITLE | {"value": "Pay"}})
    assert values(shop) == [{"steps": 7, "title": "Pay"}, {"steps": 1, "title": "Pay"}]
    assert overrides(shop, offer) == [{}, {"steps": {"value": 1}}]


def test_what_is_overridden_with_the_new_default_is_no_override_any_more(shop: Shop) -> None:
    offer = shop.flag()
    shop.patch(offer.path, parameters={"steps": STEPS | {"value": 1}, "title": TITLE})
    assert overrides(shop, offer) == [{}, {}]
    assert values(shop) == [{"steps": 1, "title": "Buy"}] * 2


def test_a_parameter_may_be_added_and_one_that_nothing_overrides_taken_away(shop: Shop) -> None:
    offer = shop.flag()
    big = {"type": "boolean", "value": True}
    flag = shop.patch(offer.path, parameters={"big": big, "steps": STEPS})
    assert flag["parameters"] == {"big": big, "steps": STEPS}
    assert values(shop) == [{"big": True, "steps": 4}, {"big": True, "steps": 1}]


@pytest.mark.parametrize("steps", [None, {"type": "string", "value": "4"}, {"type": "array", "value": []}])
def test_a_parameter_that_is_overridden_neither_goes_nor_becomes_another(shop: Shop, steps: Any) -> None:
    offer = shop.flag()
    parameters = {"title": TITLE} | ({"steps": steps} if steps else {})
    message = shop.refused("PATCH", offer.path, {"parameters": parameters})
    assert "parameters.steps: variation 'Fewer' overrides it with a number" in message


@pytest.mark.parametrize("parameters", [{}, None, [], {"steps": None}, {"steps": {}}, {"steps": 4}])
def test_a_flag_keeps_its_parameters_where_others_are_badly_said(shop: Shop, parameters: Any) -> None:
    shop.refused("PATCH", shop.flag().path, {"parameters": parameters})


def values(shop: Shop) -> list[Any]:
    document = shop.speak("GET", f"{LD_FLAGS}/checkout")
    return [each["value"] for each in document["variations"]]


def overrides(shop: Shop, offer: Offer) -> list[Any]:
    return [each["overrides"] for each in shop.get(f"{offer.path}/variations")["variations"]]


# life


def test_a_flag_is_active_once_it_has_two_variations(shop: Shop) -> None:
    path = f"{FLAGS}/{shop.made(FLAGS, a_flag())['id']}"
    for name in ("First", "Second"):
        assert "two variations" in shop.refused("PATCH", path, {"status": "active"})
        shop.made(f"{path}/variations", {"name": name, "overrides": {}})
    assert shop.patch(path, status="active")["status"] == "active"


@pytest.mark.parametrize("beta", [True, False])
@pytest.mark.parametrize(
    ("was", "wanted", "allowed"),
    [
        ("draft", "draft", True),
        ("draft", "active", True),
        ("draft", "archived", True),
        ("active", "draft", False),
        ("active", "active", True),
        ("active", "archived", True),
    ],
)
def test_a_flag_goes_from_draft_to_active_to_the_archive(
    shop: Shop, was: str, wanted: str, allowed: bool, beta: bool
) -> None:
    path = shop.flag(active=was == "active").path
    method, at = ("POST", f"{path}/status") if beta else ("PATCH", path)
    if allowed:
        assert shop.told(method, at, {"status": wanted})["status"] == wanted
    else:
        shop.refused(method, at, {"status": wanted}, 400, "invalid_status_transition")


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Another"},
        {"status": "draft"},
        {"status": "active"},
        {"status": "archived"},
        {"description": None},
        {"parameters": {"steps": STEPS}},
        {},
    ],
)
def test_an_archived_flag_stays_as_it_is(shop: Shop, body: Any) -> None:
    offer = shop.flag()
    shop.patch(offer.path, status="archived")
    shop.refused("PATCH", offer.path, body, 409, "feature_flag_archived")
    assert shop.get(offer.path)["status"] == "archived"


@pytest.mark.parametrize("status", ["paused", "", None, 1, "ACTIVE", "completed"])
def test_a_status_is_one_of_those_that_there_are(shop: Shop, status: Any) -> None:
    path = shop.flag().path
    shop.refused("PATCH", path, {"status": status})
    shop.refused("POST", f"{path}/status", {"status": status})


def test_a_transition_alone_says_a_status_and_nothing_else(shop: Shop) -> None:
    path = shop.flag().path
    assert "status: is required" in shop.refused("POST", f"{path}/status", {})
    shop.refused("POST", f"{path}/status", {"status": "archived", "name": "Another"})


def test_fields_and_a_transition_are_both_made_or_neither(shop: Shop) -> None:
    path = f"{FLAGS}/{shop.made(FLAGS, a_flag())['id']}"
    shop.refused("PATCH", path, {"name": "Another", "status": "active"})
    offer = shop.flag("With variations", active=False)
    shop.refused("PATCH", offer.path, {"status": "active", "parameters": {"title": TITLE}})
    said = {"name": "Another", "description": "And more", "status": "active"}
    assert said.items() <= shop.patch(offer.path, **said).items()


def test_a_flag_that_is_switched_off_elsewhere_is_a_draft_again(shop: Shop) -> None:
    offer = shop.flag()
    shop.instruct(f"{LD_FLAGS}/checkout", {"kind": "turnFlagOff"})
    assert shop.get(offer.path)["status"] == "draft"
    assert shop.patch(offer.path, status="active")["status"] == "active"


def test_a_flag_that_is_archived_elsewhere_is_archived(shop: Shop) -> None:
    offer = shop.flag()
    shop.instruct(f"{LD_FLAGS}/checkout", {"kind": "archiveFlag"})
    assert shop.get(offer.path)["status"] == "archived"
    assert shop.get(FLAGS)["feature_flags"] == []


def test_a_flag_under_an_active_experiment_keeps_what_the_experiment_serves(shop: Shop) -> None:
    offer = shop.flag()
    shop.experiment(offer, status="active")
    shop.refused("PATCH", offer.path, {"parameters": {"steps": STEPS | {"value": 7}, "title": TITLE}}, 409)
    shop.refused("PATCH", offer.path, {"status": "archived"}, 409)
    described = {"steps": STEPS | {"description": "Another"}, "title": TITLE}
    assert shop.patch(offer.path, name="Another", parameters=described)["parameters"] == described


# the end


def test_a_flag_that_is_not_there_is_as_good_as_deleted(shop: Shop) -> None:
    offer = shop.flag()
    for path in (offer.path, offer.path, f"{FLAGS}/x", f"{FLAGS}/flg_{'1' * 17}", f"{FLAGS}/{offer.control}"):
        response = shop.ask("DELETE", path)
        assert (response.status_code, response.content) == (204, b"")
    shop.refused("GET", offer.path, status=404)


@pytest.mark.parametrize("status", ["draft", "active", "paused", "completed"])
def test_a_flag_in_use_is_not_deleted(shop: Shop, status: str) -> None:
    offer = shop.flag()
    shop.in_status(offer, status)
    assert "uses it" in shop.refused("DELETE", offer.path, status=409) or status in ("active", "paused")


def test_a_flag_that_archived_experiments_were_on_may_be_deleted(shop: Shop) -> None:
    offer = shop.flag()
    path = shop.in_status(offer, "archived")
    shop.told("DELETE", offer.path, status=204)
    experiment = shop.get(path)
    assert experiment["feature_flag_id"] == "flg_" + "1" * 17
    assert "feature_flag_name" not in experiment
    assert experiment["is_valid"] is False


def test_a_flag_that_an_experiment_elsewhere_is_on_is_not_deleted(shop: Shop) -> None:
    offer = shop.flag()
    shop.made(EXPERIMENTS, an_experiment(offer), token="elsewhere")
    shop.refused("DELETE", offer.path, status=409)


# flags of other surfaces


def a_plain_flag(shop: Shop, *values: Any) -> str:
    """The path of a flag that was made through LaunchDarkly's surface."""
    body: dict[str, Any] = {"key": "plain", "name": "Plain flag"}
    if values:
        body["variations"] = [{"value": value} for value in values]
    shop.speak("POST", LD_FLAGS, body)
    (flag,) = shop.get(FLAGS)["feature_flags"]
    return f"{FLAGS}/{flag['id']}"


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ((True, False), "boolean"),
        (("red", "blue"), "string"),
        ((1, 2.5), "number"),
        (([1], []), "array"),
        (({"a": 1}, {}), "object"),
    ],
)
def test_a_flag_without_parameters_is_shown_with_one_for_its_value(
    shop: Shop, values: tuple[Any, ...], type: str
) -> None:
    path = a_plain_flag(shop, *values)
    off = shop.stored_flag("Plain flag").off_variation
    default = next(each.value for each in shop.stored_flag("Plain flag").variations if each.id == off)
    assert shop.get(path)["parameters"] == {"value": {"type": type, "value": default}}
    shown = shop.get(f"{path}/variations")["variations"]
    assert [each["overrides"] for each in shown] == [
        {} if value == default else {"value": {"value": value}} for value in values
    ]


def test_a_flag_without_parameters_names_its_variations_by_their_values(shop: Shop) -> None:
    path = a_plain_flag(shop, "red", "x" * 300)
    names = [each["name"] for each in shop.get(f"{path}/variations")["variations"]]
    assert names == ["red", "x" * 252 + "..."]


def test_a_flag_without_parameters_gets_none_and_no_overrides_here(shop: Shop) -> None:
    path = a_plain_flag(shop)
    variation = shop.get(f"{path}/variations")["variations"][0]["id"]
    code = "feature_flag_without_parameters"
    shown = shop.get(path)["parameters"]
    shop.refused("PATCH", path, {"parameters": shown}, 400, code)
    shop.refused("POST", f"{path}/variations", {"name": "Third", "overrides": {}}, 400, code)
    shop.refused("PATCH", f"{path}/variations/{variation}", {"overrides": {}}, 400, code)
    assert shop.patch(f"{path}/variations/{variation}", name="Yes")["name"] == "Yes"
    assert shop.patch(path, name="Another", status="active")["status"] == "active"


def test_a_flag_without_parameters_can_be_experimented_on(shop: Shop) -> None:
    path = a_plain_flag(shop)
    shop.patch(path, status="active")
    yes, no = (each["id"] for each in shop.get(f"{path}/variations")["variations"])
    offer = Offer(path.rsplit("/", 1)[1], no, yes)
    experiment = shop.get(shop.experiment(offer, status="active"))
    assert [each["variation_name"] for each in experiment["allocations"]] == ["false", "true"]


# strangers


def test_a_flag_of_another_project_is_not_there(shop: Shop) -> None:
    shop.speak("POST", "/api/v2/projects", {"key": "other", "name": "Another project"})
    stranger = shop.surface.token("admin", home=Place("other", "production"))
    offer = shop.flag()
    for method, path, body in (
        ("GET", offer.path, None),
        ("PATCH", offer.path, {"name": "Mine"}),
        ("POST", f"{offer.path}/status", {"status": "archived"}),
        ("GET", f"{offer.path}/variations", None),
        ("POST", f"{offer.path}/variations", {"name": "Mine", "overrides": {}}),
        ("GET", f"{offer.path}/variations/{offer.control}", None),
        ("DELETE", f"{offer.path}/variations/{offer.control}", None),
        ("POST", EXPERIMENTS, an_experiment(offer)),
    ):
        shop.refused(method, path, body, 404, token=stranger)
    assert shop.ask("DELETE", offer.path, token=stranger).status_code == 204
    assert shop.get(offer.path)["name"] == "Checkout"
    assert shop.told("GET", FLAGS, token=stranger) == {"feature_flags": []}
    shop.made(FLAGS, a_flag(), token=stranger)
