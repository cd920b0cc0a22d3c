"""Installations as those who run the instance make, see and remove them."""

from typing import Any

import httpx
import pytest
from msgspec import Struct

from equipoise.application.ports import Query
from equipoise.dialects.equipoise.installations import intents
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Noun
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.invoice import INVOICE
from equipoise.domain.resource import RESOURCE
from equipoise.domain.statement import STATEMENT
from tests.conformance.requests.equipoise import conforms
from tests.dialects.vercel.billing.bills import a_usage, an_invoice, balances, of_a_day
from tests.dialects.vercel.provider import KEY, OTHER, OURS, ROOT, SHOP, STORE, Provider, an_item, theirs
from tests.fixtures_surface import Surface

ALL = "/equipoise/v1/installations"
HERE = {"project": "default", "environment": "production"}
ELSEWHERE = {"project": "default", "environment": "test"}
PROVIDED: tuple[Noun[Any], ...] = (INSTALLATION, RESOURCE, CONFIG_STORE, CATALOG_ENTRY, INVOICE, STATEMENT)


class Office(Struct, frozen=True):
    """Where the instance is run; `ask` as an admin, unless said otherwise."""

    surface: Surface

    def ask(self, method: str, path: str, body: Any = None, **said: Any) -> httpx.Response:
        self.surface.clock.pass_ms(1_000)
        return self.surface.call(method, path, json=body, **said)

    def told(self, method: str, path: str, body: Any = None, status: int = 200, **said: Any) -> Any:
        response = self.ask(method, path, body, **said)
        assert response.status_code == status, response.text
        conforms(response, self.surface.seen[-1][0])
        return response.json() if response.content else None

    def refused(self, method: str, path: str, body: Any = None, status: int = 400, **said: Any) -> Any:
        before = self.everything()
        document = self.told(method, path, body, status, **said)
        assert self.everything() == before, "a refusal changes nothing"
        return document

    def install(self, key: str = KEY, **body: Any) -> Any:
        return self.told("POST", ALL, {"id": key, **body}, 201, params=HERE)

    def everything(self) -> Any:
        with self.surface.store.read() as reader:
            everywhere = Query(INSTANCE, everywhere=True)
            return [reader.select(noun, everywhere).items for noun in PROVIDED], reader.numbers()


@pytest.fixture
def office(surface: Surface) -> Office:
    return Office(surface)


# made


def test_an_installation_is_made_with_a_token_and_a_client(office: Office) -> None:
    made = office.install()
    assert (made["id"], made["project"], made["environment"], made["status"]) == (
        KEY,
        "default",
        "production",
        "ready",
    )
    assert made["createdAt"] == office.surface.clock.now
    assert made["clientId"].startswith("oac_")
    response = office.ask("GET", ROOT, token=made["token"])
    assert (response.status_code, response.json()["id"]) == (200, KEY)


def test_what_is_told_at_its_birth_is_told_once(office: Office) -> None:
    made = office.install()
    shown = office.told("GET", OURS)
    assert shown == {name: value for name, value in made.items() if name not in ("token", "clientSecret")}
    for path in (ALL, OURS):
        text = office.ask("GET", path).text
        assert made["token"] not in text
        assert made["clientSecret"] not in text


def test_a_replay_tells_no_secret_again(office: Office) -> None:
    first, again = (
        office.told("POST", ALL, {"id": KEY}, 201, params=HERE, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    )
    assert again["id"] == first["id"]
    assert again["token"] != first["token"]
    assert again["clientSecret"] != first["clientSecret"]
    assert office.ask("GET", ROOT, token=again["token"]).status_code == 401


def test_one_that_is_there_gets_one_more_token(office: Office) -> None:
    first, second = office.install(), office.install()
    assert first["token"] != second["token"]
    assert (first["clientId"], first["createdAt"]) == (second["clientId"], second["createdAt"])
    for token in (first["token"], second["token"]):
        assert office.ask("GET", ROOT, token=token).status_code == 200
    assert len(office.told("GET", ALL)["items"]) == 1


def test_one_that_was_uninstalled_comes_back(office: Office) -> None:
    token = office.install()["token"]
    assert office.ask("PATCH", ROOT, {"status": "uninstalled"}, token=token).status_code == 204
    assert office.told("GET", OURS)["status"] == "uninstalled"
    back = office.install()
    assert back["status"] == "ready"
    assert office.ask("GET", ROOT, token=back["token"]).status_code == 200


def test_one_that_is_bound_elsewhere_stays_there(office: Office) -> None:
    office.install()
    office.refused("POST", ALL, {"id": KEY}, 409, params=ELSEWHERE)


@pytest.mark.parametrize("id", ["", " ", "a b", "a/b", "é", "-a", "x" * 257, 1, None])
def test_an_id_is_a_key(office: Office, id: Any) -> None:
    office.refused("POST", ALL, {"id": id}, params=HERE)


@pytest.mark.parametrize("body", [{}, [], None, {"key": KEY}])
def test_an_id_must_be_said(office: Office, body: Any) -> None:
    office.refused("POST", ALL, body, params=HERE)


def test_there_must_be_such_an_environment(office: Office) -> None:
    office.refused("POST", ALL, {"id": KEY}, 404, params={**HERE, "environment": "none"})
    office.refused("POST", ALL, {"id": KEY}, 404, params={**HERE, "project": "none"})


# seen


def test_a_list_names_those_that_the_token_may_know_of(office: Office) -> None:
    office.install()
    office.told("POST", ALL, {"id": OTHER}, 201, params=ELSEWHERE)
    assert {each["id"] for each in office.told("GET", ALL)["items"]} == {KEY, OTHER}
    confined = office.surface.token("reader", "default", "test")
    assert [each["id"] for each in office.told("GET", ALL, token=confined)["items"]] == [OTHER]
    office.refused("GET", OURS, status=404, token=confined)
    office.refused("DELETE", OURS, status=404, token=office.surface.token("admin", "default", "test"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", OURS, None),
        ("DELETE", OURS, None),
        ("POST", f"{OURS}/codes", {"member": "x"}),
        ("GET", f"{OURS}/resources/shop/store", None),
        ("GET", f"{OURS}/billing", None),
        ("GET", f"{OURS}/invoices/{'0' * 24}", None),
        ("PATCH", f"{OURS}/invoices/{'0' * 24}", {"state": "paid"}),
    ],
)
def test_an_installation_that_is_not_there_is_missing(
    office: Office, method: str, path: str, body: Any
) -> None:
    office.refused(method, path, body, 404)
    office.refused(method, path, body, 401, token=None)


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_only_an_admin_makes_removes_and_lets_in(office: Office, role: str) -> None:
    office.install()
    office.refused("POST", ALL, {"id": OTHER}, 403, token=role, params=HERE)
    office.refused("DELETE", OURS, status=403, token=role)
    office.refused("POST", f"{OURS}/codes", {"member": office.surface.owner}, 403, token=role)


# removed


@pytest.fixture
def provider(surface: Surface) -> Provider:
    """Everything that a provider can have, and its neighbour has too."""
    made = Provider(surface)
    for token, key in (("provider", KEY), ("neighbour", OTHER)):
        for path, body, status in (
            (f"{SHOP}/experimentation/items", {"items": [an_item()]}, 204),
            (f"{ROOT}/billing/invoices", an_invoice(externalId="ours-1"), 200),
            (f"{ROOT}/billing", of_a_day(usage=[a_usage()]), 201),
            (f"{ROOT}/billing/balance", balances(), 201),
        ):
            assert made.ask("POST", theirs(path, key), body, token).status_code == status
    return made


def test_an_installation_goes_with_all_that_came_by_it(office: Office, provider: Provider) -> None:
    office.told("DELETE", OURS, status=204)
    for noun in PROVIDED:
        kept = [each for each in provider.all(noun) if KEY in (each.key, getattr(each, "installation", ""))]
        assert kept == [], noun.name
        assert [each for each in provider.all(noun) if OTHER in (each.key, getattr(each, "installation", ""))]
    office.refused("GET", OURS, status=404)
    office.refused("DELETE", OURS, status=404)
    assert provider.ask("GET", ROOT).status_code == 401
    assert provider.ask("GET", theirs(SHOP), token="neighbour").status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v2/projects/default/environments/production", "/api/v2/projects/default"]
)
def test_it_goes_with_its_environment_and_its_project(office: Office, provider: Provider, path: str) -> None:
    if path.endswith("/default"):
        provider.speak("POST", "/api/v2/projects", {"name": "Next", "key": "next"})
    provider.speak("DELETE", path)
    for noun in PROVIDED:
        assert [each for each in provider.all(noun) if each.territory.environment == "production"] == []
    assert provider.ask("GET", ROOT).status_code == 401


# the config store


def test_a_config_store_is_shown_with_what_applications_read_it_with(
    office: Office, provider: Provider
) -> None:
    pushed = provider.told("PUT", STORE, {"data": {"a": 1, "b": 2}})
    shown = office.told("GET", f"{OURS}/resources/shop/store")
    assert (shown["digest"], shown["updatedAt"], shown["items"]) == (pushed["digest"], pushed["updatedAt"], 2)
    path, _, key = shown["connectionString"].partition("?token=")
    resource = office.ask("GET", SHOP).json()
    assert shown["id"] == resource["protocolSettings"]["experimentation"]["globalConfigId"]
    assert path.endswith(shown["id"])
    assert office.ask("GET", f"{path}/items", token=key).json() == {"a": 1, "b": 2}


def test_a_reader_is_not_told_the_key(office: Office, provider: Provider) -> None:
    whole = office.told("GET", f"{OURS}/resources/shop/store", token="writer")["connectionString"]
    hidden = office.told("GET", f"{OURS}/resources/shop/store", token="reader")["connectionString"]
    path, _, key = whole.partition("?token=")
    assert hidden.startswith(path)
    assert key not in hidden
    office.refused("GET", f"{OURS}/resources/none/store", status=404)


# money


def test_all_that_was_said_of_money_is_shown(office: Office, provider: Provider) -> None:
    shown = office.told("GET", f"{OURS}/billing")
    (invoice,) = shown["invoices"]
    assert (invoice["state"], invoice["externalId"], invoice["total"]) == ("pending", "ours-1", "1.80")
    assert {(each["kind"], each["day"]) for each in shown["statements"]} == {
        ("usage", "2024-01-15"),
        ("balances", ""),
    }


def test_an_invoice_moves_on_as_whoever_pays_says(office: Office, provider: Provider) -> None:
    path = f"{OURS}/invoices/{office.told('GET', f'{OURS}/billing')['invoices'][0]['id']}"
    for state in ("scheduled", "invoiced", "overdue", "notpaid", "paid"):
        assert office.told("PATCH", path, {"state": state})["state"] == state
        assert office.told("GET", path)["state"] == state
    office.refused("PATCH", path, {"state": "pending"}, 409)
    office.refused("PATCH", path, {"state": "refunded"}, 409)


def test_an_invoice_has_the_id_here_that_its_provider_knows_it_by(office: Office, provider: Provider) -> None:
    known = provider.told("POST", f"{ROOT}/billing/invoices", an_invoice())["invoiceId"]
    shown = office.told("GET", f"{OURS}/billing")["invoices"][0]["id"]
    assert shown == known
    for spelled in (known, known.removeprefix("inv_")):
        path = f"{OURS}/invoices/{spelled}"
        assert office.told("GET", path)["id"] == known
        assert office.told("PATCH", path, {"state": "scheduled"})["id"] == known
    for wrong in (known.replace("inv_", "ecfg_"), f"inv_{known}", "inv_"):
        office.refused("GET", f"{OURS}/invoices/{wrong}", status=404)


def test_a_revision_is_compared_whichever_way_an_invoice_is_spelled(
    office: Office, provider: Provider
) -> None:
    known = office.told("GET", f"{OURS}/billing")["invoices"][0]["id"]
    for spelled in (known, known.removeprefix("inv_")):
        path = f"{OURS}/invoices/{spelled}"
        stale = {"If-Match": '"equipoise-99-x"'}
        office.refused("PATCH", path, {"state": "scheduled"}, 412, headers=stale)


def test_a_refund_that_is_asked_for_is_shown_with_its_reason(office: Office, provider: Provider) -> None:
    id = provider.told("POST", f"{ROOT}/billing/invoices", an_invoice(test={"result": "paid"}))["invoiceId"]
    path = f"{OURS}/invoices/{id}"
    assert "refund" not in office.told("GET", path)
    asked = {"action": "refund", "reason": "Not needed", "total": "1.20"}
    provider.told("POST", f"{ROOT}/billing/invoices/{id}/actions", asked, 204)
    shown = office.told("GET", f"{OURS}/billing")["invoices"][0]
    assert (shown["id"], shown["state"]) == (id, "refund_requested")
    assert shown["refund"] == {"total": "1.20", "reason": "Not needed"}
    assert office.told("PATCH", path, {"state": "refunded"})["refund"] == shown["refund"]


def test_a_refund_that_is_declined_is_shown_no_more(office: Office, provider: Provider) -> None:
    id = provider.told("POST", f"{ROOT}/billing/invoices", an_invoice(test={"result": "paid"}))["invoiceId"]
    asked = {"action": "refund", "reason": "Not needed", "total": "1.20"}
    provider.told("POST", f"{ROOT}/billing/invoices/{id}/actions", asked, 204)
    assert "refund" not in office.told("PATCH", f"{OURS}/invoices/{id}", {"state": "paid"})


@pytest.mark.parametrize("state", ["paid", "notpaid", "overdue", "refunded"])
def test_it_makes_no_leaps(office: Office, provider: Provider, state: str) -> None:
    path = f"{OURS}/invoices/{office.told('GET', f'{OURS}/billing')['invoices'][0]['id']}"
    office.refused("PATCH", path, {"state": state}, 409)


@pytest.mark.parametrize("body", [{}, {"state": "draft"}, {"state": None}, {"state": "refund_requested"}, []])
def test_a_move_that_is_not_well_said_is_refused(office: Office, provider: Provider, body: Any) -> None:
    path = f"{OURS}/invoices/{office.told('GET', f'{OURS}/billing')['invoices'][0]['id']}"
    office.refused("PATCH", path, body)
    for role in ("writer", "reader"):
        office.refused("PATCH", path, {"state": "scheduled"}, 403, token=role)


def test_an_invoice_is_found_under_its_own_installation_alone(office: Office, provider: Provider) -> None:
    path = f"{OURS}/invoices/{office.told('GET', f'{theirs(OURS)}/billing')['invoices'][0]['id']}"
    office.refused("GET", path, status=404)
    office.refused("PATCH", path, {"state": "scheduled"}, 404)


def test_a_code_is_for_oneself_unless_one_administers_the_whole_project(
    office: Office, provider: Provider
) -> None:
    owner = office.surface.owner
    here = office.surface.token("admin", **HERE, member="another")
    project = office.surface.token("admin", project="default", member="another")
    office.refused("POST", f"{ALL}/{KEY}/codes", {"member": owner}, 403, token=here)
    assert office.told("POST", f"{ALL}/{KEY}/codes", {"member": owner}, 201, token=project)["code"]


def test_the_tokens_from_before_may_be_made_void(office: Office) -> None:
    old = office.install()["token"]
    new = office.install(revokeOthers=True)["token"]
    assert office.ask("GET", f"/v1/installations/{KEY}", token=old).status_code == 401
    assert office.ask("GET", f"/v1/installations/{KEY}", token=new).status_code == 200


def test_no_installation_is_called_as_we_are_in_the_catalog(office: Office) -> None:
    violations = office.refused("POST", ALL, {"id": "equipoise"}, params=HERE)["violations"]
    assert [each["where"] for each in violations] == ["id"]


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_no_key_pair_is_made_for_who_may_not_install(
    office: Office, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """It costs a tenth of a second."""
    made: list[str] = []
    monkeypatch.setattr(intents, "generate", lambda: made.append("a pair"))
    token = office.surface.token(role, **HERE)
    office.refused("POST", ALL, {"id": KEY}, 403, params=HERE, token=token)
    assert made == []
