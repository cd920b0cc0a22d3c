"""When keys were used last, and by which clients."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles it alike

from equipoise.application.ports import Sighting
from equipoise.domain.identity import Id
from equipoise.domain.limits import CLIENTS_PER_KEY_MAX
from equipoise.storage.tables import sightings, subjects

_s = sightings.c
_given = upsert(sightings)
_newer = case((_given.excluded.at > _s.at, _given.excluded.at), else_=_s.at)
_SEE = _given.on_conflict_do_update(
    index_elements=[_s.environment, _s.key, _s.client], set_={"at": _newer}
).inline()

_MINE = and_(_s.environment == bindparam("of_environment"), _s.key == bindparam("of_key"))
_NEWEST = select(_s.client).where(_MINE).order_by(_s.at.desc(), _s.client).limit(CLIENTS_PER_KEY_MAX)
_TRIM = delete(sightings).where(_MINE, _s.client.not_in(_NEWEST))

_OF = select(sightings).where(_s.environment == bindparam("of_environment")).order_by(_s.at.desc(), _s.client)
_THERE = select(subjects.c.id).where(subjects.c.noun == "environment")
_SWEEP = delete(sightings).where(_s.environment.not_in(_THERE))


class SightingRows:
    """Sightings within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of(self, environment: Id) -> tuple[Sighting, ...]:
        found = self.connection.execute(_OF, {"of_environment": environment})
        return tuple(Sighting(row.environment, row.key, row.client, row.at) for row in found)

    def see(self, seen: Sequence[Sighting]) -> None:
        """In one order, so that two processes do not wait for each other. Of the clients of a key the newest
        are kept."""
        rows: list[dict[str, Any]] = [
            {"environment": each.environment, "key": each.key, "client": each.client, "at": each.at}
            for each in sorted(seen, key=lambda each: (each.environment, each.key, each.client))
        ]
        self.connection.execute(_SEE, rows)
        for environment, key in sorted({(each.environment, each.key) for each in seen}):
            self.connection.execute(_TRIM, {"of_environment": environment, "of_key": key})

    def sweep(self) -> None:
        """Forgets the keys of environments that are gone."""
        self.connection.execute(_SWEEP)
