"""One key, one change, one answer."""

from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.ports import Kept, Transaction
from equipoise.application.requests import ChangeRequest
from equipoise.domain.errors import Reused
from equipoise.security.principals import Principal


def replay(
    transaction: Transaction, principal: Principal, request: ChangeRequest[Any], now: int
) -> Answer | None:
    """The answer kept under the request's idempotency key, if it came before. raises Reused"""
    asked = request.idempotency
    if asked is None or request.dry_run:
        return None
    kept = transaction.reserve(principal.token, asked.key, now)
    if kept is None:
        return None
    if kept.fingerprint != asked.fingerprint:
        raise Reused(asked.said)
    return kept.answer


def keep(transaction: Transaction, principal: Principal, request: ChangeRequest[Any], said: Answer) -> None:
    """Keeps the answer under the request's idempotency key, with secrets taken out."""
    asked = request.idempotency
    if asked is None:
        return
    body = said.body if said.kept is None else said.kept
    answer = Answer(said.status, body, said.headers, said.revision)
    transaction.keep(principal.token, asked.key, Kept(asked.fingerprint, answer))
