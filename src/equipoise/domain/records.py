"""What happened to units, as events tell it. Evaluation, assignment, exposure and outcome are four things:
only the last two are kept.

Times are microseconds since 1970, UTC.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha1

from msgspec import Struct

from equipoise.domain.identity import Id

Served = tuple[str, int, str, int]  # flag, version, rule, variation


class Received(Struct, frozen=True):
    """A body of events as it came.

    dialect      whose decoder reads it
    environment  id of the environment whose key it came with
    payload      the sender's id of the body, the same when it is sent again; ours where it says none
    encoding     "gzip", or "" for plain
    key          the kind of key: "server", or one that whoever has the page ("client") or the application
                 ("mobile") holds: these may speak of the flags that are available to them, and of no others
    """

    dialect: str
    environment: Id
    payload: str
    received_at: int
    body: bytes
    encoding: str = ""
    key: str = "server"


class Seen(Struct, frozen=True, gc=False):
    """A unit saw what a rule of a flag served, inside an experiment. It leads to an exposure.

    version    number under which the flag was served
    rule       id of the rule, or "fallthrough"
    variation  index into the flag's variations at that version
    units      context kind → key of the unit
    at         by the client's clock
    attributes of the contexts, as sent: JSON, an object by context kind
    """

    flag: str
    version: int
    rule: str
    variation: int
    units: Mapping[str, str]
    at: int
    attributes: str = "{}"


class Done(Struct, frozen=True, gc=False):
    """A unit did something. It leads to an outcome for each kind of unit.

    key    of the event
    value  its number; None where it has none
    data   whatever else it says: JSON as sent, which nobody has read; None for nothing
    """

    key: str
    units: Mapping[str, str]
    at: int
    value: float | None = None
    data: str | None = None


class Dead(Struct, frozen=True, gc=False):
    """An event that cannot be used, with the cause in a word or two, and its bytes."""

    cause: str
    event: bytes


class SeenMany(Struct, frozen=True, gc=False):
    """The same for many, as columns of one length, of one kind of unit.

    served  what was served: each once; `which` is an index into it
    """

    kind: str
    served: Sequence[Served]
    which: Sequence[int]
    units: Sequence[str]
    at: Sequence[int]
    attributes: Sequence[str]

    def each(self) -> Iterator[Seen]:
        for which, unit, at, attributes in zip(self.which, self.units, self.at, self.attributes, strict=True):
            yield Seen(*self.served[which], {self.kind: unit}, at, attributes)


class DoneMany(Struct, frozen=True, gc=False):
    """The same for many, as columns of one length, of one kind of unit."""

    kind: str
    keys: Sequence[str]
    units: Sequence[str]
    at: Sequence[int]
    values: Sequence[float | None]
    data: Sequence[str | None]

    def each(self) -> Iterator[Done]:
        for key, unit, at, value, data in zip(
            self.keys, self.units, self.at, self.values, self.data, strict=True
        ):
            yield Done(key, {self.kind: unit}, at, value, data)


One = Seen | Done | Dead
Decoded = One | SeenMany | DoneMany


def one_by_one(records: Iterable[Decoded]) -> Iterator[One]:
    """What records say, without columns."""
    for record in records:
        if isinstance(record, SeenMany | DoneMany):
            yield from record.each()
        else:
            yield record


def unit_key(kind: str, key: str) -> int:
    """The 60 bits by which files are sorted, joined and grouped: the first 15 hexadecimal digits of
    SHA-1 of kind, NUL, key. Every engine can compute it."""
    return unit_keys(kind)(key)


def unit_keys(kind: str) -> Callable[[str], int]:
    """The same for many keys of one kind, which is hashed once."""
    start, number = sha1(f"{kind}\0".encode("utf-8", "surrogatepass")).copy, int.from_bytes

    def key_of(key: str) -> int:
        hashed = start()
        hashed.update(key.encode("utf-8", "surrogatepass"))
        return number(hashed.digest()[:8], "big") >> 4

    return key_of
