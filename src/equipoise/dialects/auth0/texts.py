"""Names and descriptions, and the keys that are made of names."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Protocol

from msgspec import UNSET, UnsetType

from equipoise.dialects.auth0.documents import DESCRIPTION_LENGTHS, NAME_LENGTHS
from equipoise.domain import identity
from equipoise.domain.errors import Violation
from equipoise.domain.identity import text_rule

# White space and line ends as ECMAScript has them, which is what the published pattern means.
_SPACES = "\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_UNPADDED = re.compile(rf"[^{_SPACES}](?:[^\n\r\u2028\u2029]*[^{_SPACES}])?")
_APART = re.compile(r"[^a-z0-9]+")
SLUG_LENGTH_MAX = 80
TRIES = 20


def name_rule(where: str, name: str) -> bool | Violation:
    """3 to 255 characters on one line, without a blank at either end or a control character."""
    found = _unpadded(where, name, NAME_LENGTHS)
    if found is True and identity.name_rule(where, name) is not True:
        return Violation(where, "must hold no control character", name)
    return found


def description_rule(where: str, description: str) -> bool | Violation:
    """3 to 1,024 characters on one line, without a blank at either end."""
    return _unpadded(where, description, DESCRIPTION_LENGTHS)


class Named(Protocol):
    """What is said with a name and a description, as far as they are."""

    @property
    def name(self) -> str | UnsetType: ...
    @property
    def description(self) -> str | UnsetType | None: ...


def findings(said: Named) -> Iterator[bool | Violation]:
    """What must hold of name and description as they are said; null takes a description away."""
    if said.name is not UNSET:
        yield name_rule("name", said.name)
    if said.description is not UNSET and said.description is not None:
        yield description_rule("description", said.description)


def _unpadded(where: str, text: str, lengths: tuple[int, int]) -> bool | Violation:
    least, most = lengths
    whole = least <= len(text) <= most and _UNPADDED.fullmatch(text) and text_rule(where, text) is True
    rule = f"must be {least} to {most} characters on one line, without a blank at either end and without NUL"
    return bool(whole) or Violation(where, rule, text)


def slug(name: str) -> str:
    """A name as a key may be spelled: letters and digits of ASCII, what is between them as a hyphen."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _APART.sub("-", plain)[:SLUG_LENGTH_MAX].strip("-")


def key_of(name: str, id: str, taken: Callable[[str], bool]) -> str:
    """A key for something of this name: its slug, numbered where others have it; else its id."""
    base = slug(name)
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, TRIES + 1))
    return next((key for key in numbered if base and not taken(key)), id)
