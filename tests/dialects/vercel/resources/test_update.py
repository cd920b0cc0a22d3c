"""Update Resource in full, field by field; what is not said stays."""

from typing import Any

import pytest

from tests.dialects.vercel.provider import SHOP, Provider, a_secret

PLAN = {"id": "pro", "type": "subscription", "name": "Pro"}
WHOLE_PLAN = PLAN | {
    "description": "For teams",
    "paymentMethodRequired": True,
    "cost": "$20 a month",
    "details": [{"label": "Seats", "value": "5"}, {"label": "No limit"}],
    "highlightedDetails": [{"label": "Support"}],
    "effectiveDate": "2024-01-01",
    "scope": "resource",
    "theirs": {"a": [None, 1.5]},
}
NOTE = {"level": "info", "title": "Hello"}
WHOLE_NOTE = NOTE | {"message": "All is well", "href": "https://provider.test/hello", "theirs": 1}
STATUSES = ("ready", "pending", "onboarding", "suspended", "resumed", "uninstalled", "error")
SAID: dict[str, Any] = {
    "ownership": "linked",
    "name": "Renamed",
    "status": "pending",
    "metadata": {"region": "fra1"},
    "billingPlan": PLAN,
    "notification": NOTE,
    "extras": {"theirs": [1]},
    "secrets": [a_secret()],
}
STORED = {"billingPlan": "billing_plan"}
LIMIT_BYTES = 64 * 1024


def of(length: int) -> dict[str, str]:
    """An object that has so many bytes as JSON."""
    return {"a": "x" * (length - len('{"a":""}'))}


# absent


@pytest.mark.parametrize("content", [b"", b"{}", b" {} "])
def test_nothing_said_changes_nothing_and_is_answered_with_the_name(
    provider: Provider, content: bytes
) -> None:
    assert provider.unchanged("PATCH", SHOP, content=content) == {"name": "The shop"}


@pytest.mark.parametrize("field", SAID)
def test_a_field_that_is_said_is_replaced_and_the_others_stay(provider: Provider, field: str) -> None:
    before = provider.shop
    provider.update(**{field: SAID[field]})
    name = STORED.get(field, field)
    moved = {
        each for each in before.__struct_fields__ if getattr(before, each) != getattr(provider.shop, each)
    }
    assert moved == {name, "revision", "touched_at"}
    if field != "secrets":
        assert getattr(provider.shop, name) == SAID[field]


@pytest.mark.parametrize("field", SAID)
def test_a_field_that_is_said_as_it_is_writes_nothing(provider: Provider, field: str) -> None:
    provider.update(**{field: SAID[field]})
    provider.unchanged("PATCH", SHOP, {field: SAID[field]})


def test_all_may_be_said_at_once_and_is_one_change(provider: Provider) -> None:
    before = len(provider.rows())
    assert provider.update(**SAID) == {"name": "Renamed"}
    assert len(provider.rows()) == before + 1
    shown = provider.get(SHOP)
    assert (shown["name"], shown["status"]) == ("Renamed", "pending")
    assert (shown["metadata"], shown["billingPlanId"], shown["notification"]) == (
        {"region": "fra1"},
        "pro",
        NOTE,
    )


# null, and what is half bad


@pytest.mark.parametrize("field", [field for field in SAID if field != "notification"])
def test_null_is_no_way_to_clear_a_field(provider: Provider, field: str) -> None:
    provider.update(**SAID)
    assert field in provider.refused("PATCH", SHOP, {field: None})["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"productId": "experiments"},
        {"more": 1},
        {"id": "shop"},
        {"partial": True},
        {"ownership": "mine"},
        {"ownership": ""},
        {"name": 1},
        {"status": "archived"},
        {"status": ""},
        {"metadata": []},
        {"metadata": "x"},
        {"extras": [1]},
        {"billingPlan": "pro"},
        {"notification": 1},
        {"notification": []},
        {"secrets": "x"},
    ],
    ids=str,
)
def test_a_patch_that_is_half_bad_changes_nothing(provider: Provider, wrong: dict[str, Any]) -> None:
    (field,) = wrong
    assert field in provider.refused("PATCH", SHOP, {"name": "Renamed", "metadata": {}} | wrong)["message"]


def test_a_refusal_names_everything_that_is_wrong(provider: Provider) -> None:
    wrong = {"name": 1, "status": "x", "notification": NOTE | {"href": "ftp://x"}, "more": 1}
    message = provider.refused("PATCH", SHOP, wrong)["message"]
    assert all(each in message for each in ("name", "status", "notification.href", "more"))


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(provider: Provider, content: bytes) -> None:
    provider.refused("PATCH", SHOP, content=content)


# ownership, name


@pytest.mark.parametrize("ownership", ["owned", "linked", "sandbox"])
def test_ownership_is_one_of_three(provider: Provider, ownership: str) -> None:
    provider.update(ownership=ownership)
    assert provider.shop.ownership == ownership


@pytest.mark.parametrize("name", ["", " ", "𝄞" * 1_024])
def test_a_name_is_any_text_within_its_limit(provider: Provider, name: str) -> None:
    assert provider.update(name=name) == {"name": name}
    assert provider.get(SHOP)["name"] == name


def test_a_name_may_not_be_one_longer(provider: Provider) -> None:
    assert "name" in provider.refused("PATCH", SHOP, {"name": "x" * 1_025})["message"]


# status


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", [each for each in STATUSES if each != "uninstalled"])
def test_every_status_follows_every_other(provider: Provider, before: str, after: str) -> None:
    provider.update(status=before)
    provider.update(status=after)
    assert provider.get(SHOP)["status"] == after


def test_the_last_change_may_come_with_the_last_status(provider: Provider) -> None:
    provider.update(status="uninstalled", name="Gone", secrets=[a_secret()])
    assert (provider.shop.status, provider.shop.name, len(provider.shop.secrets)) == (
        "uninstalled",
        "Gone",
        1,
    )


# metadata and extras


@pytest.mark.parametrize("field", ["metadata", "extras"])
def test_a_free_object_is_replaced_as_a_whole(provider: Provider, field: str) -> None:
    provider.update(**{field: {"a": 1, "b": 2}})
    provider.update(**{field: {"b": 3}})
    assert getattr(provider.shop, field) == {"b": 3}
    provider.update(**{field: {}})
    assert getattr(provider.shop, field) == {}


@pytest.mark.parametrize("field", ["metadata", "extras"])
def test_a_free_object_holds_whatever_it_is_given(provider: Provider, field: str) -> None:
    free: dict[str, Any] = {
        "": None,
        "é": [1, "x", None, {"deep": [[]]}],
        "big": 10**30,
        "n": -0.5,
        "t": True,
        "name": {},
    }
    provider.update(**{field: free})
    assert getattr(provider.shop, field) == free


@pytest.mark.parametrize("field", ["metadata", "extras"])
def test_a_free_object_is_held_to_its_size(provider: Provider, field: str) -> None:
    provider.update(**{field: of(LIMIT_BYTES)})
    assert field in provider.refused("PATCH", SHOP, {field: of(LIMIT_BYTES + 1)})["message"]


def test_metadata_is_answered_as_far_as_the_contract_can_say_it(provider: Provider) -> None:
    said = {"text": "x", "number": 1.5, "yes": True, "texts": ["a", "b"], "numbers": [1, 2.5]}
    unsaid: dict[str, Any] = {"nothing": None, "object": {}, "mixed": ["a", 1], "yeses": [True]}
    provider.update(metadata=said | unsaid)
    assert provider.get(SHOP)["metadata"] == said
    assert provider.shop.metadata == said | unsaid


# billingPlan


@pytest.mark.parametrize("plan", [PLAN, WHOLE_PLAN, PLAN | {"id": "", "name": "", "details": []}])
def test_a_plan_is_kept_as_it_was_said(provider: Provider, plan: dict[str, Any]) -> None:
    provider.update(billingPlan=plan)
    assert provider.shop.billing_plan == plan
    assert provider.get(SHOP)["billingPlanId"] == plan["id"]


def test_a_plan_is_replaced_as_a_whole(provider: Provider) -> None:
    provider.update(billingPlan=WHOLE_PLAN)
    provider.update(billingPlan=PLAN)
    assert provider.shop.billing_plan == PLAN


@pytest.mark.parametrize("type", ["prepayment", "subscription"])
def test_a_plan_is_of_one_of_two_types(provider: Provider, type: str) -> None:
    provider.update(billingPlan=PLAN | {"type": type})
    assert provider.shop.billing_plan == PLAN | {"type": type}


@pytest.mark.parametrize("field", ["id", "type", "name"])
def test_a_plan_says_id_type_and_name(provider: Provider, field: str) -> None:
    plan = {name: value for name, value in PLAN.items() if name != field}
    assert f"billingPlan.{field}" in provider.refused("PATCH", SHOP, {"billingPlan": plan})["message"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"type": "free"}, "type"),
        ({"id": None}, "id"),
        ({"name": 1}, "name"),
        ({"description": None}, "description"),
        ({"paymentMethodRequired": "no"}, "paymentMethodRequired"),
        ({"cost": 20}, "cost"),
        ({"details": {}}, "details"),
        ({"details": [{"value": "5"}]}, "details[0].label"),
        ({"details": [{"label": "a"}, {"label": "b", "more": 1}]}, "details[1].more"),
        ({"highlightedDetails": [{"label": None}]}, "highlightedDetails[0].label"),
        ({"highlightedDetails": [{"label": "b", "more": 1}]}, "highlightedDetails[0].more"),
        ({"effectiveDate": 1}, "effectiveDate"),
    ],
    ids=str,
)
def test_a_plan_is_open_and_its_details_are_not(provider: Provider, wrong: Any, where: str) -> None:
    message = provider.refused("PATCH", SHOP, {"billingPlan": WHOLE_PLAN | wrong})["message"]
    assert f"billingPlan.{where}" in message


def test_a_plan_is_held_to_its_size(provider: Provider) -> None:
    assert (
        "billingPlan" in provider.refused("PATCH", SHOP, {"billingPlan": PLAN | of(LIMIT_BYTES)})["message"]
    )


# notification


@pytest.mark.parametrize("note", [NOTE, WHOLE_NOTE, NOTE | {"title": "", "message": ""}])
def test_a_notification_is_kept_and_answered_as_it_was_said(provider: Provider, note: dict[str, Any]) -> None:
    provider.update(notification=note)
    assert provider.get(SHOP)["notification"] == note
    assert provider.shop.notification == note


@pytest.mark.parametrize("level", ["info", "warn", "error"])
def test_a_notification_has_one_of_three_levels(provider: Provider, level: str) -> None:
    provider.update(notification=NOTE | {"level": level})
    assert provider.get(SHOP)["notification"]["level"] == level


@pytest.mark.parametrize("cleared", ["", None])
def test_a_notification_is_cleared_by_an_empty_text_or_null(provider: Provider, cleared: str | None) -> None:
    provider.update(notification=WHOLE_NOTE)
    provider.update(notification=cleared)
    assert provider.get(SHOP).get("notification") is None
    provider.unchanged("PATCH", SHOP, {"notification": cleared})


def test_any_other_text_is_the_title_of_one(provider: Provider) -> None:
    provider.update(notification="Look here")
    assert provider.get(SHOP)["notification"] == {"level": "info", "title": "Look here"}


@pytest.mark.parametrize("href", ["http://a", "https://a/b?c=d#e", "sso:dashboard", "sso:/a?b=c"])
def test_a_link_of_a_notification_leads_to_the_web_or_through_sign_on(provider: Provider, href: str) -> None:
    provider.update(notification=NOTE | {"href": href})
    assert provider.get(SHOP)["notification"]["href"] == href


@pytest.mark.parametrize(
    "href", ["", "ftp://a", "javascript:alert(1)", "//a", "/a", "mailto:a@b", " https://a", "xhttps://a"]
)
def test_it_leads_nowhere_else(provider: Provider, href: str) -> None:
    message = provider.refused("PATCH", SHOP, {"notification": NOTE | {"href": href}})["message"]
    assert "notification.href" in message


@pytest.mark.parametrize(
    ("note", "where"),
    [
        ({"title": "x"}, "level"),
        ({"level": "info"}, "title"),
        ({}, "title"),
        (NOTE | {"level": "fatal"}, "level"),
        (NOTE | {"title": None}, "title"),
        (NOTE | {"message": None}, "message"),
        (NOTE | {"href": None}, "href"),
    ],
    ids=str,
)
def test_a_notification_says_level_and_title(provider: Provider, note: Any, where: str) -> None:
    assert f"notification.{where}" in provider.refused("PATCH", SHOP, {"notification": note})["message"]


def test_a_notification_is_held_to_its_size(provider: Provider) -> None:
    note = NOTE | {"message": "x" * LIMIT_BYTES}
    assert "notification" in provider.refused("PATCH", SHOP, {"notification": note})["message"]


# revisions


def test_a_patch_may_say_which_revision_it_means(provider: Provider) -> None:
    tag = provider.ask("GET", SHOP).headers["etag"]
    provider.told("PATCH", SHOP, {"name": "Mine"}, headers={"If-Match": tag})
    provider.refused("PATCH", SHOP, {"name": "Late"}, 412, headers={"If-Match": tag})


def test_a_dry_run_says_what_would_be_and_keeps_nothing(provider: Provider) -> None:
    assert provider.unchanged("PATCH", f"{SHOP}?dryRun=true", {"name": "Renamed"}) == {"name": "Renamed"}
