"""When keys were last seen

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sightings",
        sa.Column("environment", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("client", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "key", "client", name="pk_sightings"),
    )
