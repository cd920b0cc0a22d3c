"""Names that others gave: ids that vendors issued, and what the instance knows of itself."""

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles it alike

from equipoise.domain.errors import Held
from equipoise.domain.identity import Id
from equipoise.storage.listing import storable
from equipoise.storage.tables import aliases, instance

_a = aliases.c
_ALIAS = select(_a.ours).where(
    _a.dialect == bindparam("of_dialect"),
    _a.kind == bindparam("of_kind"),
    _a.theirs == bindparam("of_theirs"),
)
_BIND = upsert(aliases).on_conflict_do_nothing().inline()
_FACT = select(instance.c.value).where(instance.c.name == bindparam("of_name"))
_NOTE = upsert(instance).on_conflict_do_nothing().inline()


class Aliases:
    """Aliases and instance facts within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def alias(self, dialect: str, kind: str, theirs: str) -> Id | None:
        if not storable(theirs):
            return None
        asked = {"of_dialect": dialect, "of_kind": kind, "of_theirs": theirs}
        found: Id | None = self.connection.execute(_ALIAS, asked).scalar()
        return found

    def bind(self, dialect: str, kind: str, theirs: str, ours: Id) -> None:
        """raises Held"""
        row = {"dialect": dialect, "kind": kind, "theirs": theirs, "ours": ours}
        self.connection.execute(_BIND, row)
        known = self.alias(dialect, kind, theirs)
        if known != ours:
            raise Held(f"use the {dialect} id {theirs}", f"it names {kind} {known}")

    def fact(self, name: str) -> str | None:
        found: str | None = self.connection.execute(_FACT, {"of_name": name}).scalar()
        return found

    def note(self, name: str, value: str) -> str:
        """Sets a fact that is set once; the value that holds."""
        self.connection.execute(_NOTE, {"name": name, "value": value})
        return self.fact(name) or value
