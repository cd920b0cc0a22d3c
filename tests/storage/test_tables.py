"""The migrations make the tables that the code means."""

import json
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from equipoise.storage import SqlStore
from equipoise.storage.tables import SCHEMA, metadata


def test_the_migrations_lead_to_the_tables(sql_store: SqlStore) -> None:
    with sql_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    scripts = ScriptDirectory("src/equipoise/storage/migrations")
    assert scripts.get_heads() == [SCHEMA]
    assert all(script.revision <= SCHEMA for script in scripts.walk_revisions())


def test_what_autogenerate_does_not_compare_is_the_same(sql_store: SqlStore) -> None:
    """Primary keys, partial indexes and collations, against tables made from the code."""
    engine = sql_store.engine
    migrated = _described(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert _described(engine) == migrated


def _described(engine: Any) -> dict[str, Any]:
    known = inspect(engine)
    return {
        table: {
            "columns": [{**column, "type": _said(column["type"])} for column in known.get_columns(table)],
            "primary key": known.get_pk_constraint(table),
            "indexes": sorted(json.dumps(index, default=str) for index in known.get_indexes(table)),
            "unique": known.get_unique_constraints(table),
        }
        for table in sorted(known.get_table_names())
        if table in metadata.tables
    }


def _said(type: Any) -> tuple[str, str | None]:
    return str(type), getattr(type, "collation", None)
