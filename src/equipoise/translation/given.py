"""What was said, or what holds where nothing was."""

from typing import TypeVar

from msgspec import UNSET, UnsetType

T = TypeVar("T")


def given(said: T | UnsetType, otherwise: T) -> T:
    """Null is something said; only what is absent has a default."""
    return otherwise if said is UNSET else said
