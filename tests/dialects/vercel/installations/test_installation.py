"""An installation as its provider has it: what is said of it, its account, its members, its events."""

from typing import Any

import pytest

from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from tests.dialects.vercel.provider import KEY, RESOURCES, ROOT, SHOP, STORE, Provider, a_resource, theirs
from tests.dialects.vercel.resources.test_update import NOTE, PLAN, STATUSES, WHOLE_NOTE, WHOLE_PLAN

SAID: dict[str, Any] = {
    "status": "pending",
    "externalId": "ours-1",
    "billingPlan": WHOLE_PLAN,
    "notification": WHOLE_NOTE,
}
EVENTS = f"{ROOT}/events"


def update(provider: Provider, **said: Any) -> None:
    provider.told("PATCH", ROOT, said, 204)


def kept(provider: Provider) -> Installation:
    found: Installation = next(each for each in provider.all(INSTALLATION) if each.key == KEY)
    return found


# what is said of it


def test_it_is_ready_from_the_start(provider: Provider) -> None:
    assert provider.get(ROOT) == {"id": KEY, "status": "ready"}


def test_all_that_is_said_of_it_is_answered(provider: Provider) -> None:
    update(provider, **SAID)
    assert provider.get(ROOT) == {"id": KEY, **SAID}


@pytest.mark.parametrize("field", SAID)
def test_a_field_that_is_said_is_replaced_and_the_others_stay(provider: Provider, field: str) -> None:
    update(provider, **SAID)
    other = {"status": "error", "externalId": "", "billingPlan": PLAN, "notification": NOTE}[field]
    update(provider, **{field: other})
    expected = {"id": KEY, **SAID, field: other}
    shown = provider.get(ROOT)
    assert {"externalId": "", **shown} == {"externalId": "", **expected}


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_nothing_said_changes_nothing(provider: Provider, content: bytes) -> None:
    update(provider, **SAID)
    provider.unchanged("PATCH", ROOT, content=content, status=204)
    provider.unchanged("PATCH", ROOT, SAID, 204)


@pytest.mark.parametrize("cleared", ["", None])
def test_a_notification_is_cleared_by_an_empty_text_or_null(provider: Provider, cleared: str | None) -> None:
    update(provider, notification=NOTE)
    update(provider, notification=cleared)
    assert provider.get(ROOT).get("notification") is None


def test_any_other_text_is_the_title_of_one(provider: Provider) -> None:
    update(provider, notification="Look here")
    assert provider.get(ROOT)["notification"] == {"level": "info", "title": "Look here"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "installed"},
        {"status": None},
        {"externalId": None},
        {"externalId": 1},
        {"externalId": "x" * 257},
        {"billingPlan": None},
        {"billingPlan": {"id": "pro", "name": "Pro"}},
        {"billingPlan": PLAN | {"details": [{"label": "a", "more": 1}]}},
        {"notification": NOTE | {"href": "ftp://x"}},
        {"notification": {"title": "x"}},
        {"notification": 1},
        {"name": "x"},
        {"id": KEY},
    ],
    ids=str,
)
def test_a_patch_that_is_half_bad_changes_nothing(provider: Provider, wrong: dict[str, Any]) -> None:
    (field,) = wrong
    good = {name: value for name, value in SAID.items() if name != field}
    assert field in provider.refused("PATCH", ROOT, good | wrong)["message"]


# uninstalled


@pytest.mark.parametrize("status", [each for each in STATUSES if each != "uninstalled"])
def test_every_status_but_the_last_can_be_left(provider: Provider, status: str) -> None:
    update(provider, status=status)
    assert provider.get(ROOT)["status"] == status
    update(provider, status="ready")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", ROOT, None),
        ("PATCH", ROOT, {"status": "ready"}),
        ("PATCH", ROOT, {}),
        ("GET", f"{ROOT}/account", None),
        ("POST", EVENTS, {"event": {"type": "installation.updated"}}),
        ("POST", f"{ROOT}/billing/finalize", None),
        ("POST", f"{ROOT}/credentials/rotate", {"client_secret": "x"}),
        ("GET", RESOURCES, None),
        ("GET", SHOP, None),
        ("PUT", SHOP, a_resource()),
        ("PATCH", SHOP, {"name": "Renamed"}),
        ("DELETE", SHOP, None),
        ("GET", STORE, None),
        ("PUT", STORE, {"data": {}}),
        ("PUT", f"{SHOP}/secrets", {"secrets": []}),
        ("POST", f"{SHOP}/experimentation/items", {"items": []}),
        ("PATCH", f"{SHOP}/experimentation/items/x", {"slug": "x", "origin": "x"}),
        ("DELETE", f"{SHOP}/experimentation/items/x", None),
        ("GET", f"{ROOT}/billing/invoices/inv_x", None),
    ],
    ids=str,
)
def test_an_uninstalled_one_is_gone(provider: Provider, method: str, path: str, body: Any) -> None:
    """To its own provider: another is forbidden, and nobody is not known."""
    update(provider, status="uninstalled")
    provider.refused(method, path, body, 410)
    provider.refused(method, path, body, 403, token="neighbour")
    provider.refused(method, path, body, 401, token=None)


def test_the_last_change_may_come_with_the_last_status(provider: Provider) -> None:
    update(provider, status="uninstalled", externalId="last")
    assert (kept(provider).status, kept(provider).external_id) == ("uninstalled", "last")


def test_an_uninstalled_one_leaves_its_neighbour_alone(provider: Provider) -> None:
    update(provider, status="uninstalled")
    provider.get(theirs(SHOP), token="neighbour")


# account and members


def test_the_account_is_the_project(provider: Provider) -> None:
    project = provider.speak("GET", "/api/v2/projects/default")
    account = provider.get(f"{ROOT}/account")
    assert account["name"] == project["name"]
    assert "/projects/default/" in account["url"]
    assert account["contact"] is None or account["contact"]["email"]


def test_a_member_of_the_project_is_known_by_id(provider: Provider) -> None:
    owner = provider.surface.owner
    member = provider.get(f"{ROOT}/member/{owner}")
    assert (member["id"], member["role"]) == (owner, "ADMIN")


@pytest.mark.parametrize("id", ["none", "0" * 24, "%00", "..%2F"])
def test_nobody_else_is_a_member(provider: Provider, id: str) -> None:
    assert provider.ask("GET", f"{ROOT}/member/{id}").status_code in ({"%00": 400}.get(id, 404), 404)


# events


@pytest.mark.parametrize(
    "event",
    [
        {"type": "installation.updated"},
        {"type": "installation.updated", "billingPlanId": "pro"},
        {"type": "resource.updated", "resourceId": "shop"},
        {"type": "resource.updated", "resourceId": "shop", "productId": "experiments"},
    ],
    ids=str,
)
def test_an_event_is_kept_as_it_was_told(provider: Provider, event: dict[str, str]) -> None:
    provider.told("POST", EVENTS, {"event": event}, 201)
    assert (kept(provider).told, kept(provider).told_at) == (event, provider.surface.clock.now)


@pytest.mark.parametrize(
    "event",
    [
        {},
        None,
        "installation.updated",
        {"type": "installation.removed"},
        {"type": None},
        {"type": "installation.updated", "resourceId": "shop"},
        {"type": "installation.updated", "billingPlanId": None},
        {"type": "resource.updated"},
        {"type": "resource.updated", "resourceId": 1},
        {"type": "resource.updated", "resourceId": "shop", "more": 1},
    ],
    ids=str,
)
def test_another_event_is_refused(provider: Provider, event: Any) -> None:
    provider.refused("POST", EVENTS, {"event": event})


@pytest.mark.parametrize("body", [{}, {"event": {"type": "installation.updated"}, "more": 1}, []])
def test_the_body_of_an_event_is_closed(provider: Provider, body: Any) -> None:
    provider.refused("POST", EVENTS, body)


def test_an_event_of_a_resource_that_is_not_there_is_missing(provider: Provider) -> None:
    provider.refused("POST", EVENTS, {"event": {"type": "resource.updated", "resourceId": "none"}}, 404)
