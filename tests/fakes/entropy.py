"""Bytes that look random, and are the same in every run."""

from hashlib import sha256
from itertools import count


class FakeEntropy:
    """Never the same bytes twice from one of these; all of them give the same."""

    def __init__(self, seed: str = "") -> None:
        self._seed, self._calls = seed, count()

    def __call__(self, count: int, /) -> bytes:
        call = next(self._calls)
        blocks = (sha256(f"{self._seed}/{call}/{block}".encode()) for block in range(count // 32 + 1))
        return b"".join(block.digest() for block in blocks)[:count]
