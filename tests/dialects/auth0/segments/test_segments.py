"""Segments: what their rules may say, that they come back as they were said, and what becomes of them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.auth0.segments import rules as translated
from equipoise.dialects.auth0.segments.documents import Rule
from equipoise.domain.identity import Place
from tests.dialects.auth0.shop import ELSEWHERE, EXPERIMENTS, RULES, SEGMENTS, Shop, by_segment

EXPRESSIONS: list[Any] = [
    ["DE"],
    ["DE", "AT", ""],
    {"contains": ["bot", "spider"]},
    {"starts_with": ["10."]},
    {"ends_with": ["@example.org"]},
    {"exists": True},
    {"exists": False},
]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
values = st.lists(texts, min_size=1, max_size=3)
expressions = st.one_of(
    values,
    st.builds(
        lambda name, said: {name: said}, st.sampled_from(["contains", "starts_with", "ends_with"]), values
    ),
    st.builds(lambda said: {"exists": said}, st.booleans()),
)
names = st.sampled_from(
    ["country", "a/b", "/path", "~0", "/~1", "a.b", ".", "match", "not_match.x", "__proto__", "é"]
)
sides = st.dictionaries(names, expressions, min_size=1, max_size=4)
rules = st.one_of(
    st.builds(lambda match: {"match": match}, sides),
    st.builds(lambda not_match: {"not_match": not_match}, sides),
    st.builds(lambda match, not_match: {"match": match, "not_match": not_match}, sides, sides),
)


def matching(country: Any) -> list[Any]:
    return [{"match": {"country": country}}]


def body(said: Any, **fields: Any) -> dict[str, Any]:
    return {"name": "Some people", "rules": said} | fields


# what is said


def test_a_segment_is_active_and_of_the_tenant(shop: Shop) -> None:
    segment = shop.made(SEGMENTS, body(RULES, description="Where they are"))
    assert (segment["name"], segment["type"], segment["status"]) == ("Some people", "self", "active")
    assert (segment["description"], segment["rules"]) == ("Where they are", RULES)
    assert shop.get(f"{SEGMENTS}/{segment['id']}") == segment


@pytest.mark.parametrize("side", ["match", "not_match"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_comes_back_as_it_was_said_on_either_side(
    shop: Shop, side: str, expression: Any
) -> None:
    said = [{side: {"country": expression, "browser": ["Firefox"]}}]
    assert shop.made(SEGMENTS, body(said))["rules"] == said


@given(st.lists(rules, min_size=1, max_size=4))
def test_rules_come_back_as_they_were_said(said: list[Any]) -> None:
    ours = translated.rules_of(msgspec.convert(said, list[Rule]))
    assert msgspec.to_builtins(translated.rules_shown(ours)) == said


@given(st.lists(rules, min_size=1, max_size=4))
def test_rules_that_are_well_said_make_no_findings(said: list[Any]) -> None:
    found = translated.findings(msgspec.convert(said, list[Rule]))
    assert all(each is True for each in found)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ([], "rules: must be one rule at least"),
        (None, "rules"),
        ({}, "rules"),
        ([{}], "rules[0]: must say match or not_match"),
        ([None], "rules[0]"),
        ([[]], "rules[0]"),
        ([{"match": {}}], "rules[0].match: must be 1 to 10 attributes"),
        ([{"not_match": {}}], "rules[0].not_match: must be 1 to 10 attributes"),
        ([{"match": None}], "rules[0].match"),
        ([{"match": []}], "rules[0].match"),
        ([{"match": {"country": ["DE"]}, "unless": {}}], "rules[0].unless: is not known here"),
        (matching([]), "rules[0].match.country: must be a list of one text or more"),
        (matching([1]), "rules[0].match.country"),
        (matching([None]), "rules[0].match.country"),
        (matching([["DE"]]), "rules[0].match.country"),
        (matching("DE"), "rules[0].match.country"),
        (matching(None), "rules[0].match.country"),
        (matching(True), "rules[0].match.country"),
        (matching({}), "rules[0].match.country"),
        (matching({"equals": ["DE"]}), "rules[0].match.country"),
        (matching({"startsWith": ["DE"]}), "rules[0].match.country"),
        (matching({"in": ["DE"]}), "rules[0].match.country"),
        (matching({"contains": ["DE"], "exists": True}), "rules[0].match.country"),
        (matching({"contains": "DE"}), "rules[0].match.country.contains"),
        (matching({"contains": []}), "rules[0].match.country.contains"),
        (matching({"contains": [1]}), "rules[0].match.country.contains"),
        (matching({"starts_with": None}), "rules[0].match.country.starts_with"),
        (matching({"exists": "true"}), "rules[0].match.country.exists"),
        (matching({"exists": 1}), "rules[0].match.country.exists"),
        (matching({"exists": None}), "rules[0].match.country.exists"),
        ([{"match": {"": ["x"]}}], "rules[0].match."),
        ([{"match": {" ": ["x"]}}], "rules[0].match. "),
        ([{"match": {"a\nb": ["x"]}}], "rules[0].match.a"),
        ([{"match": {"x" * 257: ["x"]}}], "rules[0].match.x"),
        (matching(["x" * 1_025]), "rules[0].match.country[0]: must be at most 1024 characters"),
        (matching({"ends_with": ["x", "x" * 1_025]}), "rules[0].match.country.ends_with[1]"),
    ],
    ids=range(36),
)
def test_a_rule_that_is_badly_said_is_refused_where_it_is(shop: Shop, said: Any, where: str) -> None:
    segment = shop.segment()
    assert where in shop.refused("POST", SEGMENTS, body(said))
    assert where in shop.refused("PATCH", f"{SEGMENTS}/{segment}", {"rules": said})


def test_every_fault_is_named_at_once(shop: Shop) -> None:
    said = [{"match": {"country": []}}, {}, {"match": {"a": {"b": 1}}, "not_match": {}}, "x", {"match": 1}]
    message = shop.refused("POST", SEGMENTS, {"name": "x", "description": "y", "rules": said})
    for where in (
        "name",
        "description",
        "rules[0].match.country",
        "rules[1]",
        "rules[2].match.a",
        "rules[2].not_match",
        "rules[3]",
        "rules[4].match",
    ):
        assert f"{where}: " in message


# limits


@pytest.mark.parametrize(("count", "status"), [(10, 201), (11, 400)])
@pytest.mark.parametrize("side", ["match", "not_match"])
def test_a_side_asks_of_10_attributes_at_most(shop: Shop, side: str, count: int, status: int) -> None:
    said = [{side: {f"attribute {number}": ["x"] for number in range(count)}}]
    assert shop.ask("POST", SEGMENTS, body(said)).status_code == status


def padded(size: int, rules: int = 1) -> list[Any]:
    """So many rules, each of so many bytes."""
    bare = len(msgspec.json.encode({"match": {"country": [""] * 8}}))
    each, rest = divmod(size - bare, 8)
    said = {"match": {"country": ["x" * each] * 7 + ["x" * (each + rest)]}}
    assert len(msgspec.json.encode(said)) == size
    return [said] * rules


@pytest.mark.parametrize(("size", "status"), [(4_096, 201), (4_097, 400)])
def test_a_rule_is_of_4096_bytes_at_most(shop: Shop, size: int, status: int) -> None:
    response = shop.ask("POST", SEGMENTS, body(padded(size)))
    assert response.status_code == status
    assert ("rules[0]: must be at most 4096 bytes" in response.text) is (status == 400)


@pytest.mark.parametrize(("size", "status"), [(2_046, 201), (2_049, 400)])
def test_a_segment_is_of_10240_bytes_at_most(shop: Shop, size: int, status: int) -> None:
    said = padded(size, 5)
    assert (len(msgspec.json.encode(said)) <= 10_240) is (status == 201)
    response = shop.ask("POST", SEGMENTS, body(said))
    assert response.status_code == status
    assert ("rules: must be at most 10240 bytes" in response.text) is (status == 400)


def test_a_text_of_1024_characters_is_not_too_long(shop: Shop) -> None:
    shop.made(SEGMENTS, body(matching(["\xe9" * 1_024])))


# changes


def test_a_patch_changes_what_it_says_and_replaces_rules_whole(shop: Shop) -> None:
    path = f"{SEGMENTS}/{shop.segment()}"
    before = shop.get(path)
    after = shop.patch(path, rules=[{"not_match": {"browser": {"exists": False}}}])
    assert after == before | {"rules": after["rules"], "updated_at": after["updated_at"]}
    assert after["rules"] == [{"not_match": {"browser": {"exists": False}}}]
    assert shop.patch(path, name="Others", description="Who they are")["description"] == "Who they are"
    assert "description" not in shop.patch(path, description=None)


def test_a_patch_of_nothing_is_no_change(shop: Shop) -> None:
    path = f"{SEGMENTS}/{shop.segment()}"
    before, stored = shop.get(path), shop.everything()
    assert shop.patch(path) == before
    assert shop.patch(path, name="Germans", rules=RULES, status="active", description=None) == before
    assert shop.everything() == stored


def test_a_name_is_taken_once_in_a_tenant_by_archived_ones_too(shop: Shop) -> None:
    path = f"{SEGMENTS}/{shop.segment()}"
    other = f"{SEGMENTS}/{shop.segment('Others')}"
    shop.refused("PATCH", other, {"name": "Germans"}, 409, "name_already_exists")
    shop.patch(path, status="archived")
    shop.refused("POST", SEGMENTS, body(RULES, name="Germans"), 409, "name_already_exists")
    shop.made(SEGMENTS, body(RULES, name="Germans"), token="elsewhere")


def test_a_segment_is_of_its_environment(shop: Shop) -> None:
    shop.speak("POST", "/api/v2/projects", {"key": "other", "name": "Another project"})
    path = f"{SEGMENTS}/{shop.segment()}"
    for home in (ELSEWHERE, Place("other", "production")):
        stranger = shop.surface.token("admin", home=home)
        shop.refused("GET", path, None, 404, "inexistent_segment", token=stranger)
        shop.refused("PATCH", path, {"name": "Mine"}, 404, token=stranger)
        assert shop.ask("DELETE", path, token=stranger).status_code == 204
        assert shop.told("GET", SEGMENTS, token=stranger) == {"segments": []}
    assert shop.get(path)["name"] == "Germans"


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Another"},
        {"rules": RULES},
        {"status": "active"},
        {"status": "archived"},
        {"description": None},
        {},
    ],
)
def test_an_archived_segment_stays_as_it_is(shop: Shop, said: Any) -> None:
    path = f"{SEGMENTS}/{shop.segment()}"
    assert shop.patch(path, name="Of the past", status="archived")["name"] == "Of the past"
    shop.refused("PATCH", path, said, 409, "segment_archived")
    assert shop.get(path)["status"] == "archived"


@pytest.mark.parametrize("status", ["draft", "", None, 1, "ARCHIVED"])
def test_a_status_is_one_of_those_that_there_are(shop: Shop, status: Any) -> None:
    shop.refused("PATCH", f"{SEGMENTS}/{shop.segment()}", {"status": status})


# the end


def test_a_segment_that_is_not_there_is_as_good_as_deleted(shop: Shop) -> None:
    path = f"{SEGMENTS}/{shop.segment()}"
    for each in (path, path, f"{SEGMENTS}/x", f"{SEGMENTS}/seg_{'1' * 17}"):
        shop.told("DELETE", each, status=204)
    shop.refused("GET", path, status=404)
    gone = shop.segment()
    shop.patch(f"{SEGMENTS}/{gone}", status="archived")
    shop.told("DELETE", f"{SEGMENTS}/{gone}", status=204)


@pytest.mark.parametrize("archived", [False, True])
def test_a_segment_in_use_is_not_deleted(shop: Shop, archived: bool) -> None:
    segment = shop.segment()
    experiment = shop.made(EXPERIMENTS, by_segment(shop.flag(), segment))["id"]
    if archived:
        shop.patch(f"{SEGMENTS}/{segment}", status="archived")
    shop.refused("DELETE", f"{SEGMENTS}/{segment}", None, 409)
    shop.patch(f"{EXPERIMENTS}/{experiment}", status="archived")
    shop.told("DELETE", f"{SEGMENTS}/{segment}", status=204)
    allocation = shop.get(f"{EXPERIMENTS}/{experiment}")["allocations"][1]
    assert allocation["segment_id"] == "seg_" + "1" * 17
    assert "segment_name" not in allocation
