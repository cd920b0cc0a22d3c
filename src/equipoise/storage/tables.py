"""The tables. One holds every noun: a document beside the few columns that are searched.

Numbers are those of `application/ports.py`; times are milliseconds since 1970, those of the
manifest microseconds. Text sorts by code point on both databases, as Python does. Columns that change with
most writes stand in no index, so that PostgreSQL can update a row in place.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA = "0002"  # the newest migration; a database of any other version is migrated or refused

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
ROW = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives numbers to INTEGER alone

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def text(name: str) -> Column[str]:
    return Column(name, TEXT, nullable=False)


def number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


subjects = Table(
    "subjects",
    metadata,
    text("noun"),
    text("id"),
    text("project"),
    text("environment"),
    text("key"),
    text("name"),
    text("status"),
    Column("archived", Boolean, nullable=False),
    number("created_at"),
    number("revision"),
    text("searched"),  # name and key without case, for a search in either
    text("state"),
    PrimaryKeyConstraint("noun", "id"),
    UniqueConstraint("noun", "project", "environment", "key"),
    Index("ix_subjects_created", "noun", "project", "environment", "created_at", "id"),
    Index("ix_subjects_archived", "noun", "project", "environment", "archived", "created_at", "id"),
)

links = Table(
    "links",
    metadata,
    text("noun"),
    text("id"),
    text("relation"),
    text("target"),
    PrimaryKeyConstraint("noun", "id", "relation", "target"),
    Index("ix_links_target", "relation", "target", "noun", "id"),
)

claims = Table(
    "claims",
    metadata,
    text("project"),
    text("environment"),
    text("claim"),
    text("noun"),
    text("id"),
    text("key"),
    PrimaryKeyConstraint("project", "environment", "claim"),
)

counters = Table("counters", metadata, text("space"), number("number"), PrimaryKeyConstraint("space"))

# `row` orders what happened to one subject, whichever spaces numbered it; it may have gaps.
change_log = Table(
    "change_log",
    metadata,
    Column("row", ROW, nullable=False, autoincrement=True),
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
    Column("state", TEXT, nullable=True),
    text("principal"),
    text("surface"),
    text("comment"),
    text("request"),
    PrimaryKeyConstraint("row"),
    UniqueConstraint("space", "number"),
    Index("ix_change_log_subject", "id", "row"),
)
_birth = change_log.c.revision == 1
Index(
    "ix_change_log_births",
    change_log.c.noun,
    change_log.c.project,
    change_log.c.environment,
    change_log.c.key,
    sqlite_where=_birth,
    postgresql_where=_birth,
)

flag_versions = Table(
    "flag_versions",
    metadata,
    text("project"),
    text("environment"),
    text("flag"),
    number("version"),
    PrimaryKeyConstraint("project", "flag", "environment"),
)

# Which phase of which iteration a rule served, from one number up to another, without that one.
overlay_history = Table(
    "overlay_history",
    metadata,
    text("project"),
    text("environment"),
    text("flag"),
    text("rule"),
    number("from_number"),
    Column("to_number", BigInteger, nullable=True),
    text("experiment"),
    text("iteration"),
    number("phase"),
    text("unit"),
    PrimaryKeyConstraint("project", "environment", "flag", "rule", "from_number"),
)

# The manifest. A file that was retired stays on disk for those who still read it.
data_files = Table(
    "data_files",
    metadata,
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
    Column("retired_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("id"),
    Index("ix_data_files_partition", "environment", "kind", "day", "id"),
)

dead_events = Table(
    "dead_events",
    metadata,
    text("environment"),
    text("cause"),
    number("events"),
    PrimaryKeyConstraint("environment", "cause"),
)

# Bodies of events that are in files already, and segments of the journal that were read.
payloads = Table(
    "payloads",
    metadata,
    text("environment"),
    text("payload"),
    number("at"),
    PrimaryKeyConstraint("environment", "payload"),
    Index("ix_payloads_at", "at"),
)

segments = Table("segments", metadata, text("name"), number("at"), PrimaryKeyConstraint("name"))

aliases = Table(
    "aliases",
    metadata,
    text("dialect"),
    text("kind"),
    text("theirs"),
    text("ours"),
    PrimaryKeyConstraint("dialect", "kind", "theirs"),
)

idempotency = Table(
    "idempotency",
    metadata,
    text("owner"),
    text("key"),
    text("fingerprint"),
    number("status"),
    text("headers"),
    Column("body", LargeBinary, nullable=False),
    Column("revision", BigInteger, nullable=True),
    number("created_at"),
    PrimaryKeyConstraint("owner", "key"),
    Index("ix_idempotency_created_at", "created_at"),
)

tickets = Table(
    "tickets",
    metadata,
    text("digest"),
    text("token"),
    number("expires_at"),
    PrimaryKeyConstraint("digest"),
)

# When a key was used last, and by which client: written now and then.
sightings = Table(
    "sightings",
    metadata,
    text("environment"),
    text("key"),
    text("client"),
    number("at"),
    PrimaryKeyConstraint("environment", "key", "client"),
)

instance = Table("instance", metadata, text("name"), text("value"), PrimaryKeyConstraint("name"))
