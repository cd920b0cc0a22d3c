"""A vault that hides nothing, and shows that it was asked."""


class FakeVault:
    """`sealed:` before the secret, reversed."""

    def seal(self, secret: str) -> str:
        return f"sealed:{secret[::-1]}"

    def open(self, sealed: str) -> str:
        assert sealed.startswith("sealed:"), "never sealed"
        return sealed.removeprefix("sealed:")[::-1]
