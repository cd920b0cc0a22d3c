"""Requests of our own interface. What it cannot make yet is made through others."""

from functools import partial
from typing import Any

import httpx
import jsonschema_rs
import msgspec

from equipoise.dialects.equipoise import DIALECT
from equipoise.dialects.equipoise.documents import Error
from equipoise.domain.identity import Place
from tests.conformance.requests import launchdarkly, vercel
from tests.conformance.scenes import NEW, Ask, Golden, Scene, route_of

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

CONTEXT = '{"kind": "user", "key": "user-1"}'
UNKNOWN_FIELDS = "ignored"
AT_HOME = False
PUBLIC: set[str] = set()
OF_ADMINS: set[str] = set()
OF_NOW: frozenset[str] = frozenset()


def error_schema() -> dict[str, Any]:
    return msgspec.json.schema(Error)


def conforms(response: httpx.Response, operation: str) -> Any:
    """The document (None where there is none), held to the schema that we publish."""
    if not response.content:
        return None
    answers = route_of(DIALECT, operation).answers
    kind: Any = answers[response.status_code] if response.is_success else Error
    jsonschema_rs.validate(msgspec.json.schema(kind), response.json())
    return msgspec.json.decode(response.content, type=kind)


def scene(ask: Ask, name: str) -> Scene:
    """The scene of the surfaces that can make one; the trial of its environment runs."""
    made = vercel.scene(ask, name)
    place = f"{launchdarkly.API}/projects/{name}/environments/{made.environment}/experiments"
    start = {"kind": "startIteration", "changeJustification": "to see what it shows"}
    trial = f"{made.environment}-trial"
    ask("PATCH", f"{place}/{trial}", {"instructions": [start]}, launchdarkly.SEMANTIC)
    query = {"project": name, "environment": made.environment}
    key = f"icfg_{name}"
    here = partial(ask, home=Place(name, made.environment))
    pending = vercel.an_invoice(f"pending-{name}")
    invoice = here("POST", f"/v1/installations/{key}/billing/invoices", pending)["invoiceId"].removeprefix(
        "inv_"
    )
    member = here("GET", f"{launchdarkly.API}/caller-identity", None)["memberId"]
    requests = {
        "getResults": Golden({"key": trial}, query),
        "explain": Golden(
            {"environment": made.environment},
            {"project": name, "flag": f"{name}-checkout", "context": CONTEXT},
        ),
        "getCatalog": Golden(),
        "getInstallations": Golden(),
        "install": Golden(body={"id": f"icfg_{NEW}"}, home=True),
        "getInstallation": Golden({"id": key}, local=True),
        "deleteInstallation": Golden({"id": key}, local=True),
        "createCode": Golden({"id": key}, body={"member": member}, local=True),
        "getConfigStore": Golden({"id": key, "resource": "shop"}, local=True),
        "getBilling": Golden({"id": key}, local=True),
        "getInvoice": Golden({"id": key, "invoice": invoice.removeprefix("inv_")}, local=True),
        "moveInvoice": Golden(
            {"id": key, "invoice": invoice.removeprefix("inv_")},
            body={"state": "invoiced"},
            half_bad={"state": "nowhere"},
            local=True,
        ),
    }
    return Scene(name, made.environment, made.sibling, requests)
