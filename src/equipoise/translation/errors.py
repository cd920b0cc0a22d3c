"""What goes wrong before the domain is asked. Each dialect maps these beside the domain's family."""

from equipoise.domain.errors import DomainError, Unknown


def encodable(text: str) -> str:
    """What can be sent: halves of surrogate pairs, which a request may bring, become question marks."""
    return text.encode("utf-8", "replace").decode()


class TransportError(Exception):
    """The request could not be brought before the desk."""


class Unreadable(TransportError):
    """The bytes are no document: bad JSON, UTF-8, nesting, NUL, or a header that says nothing."""


class Oversized(TransportError):
    """The body is larger than a body may be."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"the body is larger than {most} bytes")


class NoRoute(TransportError):
    """Nothing is served at this path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"nothing is served at {path}")


class NoMethod(TransportError):
    """The path is served, not under this method."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__(f"{method} is not one of {', '.join(allowed)}")


class Hurried(TransportError):
    """Too many requests in this window; seconds until the next.

    total     requests that a window has room for
    reset_at  when the next begins, in milliseconds since 1970
    """

    def __init__(self, wait_seconds: int, total: int, reset_at: int) -> None:
        self.wait_seconds, self.total, self.reset_at = wait_seconds, total, reset_at
        super().__init__("You've exceeded the API rate limit. Try again later.")


class Fault(TransportError):
    """Our own fault; the reference stands in the log beside the trace."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(f"an internal error occurred; its reference is {reference}")


def headers(error: DomainError | TransportError) -> tuple[tuple[str, str], ...]:
    """What HTTP itself has words for, and what every client may therefore look for beside the body."""
    match error:
        case NoMethod():
            return (("Allow", ", ".join(error.allowed)),)
        case Hurried():
            return (("Retry-After", str(error.wait_seconds)),)
        case Unknown():
            return (("WWW-Authenticate", "Bearer"),)
    return ()
