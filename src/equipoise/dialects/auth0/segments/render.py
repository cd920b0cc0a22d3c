"""Segments as documents."""

from collections.abc import Iterable

from msgspec import UNSET

from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.segments import documents
from equipoise.dialects.auth0.segments.rules import rules_shown
from equipoise.domain.segment.state import Segment
from equipoise.translation.times import iso


def segment(now: Segment) -> documents.Segment:
    return documents.Segment(
        id=ids.spelled("segment", now.id),
        name=now.name,
        type="self",
        status="active" if now.archived_at is None else "archived",
        rules=rules_shown(now.rules),
        created_at=iso(now.created_at),
        updated_at=iso(now.touched_at or now.created_at),
        description=now.description or UNSET,
    )


def segments(found: Iterable[Segment], following: str) -> documents.Segments:
    return documents.Segments([segment(each) for each in found], following or UNSET)
