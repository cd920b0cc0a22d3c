"""Installations as documents."""

from typing import Any

from msgspec import UNSET

from equipoise.application.installations import Installed
from equipoise.dialects.equipoise.installations import documents
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.config_store.state import ConfigStore
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.state import Invoice
from equipoise.domain.statement.state import Statement
from equipoise.translation.abroad import Abroad


def installation(now: Installation) -> documents.Installation:
    return documents.Installation(**_shown(now))


def installed(made: Installed, token: str, client_secret: str) -> documents.Installed:
    return documents.Installed(**_shown(made.installation), token=token, clientSecret=client_secret)


def store(now: ConfigStore, abroad: Abroad, url: str, secret: str) -> documents.ConfigStore:
    return documents.ConfigStore(
        id=abroad.say(CONFIG_STORE.name, now.id),
        connectionString=abroad.connection(url, now.id, secret),
        digest=now.digest,
        updatedAt=now.updated_at,
        items=len(now.items),
    )


def invoice(now: Invoice, abroad: Abroad) -> documents.Invoice:
    return documents.Invoice(
        id=abroad.say(INVOICE.name, now.id),
        number=now.number,
        state=now.status,
        externalId=now.external_id,
        total=f"{now.total:f}",
        createdAt=now.created_at,
        refund=UNSET if now.refund is None else documents.Refund(now.refund.total, now.refund.reason),
    )


def statement(now: Statement) -> documents.Statement:
    return documents.Statement(now.kind, now.day, now.document)  # type: ignore[arg-type]


def _shown(now: Installation) -> dict[str, Any]:
    return {
        "id": now.key,
        "project": now.project,
        "environment": now.environment,
        "status": now.status,
        "clientId": now.client,
        "createdAt": now.created_at,
    }
