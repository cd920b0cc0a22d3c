"""What happened to units, as events tell it. Evaluation, assignment, exposure and outcome are four things:
only the last two are kept.

Times are microseconds since 1970, UTC.
"""

from collections.abc import Mapping
from hashlib import sha1

from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.domain.identity import Id


class Received(Struct, frozen=True):
    """A body of events as it came.

    dialect      whose decoder reads it
    environment  id of the environment whose key it came with
    payload      the sender's id of the body, the same when it is sent again; ours where it says none
    encoding     "gzip", or "" for plain
    """

    dialect: str
    environment: Id
    payload: str
    received_at: int
    body: bytes
    encoding: str = ""


class Seen(Struct, frozen=True, gc=False):
    """A unit saw what a rule of a flag served, inside an experiment. It leads to an exposure.

    version    number under which the flag was served
    rule       id of the rule, or "fallthrough"
    variation  index into the flag's variations at that version
    units      context kind → key of the unit
    at         by the client's clock
    attributes of the contexts, as sent
    """

    flag: str
    version: int
    rule: str
    variation: int
    units: Mapping[str, str]
    at: int
    attributes: Mapping[str, Json] = {}


class Done(Struct, frozen=True, gc=False):
    """A unit did something. It leads to an outcome for each kind of unit.

    key    of the event
    value  its number; None where it has none
    data   whatever else it says
    """

    key: str
    units: Mapping[str, str]
    at: int
    value: float | None = None
    data: Json = None


class Dead(Struct, frozen=True, gc=False):
    """An event that cannot be used, with the cause in a word or two, and its bytes."""

    cause: str
    event: bytes


Decoded = Seen | Done | Dead


def unit_key(kind: str, key: str) -> int:
    """The 60 bits by which files are sorted, joined and grouped: the first 15 hexadecimal digits of
    SHA-1 of kind, NUL, key. Every engine can compute it."""
    return int(sha1(f"{kind}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:15], 16)
