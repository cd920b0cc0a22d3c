"""The tables

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "aliases",
        text("dialect"),
        text("kind"),
        text("theirs"),
        text("ours"),
        sa.PrimaryKeyConstraint("dialect", "kind", "theirs", name="pk_aliases"),
    )
    op.create_table(
        "change_log",
        sa.Column("row", ROW, autoincrement=True, nullable=False),
        text("space"),
        number("number"),
        number("at"),
        text("noun"),
        text("id"),
        text("project"),
        text("environment"),
        text("key"),
        number("revision"),
        text("events"),
        sa.Column("state", TEXT, nullable=True),
        text("principal"),
        text("surface"),
        text("comment"),
        text("request"),
        sa.PrimaryKeyConstraint("row", name="pk_change_log"),
        sa.UniqueConstraint("space", "number", name="uq_change_log_space_number"),
    )
    op.create_index(
        "ix_change_log_births",
        "change_log",
        ["noun", "project", "environment", "key"],
        sqlite_where=sa.text("revision = 1"),
        postgresql_where=sa.text("revision = 1"),
    )
    op.create_index("ix_change_log_subject", "change_log", ["id", "row"])

    op.create_table(
        "claims",
        text("project"),
        text("environment"),
        text("claim"),
        text("noun"),
        text("id"),
        text("key"),
        sa.PrimaryKeyConstraint("project", "environment", "claim", name="pk_claims"),
    )

    op.create_table(
        "counters", text("space"), number("number"), sa.PrimaryKeyConstraint("space", name="pk_counters")
    )
    op.create_table(
        "data_files",
        text("id"),
        text("environment"),
        text("kind"),
        text("day"),
        text("path"),
        number("rows"),
        number("bytes"),
        number("first"),
        number("last"),
        number("key_low"),
        number("key_high"),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_files"),
    )
    op.create_index("ix_data_files_partition", "data_files", ["environment", "kind", "day", "id"])
    op.create_table(
        "dead_events",
        text("environment"),
        text("cause"),
        number("events"),
        sa.PrimaryKeyConstraint("environment", "cause", name="pk_dead_events"),
    )
    op.create_table(
        "flag_versions",
        text("project"),
        text("environment"),
        text("flag"),
        number("version"),
        sa.PrimaryKeyConstraint("project", "flag", "environment", name="pk_flag_versions"),
    )
    op.create_table(
        "idempotency",
        text("owner"),
        text("key"),
        text("fingerprint"),
        number("status"),
        text("headers"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        number("created_at"),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])

    op.create_table(
        "instance", text("name"), text("value"), sa.PrimaryKeyConstraint("name", name="pk_instance")
    )
    op.create_table(
        "links",
        text("noun"),
        text("id"),
        text("relation"),
        text("target"),
        sa.PrimaryKeyConstraint("noun", "id", "relation", "target", name="pk_links"),
    )
    op.create_index("ix_links_target", "links", ["relation", "target", "noun", "id"])

    op.create_table(
        "overlay_history",
        text("project"),
        text("environment"),
        text("flag"),
        text("rule"),
        number("from_number"),
        sa.Column("to_number", sa.BigInteger(), nullable=True),
        text("experiment"),
        text("iteration"),
        number("phase"),
        text("unit"),
        sa.PrimaryKeyConstraint(
            "project", "environment", "flag", "rule", "from_number", name="pk_overlay_history"
        ),
    )
    op.create_table(
        "payloads",
        text("environment"),
        text("payload"),
        number("at"),
        sa.PrimaryKeyConstraint("environment", "payload", name="pk_payloads"),
    )
    op.create_index("ix_payloads_at", "payloads", ["at"])
    op.create_table(
        "segments", text("name"), number("at"), sa.PrimaryKeyConstraint("name", name="pk_segments")
    )
    op.create_table(
        "subjects",
        text("noun"),
        text("id"),
        text("project"),
        text("environment"),
        text("key"),
        text("name"),
        text("status"),
        sa.Column("archived", sa.Boolean(), nullable=False),
        number("created_at"),
        number("revision"),
        text("searched"),
        text("state"),
        sa.PrimaryKeyConstraint("noun", "id", name="pk_subjects"),
        sa.UniqueConstraint(
            "noun", "project", "environment", "key", name="uq_subjects_noun_project_environment_key"
        ),
    )
    op.create_index(
        "ix_subjects_archived",
        "subjects",
        ["noun", "project", "environment", "archived", "created_at", "id"],
    )
    op.create_index("ix_subjects_created", "subjects", ["noun", "project", "environment", "created_at", "id"])
    op.create_table(
        "tickets",
        text("digest"),
        text("token"),
        number("expires_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_tickets"),
    )
