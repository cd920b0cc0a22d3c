"""Words that sentences about a decision share. Whatever keys and values hold is cut to a length."""

from collections.abc import Iterable

import msgspec

from equipoise.domain.clauses import Json

TEXT_LENGTH_MAX = 80


def quoted(text: str) -> str:
    return f"“{_cut(text)}”"


def shown(value: Json) -> str:
    """A JSON value, cut to a length; text in quotes."""
    if isinstance(value, str):
        return quoted(value)
    try:
        return _cut(msgspec.json.encode(value).decode())
    except (ValueError, OverflowError, RecursionError):  # half a surrogate pair, or a number beyond JSON's
        return _cut(repr(value))


def _cut(text: str) -> str:
    """Short enough to be read; both ends stay, since the key that is hashed stands last."""
    half = TEXT_LENGTH_MAX // 2
    return text if len(text) <= TEXT_LENGTH_MAX else f"{text[: half - 1]}…{text[-half:]}"


def listed(values: Iterable[Json], count: int) -> str:
    named = [shown(value) for value in values]
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return ", ".join(named) + more if named else "nothing"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def percent(weight: int) -> str:
    return f"{weight / 1_000:g} %"


def outcome(held: bool | None, yes: str, no: str) -> str:
    return "nobody can tell here" if held is None else yes if held else no


def holds(held: bool | None) -> str:
    return outcome(held, "it holds", "it does not hold")


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]
