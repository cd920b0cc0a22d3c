"""What a surface answers, as bytes that can be kept."""

from msgspec import Struct


class Answer(Struct, frozen=True):
    """An answer in the caller's dialect.

    revision  of the subject it shows, for its ETag; None when it shows none
    kept      the body that a replay under the same idempotency key gets; None for the same.
              A secret is shown once, so an answer that holds one keeps another.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    revision: int | None = None
    kept: bytes | None = None


def has_already(tag: str, known: str) -> bool:
    """Whether an If-None-Match (`known`) names the tag; a request without that header has nothing."""
    tags = [each.strip().removeprefix("W/") for each in known.split(",")]
    return tag in tags or tags == ["*"]
