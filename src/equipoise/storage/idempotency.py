"""Answers kept under the keys of those who asked."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles it alike

from equipoise.application.answers import Answer
from equipoise.application.ports import Kept
from equipoise.domain.identity import Id
from equipoise.domain.limits import IDEMPOTENCY_KEEP_HOURS
from equipoise.storage.tables import idempotency

KEEP_MS = IDEMPOTENCY_KEEP_HOURS * 3_600_000

_i = idempotency.c
_MINE = and_(_i.owner == bindparam("of_owner"), _i.key == bindparam("of_key"))
_EMPTY = {"fingerprint": "", "status": 0, "headers": "[]", "body": b"", "revision": None}

# Waits for whoever holds the key; gives it again once it is too old. No row: somebody has it.
_RESERVE = (
    upsert(idempotency)
    .on_conflict_do_update(
        index_elements=[_i.owner, _i.key],
        set_={"fingerprint": "", "created_at": bindparam("reserved_at", type_=BigInteger)},
        where=_i.created_at <= bindparam("expired"),
    )
    .returning(_i.owner)
)
_KEPT = select(_i.fingerprint, _i.status, _i.headers, _i.body, _i.revision).where(_MINE)
_KEEP = update(idempotency).where(_MINE)
_SWEEP = delete(idempotency).where(_i.created_at <= bindparam("expired"))


class Idempotency:
    """Kept answers within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def reserve(self, owner: Id, key: str, at: int) -> Kept | None:
        row = {
            **_EMPTY,
            "owner": owner,
            "key": key,
            "created_at": at,
            "reserved_at": at,
            "expired": at - KEEP_MS,
        }
        if self.connection.execute(_RESERVE, row).first() is not None:
            return None
        found = self.connection.execute(_KEPT, {"of_owner": owner, "of_key": key}).one()
        return _kept(found) if found.fingerprint else None

    def keep(self, owner: Id, key: str, kept: Kept) -> None:
        answer = kept.answer
        values = {
            "fingerprint": kept.fingerprint,
            "status": answer.status,
            "headers": msgspec.json.encode(answer.headers).decode(),
            "body": answer.body,
            "revision": answer.revision,
        }
        self.connection.execute(_KEEP, {"of_owner": owner, "of_key": key, **values})

    def sweep(self, now: int) -> int:
        """Deletes what is older than IDEMPOTENCY_KEEP_HOURS; how many there were."""
        return self.connection.execute(_SWEEP, {"expired": now - KEEP_MS}).rowcount


def _kept(row: Any) -> Kept:
    headers = msgspec.json.decode(row.headers, type=tuple[tuple[str, str], ...])
    return Kept(row.fingerprint, Answer(row.status, row.body, headers, row.revision))
