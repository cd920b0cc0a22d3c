"""Bytes that look random, and are the same in every run."""

from hashlib import sha256


class FakeEntropy:
    """Never the same bytes twice from one of these, unless `calls` is set back; all of them give the same."""

    def __init__(self, seed: str = "") -> None:
        self._seed, self.calls = seed, 0

    def __call__(self, count: int, /) -> bytes:
        call, self.calls = self.calls, self.calls + 1
        blocks = (sha256(f"{self._seed}/{call}/{block}".encode()) for block in range(count // 32 + 1))
        return b"".join(block.digest() for block in blocks)[:count]
