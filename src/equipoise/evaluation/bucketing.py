"""Hashing units into buckets: the scheme `sha1/15hex`.

The first 15 hexadecimal digits of SHA-1 are a whole number below 2**60. The clients that must agree with us
divide it by 0xFFFFFFFFFFFFFFF in double precision, where that is 2**60, and add up weights as doubles:
so do we, to the last bit. `threshold` says the same in whole numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha1

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.clauses import Json
from equipoise.evaluation.ruleset import Slot

BITS = 60
NOWHERE = -1.0  # the bucket of a context that lacks the kind which is hashed


def prefix(key: str, salt: str, seed: int | None) -> str:
    """What stands before the value in the text that is hashed: "{seed}." or "{key}.{salt}."."""
    return f"{key}.{salt}." if seed is None else f"{seed}."


def digits(text: str) -> int:
    """The first 15 hexadecimal digits of SHA-1 of the text in UTF-8, as a number.

    raises  UnicodeEncodeError when the text holds half of a surrogate pair
    """
    return int(sha1(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)


def bucket(number: int) -> float:
    """From 0 to 1, in double precision; 1 itself for the last few numbers, by rounding."""
    return float(number) / float(2**BITS)


def bucketable(value: Json) -> str | None:
    """The text that is hashed for an attribute: of a string or a whole number; None for anything else,
    which is bucket 0."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def bounds(slots: Iterable[Slot]) -> Iterator[float]:
    """Where each slot ends, as clients add it up."""
    total = 0.0
    for slot in slots:
        total += slot.weight / float(SHARE_WHOLE)
        yield total


def slot_at(slots: Sequence[Slot], at: float) -> Slot:
    """The slot of a bucket: the first that ends above it, the last when none does. There must be one."""
    return next((slot for slot, end in zip(slots, bounds(slots), strict=True) if at < end), slots[-1])


def threshold(end: float) -> int:
    """The least number whose bucket is not below `end`; 2**60 when there is none.

    A number is below it exactly when its bucket is below `end`: rounding keeps order.
    """
    low, high = 0, 2**BITS
    while low < high:
        middle = (low + high) // 2
        if bucket(middle) < end:
            low = middle + 1
        else:
            high = middle
    return low
