"""What a list may be asked: a page, filters of the form field:value, fields to sort by."""

from collections.abc import Mapping

from msgspec import Struct

from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.limits import LIST_ITEMS_MAX
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter

PAGE = (
    Parameter("limit", "How many items to answer.", "integer"),
    Parameter("offset", "How many items to skip.", "integer"),
)
FILTER = Parameter("filter", "Comma-separated `field:value` pairs; all must hold.")
SORT = Parameter("sort", "Comma-separated fields; a leading - sorts descending.")


class Window(Struct, frozen=True):
    limit: int
    offset: int


def window(call: Call, default: int = 20) -> Window:
    """raises Invalid"""
    return Window(call.number("limit", default, LIST_ITEMS_MAX), call.number("offset", 0, 2**31 - 1))


def filters(call: Call, *known: str) -> dict[str, str]:
    """Field → value. raises Invalid for one that is not known, or that is no pair"""
    pairs = [part.partition(":") for part in call.listed("filter")]
    rule = f"must be field:value over {', '.join(known)}"
    check(*((name in known and bool(colon)) or Violation("filter", rule, name) for name, colon, _ in pairs))
    return {name: value.strip() for name, _, value in pairs}


def parted(value: str, separators: str) -> tuple[str, ...]:
    """A filter's value taken apart, nothing empty."""
    for separator in separators[1:]:
        value = value.replace(separator, separators[0])
    return tuple(part for part in value.split(separators[0]) if part)


def sorting(call: Call, known: Mapping[str, str], default: tuple[str, bool]) -> tuple[tuple[str, bool], ...]:
    """(field of ours, descending) over what is known: their name → ours. raises Invalid"""
    asked = [(name.removeprefix("-"), name.startswith("-")) for name in call.listed("sort")]
    rule = f"must be one of {', '.join(known)}, or one of them after a -"
    unknown = [name for name, _ in asked if name not in known]
    if unknown:
        raise Invalid(*(Violation("sort", rule, name) for name in unknown))
    return tuple((known[name], descending) for name, descending in asked) or (default,)
