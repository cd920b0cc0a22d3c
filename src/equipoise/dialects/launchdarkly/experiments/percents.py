"""Percentages as text, and the shares they amount to: thousandths of a percent."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.errors import Violation

_PERCENT = re.compile(r"\d{1,3}(\.\d{1,40})?", re.ASCII)
_SHARES_PER_PERCENT = SHARE_WHOLE // 100


def percent_rule(where: str, text: str) -> bool | Violation:
    """A plain decimal number from 0 to 100: no sign, no exponent, no blank."""
    if not _PERCENT.fullmatch(text) or Fraction(text) > 100:
        return Violation(where, 'must be a decimal number from 0 to 100, such as "33.3"', text)
    return True


def above_whole(texts: Sequence[str]) -> bool:
    """Whether percentages sum to more than 100; each must be one."""
    return sum(map(Fraction, texts)) > 100


def shares_of(texts: Sequence[str]) -> tuple[int, ...]:
    """The shares nearest to these percentages, which sum to at most 100.

    What is finer than a share goes to the largest remainders, the rest outside the experiment being
    one of the parts, so that shares and rest make SHARE_WHOLE.
    """
    exact = [Fraction(text) * _SHARES_PER_PERCENT for text in texts]
    parts = [*exact, SHARE_WHOLE - sum(exact)]
    shares = [int(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda index: shares[index] - parts[index])
    for index in by_remainder[: SHARE_WHOLE - sum(shares)]:
        shares[index] += 1
    return tuple(shares[:-1])


def spelt(share: int) -> str:
    """A share as a percentage, without needless digits."""
    whole, thousandths = divmod(share, _SHARES_PER_PERCENT)
    return f"{whole}.{thousandths:03d}".rstrip("0") if thousandths else str(whole)


def unusual(said: Mapping[str, str], shares: Mapping[str, int]) -> dict[str, str] | None:
    """The texts, by variation id, that we would spell otherwise ourselves; None where there are none."""
    return {id: text for id, text in said.items() if text != spelt(shares[id])} or None


def echoed(text: str, share: int) -> bool:
    """Whether a text that came once still says this share."""
    return percent_rule("", text) is True and abs(Fraction(text) * _SHARES_PER_PERCENT - share) < 1
