"""Ids, keys, names: what something may be called.

An id of ours is 24 hexadecimal digits (96 bits); each dialect spells it its own way, by a
bijection, so that an object has its id on every surface from birth.
"""

import re

from msgspec import Struct

from equipoise.domain.errors import Violation
from equipoise.domain.limits import (
    DESCRIPTION_LENGTH_MAX,
    KEY_LENGTH_MAX,
    NAME_LENGTH_MAX,
    TAGS_MAX,
)

Id = str

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Place(Struct, frozen=True, order=True):
    """Where a key is unique: the instance, a project, or an environment of one. Holds keys."""

    project: str = ""
    environment: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.project, self.environment) if part) or "instance"


INSTANCE = Place()


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def key_rule(where: str, key: str) -> bool | Violation:
    """Letters, digits, and . _ - after the first: at most KEY_LENGTH_MAX."""
    if not _KEY.fullmatch(key) or len(key) > KEY_LENGTH_MAX:
        rule = f"must be 1 to {KEY_LENGTH_MAX} letters, digits, '.', '_' or '-', a letter or digit first"
        return Violation(where, rule, key)
    return True


def name_rule(where: str, name: str) -> bool | Violation:
    """Not blank, no control character, at most NAME_LENGTH_MAX code points."""
    if not name.strip() or len(name) > NAME_LENGTH_MAX or not _printable(name):
        rule = f"must be 1 to {NAME_LENGTH_MAX} characters, not blank, without control characters"
        return Violation(where, rule, name)
    return True


def text_rule(where: str, text: str, most: int = DESCRIPTION_LENGTH_MAX) -> bool | Violation:
    """Free text: may be empty and hold line breaks, never NUL or a lone surrogate."""
    if len(text) > most or not _storable(text):
        return Violation(where, f"must be at most {most} characters, without NUL", text)
    return True


def tags_rule(where: str, tags: tuple[str, ...]) -> bool | Violation:
    """At most TAGS_MAX, each a name."""
    if len(tags) > TAGS_MAX or any(name_rule(where, tag) is not True for tag in tags):
        return Violation(where, f"must be at most {TAGS_MAX} names", list(tags))
    return True


def digest_rule(where: str, digest: str) -> bool | Violation:
    """SHA-256 in hexadecimal. What is found stays unsaid: it may be shown and logged."""
    whole = bool(_DIGEST.fullmatch(digest))
    return whole or Violation(where, "must be 64 hexadecimal digits, in lower case")


def unique(items: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in the order of first appearance."""
    return tuple(dict.fromkeys(items))


def _printable(text: str) -> bool:
    return _storable(text) and not any(ord(char) < 32 or ord(char) == 127 for char in text)


def _storable(text: str) -> bool:
    return "\0" not in text and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
