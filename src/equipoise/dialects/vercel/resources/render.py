"""Resources as documents."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.dialects.vercel.ids import store_id, token_id
from equipoise.dialects.vercel.resources import documents
from equipoise.domain.resource.state import Resource


def resource(now: Resource) -> documents.Resource:
    return documents.Resource(id=now.provided, **_shown(now))


def resources(found: Iterable[Resource]) -> documents.Resources:
    return documents.Resources([documents.Listed(partnerId=each.provided, **_shown(each)) for each in found])


def _shown(now: Resource) -> dict[str, Any]:
    plan = now.billing_plan or {}
    store = store_id(now.store)
    settings = documents.Experimentation(True, store, token_id(now.id), store, True)
    return {
        "internalId": f"ir_{now.id}",
        "name": now.name,
        "productId": now.product,
        "status": now.status,
        "protocolSettings": documents.ProtocolSettings(settings),
        "notification": now.notification or UNSET,
        "billingPlanId": plan.get("id", UNSET),
        "metadata": _sayable(now.metadata),
    }


def _sayable(metadata: dict[str, Any]) -> dict[str, Any] | UnsetType:
    """What the contract lets an answer say: texts, numbers, booleans, and lists of texts or of numbers."""
    said = {name: value for name, value in metadata.items() if _plain(value)}
    return said or UNSET


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        texts = all(isinstance(each, str) for each in value)
        return texts or all(_number(each) for each in value)
    return isinstance(value, str | bool) or _number(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
