"""Shapes of config stores."""

from typing import Any, Literal

from msgspec import Struct

from equipoise.dialects.vercel.documents import Free


class Push(Struct, frozen=True, forbid_unknown_fields=True):
    """All items: what is not in it is gone."""

    data: Free


class Store(Struct, frozen=True):
    """`updatedAt` in milliseconds since 1970."""

    items: Free
    updatedAt: int
    digest: str
    purpose: Literal["experimentation", "flags"] = "experimentation"


Value = Any
