"""Hashing units into buckets, by scheme. A scheme gives a whole number below its size, and the bucket is the
ratio of both in double precision.

The first 15 hexadecimal digits of SHA-1 are a whole number below 2**60. The clients that must agree with us
divide it by 0xFFFFFFFFFFFFFFF in double precision, where that is 2**60, and add up weights as doubles:
so do we, to the last bit. `threshold` says the same in whole numbers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import sha1

from msgspec import Struct

from equipoise.domain.allocation import SHA1, SHARE_WHOLE
from equipoise.domain.clauses import Json
from equipoise.evaluation.hashes import fnv1a, xxh32
from equipoise.evaluation.ruleset import Slot

BITS = 60
NOWHERE = -1.0  # the bucket of a context that lacks the kind which is hashed

Number = Callable[[str], int]  # of the value that is hashed
Range = tuple[float, float]  # buckets from, and up to but not including


def prefix(key: str, salt: str, seed: int | None) -> str:
    """What stands before the value in the text that is hashed: "{seed}." or "{key}.{salt}."."""
    return f"{key}.{salt}." if seed is None else f"{seed}."


def digits(text: str) -> int:
    """The first 15 hexadecimal digits of SHA-1 of the text in UTF-8, as a number.

    raises  UnicodeEncodeError when the text holds half of a surrogate pair
    """
    return int(sha1(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)


class Scheme(Struct, frozen=True):
    """size   the numbers are below it
    number    from what stands for the flag (key, salt, seed) to what numbers values. Every scheme raises
              UnicodeEncodeError at half of a surrogate pair
    """

    size: int
    number: Callable[[str, str, int | None], Number]


def _sha1(key: str, salt: str, seed: int | None) -> Number:
    before = prefix(key, salt, seed)
    return lambda value: digits(before + value)


def _fnv1a_1(key: str, salt: str, seed: int | None) -> Number:
    return partial(fnv1a_1, prefix(key, salt, seed)[:-1])


def _fnv1a_2(key: str, salt: str, seed: int | None) -> Number:
    return partial(fnv1a_2, prefix(key, salt, seed)[:-1])


def _xxh32(key: str, salt: str, seed: int | None) -> Number:
    before = prefix(key, salt, None) if seed is None else ""
    return lambda value: xxh32((before + value).encode(), seed or 0)


def fnv1a_1(seed: str, value: str) -> int:
    """In thousandths, as GrowthBook's hash version 1."""
    return fnv1a(value + seed) % 1_000


def fnv1a_2(seed: str, value: str) -> int:
    """In ten-thousandths, as GrowthBook's hash version 2."""
    return fnv1a(str(fnv1a(seed + value))) % 10_000


SCHEMES: Mapping[str, Scheme] = {
    SHA1: Scheme(2**BITS, _sha1),
    "fnv1a/1": Scheme(1_000, _fnv1a_1),
    "fnv1a/2": Scheme(10_000, _fnv1a_2),
    "xxh32": Scheme(2**32, _xxh32),
}


def bucket(number: int, size: int = 2**BITS) -> float:
    """From 0 to 1, in double precision; 1 itself for the last few numbers of many, by rounding."""
    return number / size


def bucketable(value: Json) -> str | None:
    """The text that is hashed for an attribute: of a string or a whole number; None for anything else,
    which is bucket 0."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def ranges(weights: Iterable[float], coverage: float = 1.0) -> Iterator[Range]:
    """The buckets of each weight: it begins where all before it end, and takes that part of its own."""
    total = 0.0
    for weight in weights:
        start, total = total, total + weight
        yield start, start + min(max(coverage, 0.0), 1.0) * weight


def choose(at: float, among: Iterable[Range]) -> int | None:
    """The index of the range that holds the bucket; None when none does."""
    return next((index for index, (start, end) in enumerate(among) if start <= at < end), None)


def ranges_of(slots: Iterable[Slot], coverage: int = SHARE_WHOLE) -> Iterator[Range]:
    """The same of slots, as clients add them up."""
    return ranges((slot.weight / float(SHARE_WHOLE) for slot in slots), coverage / float(SHARE_WHOLE))


def bounds(slots: Iterable[Slot]) -> Iterator[float]:
    """Where each slot ends."""
    return (end for _, end in ranges_of(slots))


def slot_at(slots: Sequence[Slot], at: float, coverage: int = SHARE_WHOLE) -> Slot:
    """The slot of a bucket: the first that ends above it, the last when none does. There must be one.

    coverage  where slots are not covered whole, a slot must hold the bucket
    """
    if coverage < SHARE_WHOLE:
        held = choose(at, ranges_of(slots, coverage))
        return slots[-1 if held is None else held]
    return next((slot for slot, end in zip(slots, bounds(slots), strict=True) if at < end), slots[-1])


def steps(slots: Sequence[Slot], coverage: int, size: int) -> list[tuple[int, Slot]]:
    """The slots of all numbers below the size. Each step ends before a number; the numbers rise, and the
    last is the size. There must be one slot."""
    edges = {threshold(each, size) for held in ranges_of(slots, coverage) for each in held}
    ends = sorted({*edges, size} - {0})
    return [
        (end, slot_at(slots, bucket(start, size), coverage))
        for start, end in zip((0, *ends), ends, strict=False)
    ]


@lru_cache(maxsize=1024)
def threshold(end: float, size: int = 2**BITS) -> int:
    """The least number whose bucket is not below `end`; the size itself when there is none.

    A number is below it exactly when its bucket is below `end`: rounding keeps order.
    """
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if bucket(middle, size) < end:
            low = middle + 1
        else:
            high = middle
    return low


def limit(scheme: str, end: int) -> int | bytes:
    """What is compared in place of the number. Digests of SHA-1 are compared as bytes: their first 60 bits
    decide, and what follows is never less."""
    return (end << (64 - BITS)).to_bytes(8, "big") if scheme == SHA1 else end
