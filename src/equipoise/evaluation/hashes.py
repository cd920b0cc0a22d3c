"""Hash functions that the standard library lacks. Plain Python: the base install needs no native package."""

from struct import iter_unpack, unpack, unpack_from

WORD = 0xFFFFFFFF
FNV_START, FNV_PRIME = 0x811C9DC5, 0x01000193
P1, P2, P3, P4, P5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1
STRIPE = 16  # bytes that XXH32 takes at once


def fnv1a(text: str) -> int:
    """FNV-1a of 32 bits over the code units of UTF-16, which are the bytes themselves of ASCII.

    raises  UnicodeEncodeError when the text holds half of a surrogate pair
    source  Fowler, Noll, Vo, FNV Hash; the units are those of JavaScript, in which GrowthBook defines it
    """
    coded = text.encode() if text.isascii() else text.encode("utf-16-le")
    units = coded if text.isascii() else unpack(f"<{len(coded) // 2}H", coded)
    found = FNV_START
    for unit in units:
        found = (found ^ unit) * FNV_PRIME & WORD
    return found


def xxh32(data: bytes, seed: int) -> int:
    """XXH32 of the bytes, under the low 32 bits of the seed.

    source  Collet, xxHash fast digest algorithm, version 0.1.1, section XXH32
    """
    seed &= WORD
    whole = len(data) - len(data) % STRIPE
    found = _stripes(data[:whole], seed) if whole else seed + P5
    found += len(data)
    at = whole
    while at + 4 <= len(data):
        (lane,) = unpack_from("<I", data, at)
        found = _turned((found + lane * P3) & WORD, 17) * P4 & WORD
        at += 4
    for each in data[at:]:
        found = _turned((found + each * P5) & WORD, 11) * P1 & WORD
    return _mixed(found & WORD)


def _stripes(data: bytes, seed: int) -> int:
    a, b, c, d = seed + P1 + P2, seed + P2, seed, seed - P1
    for one, two, three, four in iter_unpack("<4I", data):
        a, b, c, d = _round(a, one), _round(b, two), _round(c, three), _round(d, four)
    return _turned(a, 1) + _turned(b, 7) + _turned(c, 12) + _turned(d, 18)


def _round(so_far: int, lane: int) -> int:
    return _turned((so_far + lane * P2) & WORD, 13) * P1 & WORD


def _turned(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & WORD


def _mixed(word: int) -> int:
    word = (word ^ word >> 15) * P2 & WORD
    word = (word ^ word >> 13) * P3 & WORD
    return word ^ word >> 16
