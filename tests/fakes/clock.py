"""A clock that stands until it is moved."""


class FakeClock:
    """Milliseconds since 1970."""

    def __init__(self, now: int = 1_700_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_ms(self, ms: int) -> None:
        self.now += ms
