"""What must hold of shapes that several resources share, beyond their types."""

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from equipoise.dialects.vercel.documents import Notification
from equipoise.domain.clauses import Json
from equipoise.domain.errors import Invalid, Violation

Findings = Iterator[bool | Violation]
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

_NAME = re.compile("[a-z_]+")
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


def worded(steps: Generator[S, T, R], words: Mapping[str, str]) -> Generator[S, T, R]:
    """The same steps; what they find invalid stands under the wire's names: ours → theirs."""
    try:
        return (yield from steps)
    except Invalid as error:
        raise Invalid(*(spelled(each, words) for each in error.violations)) from None


def spelled(violation: Violation, words: Mapping[str, str]) -> Violation:
    """With each part of its place as the wire calls it."""
    where = _NAME.sub(lambda found: words.get(found[0], found[0]), violation.where)
    return replace(violation, where=where)
