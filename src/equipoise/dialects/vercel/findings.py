"""What must hold of shapes that several resources share, beyond their types."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, UnsetType

from equipoise.dialects.vercel.documents import Notification
from equipoise.domain.clauses import Json
from equipoise.domain.errors import Violation

Findings = Iterator[bool | Violation]

_HREF = re.compile(r"(https?://|sso:)\S*")


def of_notification(said: Notification | str | UnsetType | None) -> Findings:
    if isinstance(said, Notification) and said.href is not UNSET:
        rule = "must be a link that begins with http://, https:// or sso:"
        yield bool(_HREF.fullmatch(said.href)) or Violation("notification.href", rule, said.href)


def notification(said: Json) -> Json:
    """As it is kept: "" and null clear it, and any other text is the title of one."""
    if isinstance(said, str):
        return {"level": "info", "title": said} if said else None
    return said


def fields(body: Any) -> dict[str, Any]:
    """The fields of a body as they were said, open objects whole."""
    return dict(body) if isinstance(body, dict) else {}
