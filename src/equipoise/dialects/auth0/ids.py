"""Ids as Auth0 spells them: a prefix, and the bits of ours in base58, always at full length."""

from equipoise.domain.errors import Missing

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(ALPHABET)}
_PREFIXES = {"experiment": "exp_", "feature flag": "flg_", "variation": "var_", "segment": "seg_"}
_HEX_DIGITS = {"variation": 32}  # of a UUID; other ids have 24
GONE = "0" * 24  # stands for what is no longer there


def _length(hex_digits: int) -> int:
    """Base58 digits for so many hexadecimal ones."""
    largest, length = 16**hex_digits - 1, 0
    while largest:
        largest, length = largest // 58, length + 1
    return length


_LENGTHS = {noun: _length(_HEX_DIGITS.get(noun, 24)) for noun in _PREFIXES}


def spelled(noun: str, id: str) -> str:
    """An id of ours as theirs. `noun` as people say it: experiment, feature flag, variation, segment."""
    number, digits = int(id.replace("-", ""), 16), ""
    while number:
        number, digit = divmod(number, 58)
        digits = ALPHABET[digit] + digits
    return _PREFIXES[noun] + digits.rjust(_LENGTHS[noun], ALPHABET[0])


def read(noun: str, text: str) -> str:
    """Our id for one of theirs. raises Missing where nothing can have it"""
    digits = text.removeprefix(_PREFIXES[noun])
    length = _HEX_DIGITS.get(noun, 24)
    if len(digits) != _LENGTHS[noun] or text == digits or not _VALUES.keys() >= set(digits):
        raise Missing(noun, text)
    number = 0
    for digit in digits:
        number = number * 58 + _VALUES[digit]
    if number >= 16**length:
        raise Missing(noun, text)
    hexadecimal = f"{number:0{length}x}"
    return _uuid(hexadecimal) if noun == "variation" else hexadecimal


def _uuid(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def known(noun: str, text: str) -> str:
    """Our id for one of theirs; "" where nothing can have it."""
    try:
        return read(noun, text)
    except Missing:
        return ""
