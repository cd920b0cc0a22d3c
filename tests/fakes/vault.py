"""A vault that hides nothing, and shows that it was asked."""

from equipoise.security.vault import WrongKey


class FakeVault:
    """`sealed:` before the secret, reversed."""

    def seal(self, secret: str) -> str:
        return f"sealed:{secret[::-1]}"

    def open(self, sealed: str) -> str:
        if not sealed.startswith("sealed:"):
            raise WrongKey("never sealed")
        return sealed.removeprefix("sealed:")[::-1]
