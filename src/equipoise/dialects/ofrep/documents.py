"""The shapes of the protocol, and of the tracking that we add to it."""

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType


class Success(Struct, frozen=True):
    """Without a value, the application's own default is meant."""

    key: str
    reason: str
    variant: str
    metadata: dict[str, bool | str | int]
    value: Any = UNSET


class Failure(Struct, frozen=True):
    """A refusal, or what became of one flag among others."""

    errorCode: str
    errorDetails: str
    key: str | UnsetType = UNSET


class Request(Struct):
    context: dict[str, Any]


class Shown(Struct, gc=False):
    """What a unit saw: the flag, and what its evaluation said in `metadata`."""

    flag: str
    version: int | None = None
    rule: str | None = None
    variation: int | None = None
    inExperiment: bool = False


class Tracked(Struct, gc=False):
    """What a unit did (`name`), or saw (`exposure`). `at` in milliseconds since 1970; the time of receipt
    where it is not said."""

    context: dict[str, Any]
    name: str | None = None
    value: float | None = None
    fields: dict[str, Any] | None = None
    exposure: Shown | None = None
    at: float | None = None


class Kept(Tracked, gc=False):
    """The same as it is read from a body: fields as they were sent."""

    fields: Raw = Raw()  # type: ignore[assignment]
