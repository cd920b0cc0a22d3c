"""What lists may be asked beside their page."""

from collections.abc import Sequence

from equipoise.domain.errors import Invalid, Violation
from equipoise.translation.call import Call


def chosen(call: Call, name: str, known: Sequence[str]) -> str:
    """One of the known values; "" where nothing is asked. raises Invalid"""
    text = call.asked(name)
    if text and text not in known:
        raise Invalid(Violation(name, f"must be one of {', '.join(known)}", text))
    return text
