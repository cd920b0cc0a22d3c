"""Vercel's requests: an installation with resources, items of others, invoices, a config store."""

from functools import partial
from typing import Any

import httpx
import jsonschema_rs
import msgspec

from equipoise.dialects.vercel import DIALECT
from equipoise.dialects.vercel.documents import Error
from equipoise.domain.identity import Place
from tests.conformance.requests import launchdarkly
from tests.conformance.scenes import NEW, Ask, Golden, Scene, route_of
from tests.contracts.vercel import CONTRACT

__all__ = [
    "AT_HOME",
    "OF_ADMINS",
    "OF_NOW",
    "PUBLIC",
    "UNKNOWN_FIELDS",
    "conforms",
    "error_schema",
    "scene",
]

UNKNOWN_FIELDS = "refused"
AT_HOME = False
PUBLIC = {"exchangeSsoToken", "getSigningKeys"}
OF_ADMINS: set[str] = set()
OF_NOW: frozenset[str] = frozenset()
OURS = {  # not in the published contract
    "getInstallation",
    "getExperimentationItem",
    "getSigningKeys",
    "readItem",
    "readItems",
    "readDigest",
}
INSTALLATIONS = "/equipoise/v1/installations"
FORBIDDEN = (403,)
CLOSED = (401, 404)
STORED = {"flags": {"new-login": True}, "count": 3}
SPAN = {"start": "2024-01-01T00:00:00.000Z", "end": "2024-02-01T00:00:00.000Z"}
WHEN = "2024-01-15T00:00:00.000Z"
PLAN = {"id": "pro", "type": "subscription", "name": "Pro", "details": [{"label": "Seats", "value": "5"}]}
NOTE = {"level": "info", "title": "Hello", "href": "https://provider.test/hello"}


def error_schema() -> dict[str, Any]:
    return CONTRACT.error_schema


def conforms(response: httpx.Response, operation: str) -> Any:
    """The document of an answer (None where it has none), held to the contract, where it is in there."""
    asked = response.request
    if operation not in OURS:
        path = asked.url.raw_path.split(b"?")[0].decode()
        CONTRACT.check(asked.method, path, response.status_code, response.content)
    elif response.is_error:
        jsonschema_rs.validate(msgspec.json.schema(Error), response.json())
    else:
        kind = route_of(DIALECT, operation).answers[response.status_code]
        jsonschema_rs.validate(msgspec.json.schema(kind), response.json())
    return response.json() if response.content else None


def scene(ask: Ask, name: str) -> Scene:
    """Projects, experiments and installations are made through other surfaces, the rest through this one."""
    made = launchdarkly.scene(ask, name)
    here = partial(ask, home=Place(name, made.environment))
    there = partial(ask, home=Place(name, made.sibling))
    key = f"icfg_{name}"
    installed = here("POST", INSTALLATIONS, {"id": key})
    spare = here("POST", INSTALLATIONS, {"id": key})["token"]
    there("POST", INSTALLATIONS, {"id": f"icfg_next_to_{name}"})
    root = f"/v1/installations/{key}"
    for resource in ("shop", "annex"):
        here("PUT", f"{root}/resources/{resource}", _resource(f"The {made.environment} {resource}"))
    items = [_item(f"flag_{number}", number) for number in range(2)]
    here("POST", f"{root}/resources/shop/experimentation/items", {"items": items})
    here("PUT", f"{root}/resources/shop/experimentation/global-config", {"data": STORED})
    invoice = here("POST", f"{root}/billing/invoices", an_invoice(f"paid-{name}", test={"result": "paid"}))
    store = here("GET", f"{INSTALLATIONS}/{key}/resources/shop/store", None)["id"]
    member = here("GET", f"{launchdarkly.API}/caller-identity", None)["memberId"]
    code = here("POST", f"{INSTALLATIONS}/{key}/codes", {"member": member})["code"]
    requests = _requests(key, installed, spare, invoice["invoiceId"], store, member, code)
    return Scene(name, made.environment, made.sibling, requests)


def _requests(
    key: str, installed: Any, spare: str, invoice: str, store: str, member: str, code: str
) -> dict[str, Golden]:
    root = {"integrationConfigurationId": key}
    shop = {**root, "resourceId": "shop"}
    item = {**shop, "itemId": "flag_1"}
    client = {"client_secret": installed["clientSecret"]}
    secrets = {"secrets": [_secret("TOKEN", "s3cret"), _secret("OTHER", "")], "partial": True}
    data = {"data": {**STORED, "count": 4}}

    def golden(path: dict[str, str], body: Any = None, **said: Any) -> Golden:
        return Golden(path, body=body, local=True, missing=said.pop("missing", FORBIDDEN), **said)

    return {
        "getInstallation": golden(root),
        "updateInstallation": golden(
            root,
            {"externalId": "ours-1", "billingPlan": PLAN, "notification": NOTE},
            half_bad={"externalId": "ours-1", "notification": {**NOTE, "href": "ftp://"}},
        ),
        "getAccountInfo": golden(root),
        "getMember": golden({**root, "memberId": member}),
        "createEvent": golden(root, {"event": {"type": "resource.updated", "resourceId": "shop"}}),
        "finalizeInstallation": golden(root),
        "rotateInstallationCredential": golden(root, client, open=True),
        "revokeInstallationCredential": golden(root, {**client, "token": spare}, open=True),
        "getIntegrationResources": golden(root),
        "getIntegrationResource": golden(shop),
        "importResource": golden(shop, _resource("Imported again"), makes=True),
        "updateResource": golden(
            shop,
            {"name": "Renamed", "status": "onboarding", "metadata": {"plan": "large"}, "secrets": secrets},
            half_bad={"name": "Renamed", "secrets": [{"name": "TOKEN"}]},
        ),
        "deleteIntegrationResource": golden({**root, "resourceId": "annex"}),
        "updateResourceSecretsById": golden(shop, secrets, shown_by="getIntegrationResource", unseen=True),
        "updateResourceSecrets": golden(
            {**shop, "integrationProductIdOrSlug": "experiments"},
            secrets,
            shown_by="getIntegrationResource",
            unseen=True,
        ),
        "createInstallationIntegrationConfiguration": golden(shop, {"items": [_item(NEW, 7)]}),
        "getExperimentationItem": golden(item),
        "updateInstallationIntegrationConfiguration": golden(
            item,
            {"slug": "flag-1", "origin": "https://provider.test/1", "name": "Renamed", "isArchived": True},
            half_bad={"slug": "flag-1", "origin": "https://provider.test/1", "name": "n" * 1_025},
        ),
        "deleteInstallationIntegrationConfiguration": golden(item),
        "getEdgeConfig": golden(shop),
        "replaceEdgeConfig": golden(shop, data),
        "getGlobalConfig": golden(shop),
        "replaceGlobalConfig": golden(shop, data),
        "readItem": golden({"storeId": store, "itemKey": "flags"}, missing=CLOSED),
        "readItems": golden({"storeId": store}, missing=CLOSED),
        "readDigest": golden({"storeId": store}, missing=CLOSED),
        "submitBillingData": golden(root, _billing()),
        "submitPrepaymentBalances": golden(
            root, {"timestamp": WHEN, "balances": [{"currencyValueInCents": 1_250, "credit": "12 Tokens"}]}
        ),
        "submitInvoice": golden(root, an_invoice(f"of-{NEW}")),
        "getInvoice": golden({**root, "invoiceId": invoice}),
        "updateInvoice": golden(
            {**root, "invoiceId": invoice}, {"action": "refund", "reason": "Not needed", "total": "1.80"}
        ),
        "exchangeSsoToken": Golden(
            body={"client_id": installed["clientId"], "code": code, **client}, open=True
        ),
        "getSigningKeys": Golden(),
    }


def _resource(name: str) -> dict[str, Any]:
    return {
        "productId": "experiments",
        "name": name,
        "status": "ready",
        "ownership": "linked",
        "metadata": {"region": "fra1", "seats": 5},
        "billingPlan": PLAN,
        "notification": NOTE,
        "extras": {"theirs": [1, {"a": None}]},
        "secrets": [_secret("TOKEN", "s3cret")],
    }


def _secret(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "environmentOverrides": {"preview": f"{value}-of-preview"}}


def _item(id: str, number: int) -> dict[str, Any]:
    return {
        "id": id,
        "slug": id.replace("_", "-"),
        "origin": f"https://provider.test/{number}",
        "category": "flag",
        "name": f"Flag {id}",
        "description": "",
        "isArchived": False,
        "createdAt": 1_700_000_000_000,
        "updatedAt": 1_700_000_000_000.5,
    }


def _line() -> dict[str, Any]:
    return {
        "billingPlanId": "pro",
        "resourceId": "shop",
        "name": "Seats",
        "price": "0.60",
        "quantity": 3,
        "units": "seats",
        "total": "1.80",
    }


def an_invoice(external: str, **fields: Any) -> dict[str, Any]:
    return {"externalId": external, "invoiceDate": WHEN, "period": SPAN, "items": [_line()], **fields}


def _billing() -> dict[str, Any]:
    usage = {"name": "Decisions", "type": "total", "units": "1", "dayValue": 3, "periodValue": 4.5}
    return {"timestamp": WHEN, "eod": WHEN, "period": SPAN, "billing": [_line()], "usage": [usage]}
