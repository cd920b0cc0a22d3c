"""Kept answers that are too old are swept away."""

from sqlalchemy import func, select

from equipoise.application.answers import Answer
from equipoise.application.ports import Kept
from equipoise.storage import SqlStore
from equipoise.storage.idempotency import KEEP_MS
from equipoise.storage.tables import idempotency
from tests.storage.desk import AT


def test_only_what_is_too_old_is_swept_away(sql_store: SqlStore) -> None:
    with sql_store.write() as transaction:
        for key, at in {"old": AT, "young": AT + 1}.items():
            transaction.reserve("me", key, at)
            transaction.keep("me", key, Kept("print", Answer(200)))
    assert sql_store.sweep(AT + KEEP_MS) == 1
    with sql_store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(idempotency)).scalar() == 1
    with sql_store.write() as transaction:
        assert transaction.reserve("me", "young", AT + KEEP_MS) is not None
