"""Templates to answers, with the headers that every answer of the pages has."""

from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from equipoise.application.answers import Answer
from equipoise.web import words
from equipoise.web.files import FILES

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
PRIVATE = ("Cache-Control", "private, no-cache")  # kept by the reader alone, and asked for again

_TEMPLATES = Environment(
    loader=PackageLoader("equipoise.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.filters |= words.FILTERS
_TEMPLATES.globals["file"] = FILES.address


def page(name: str, status: int = 200, headers: Iterable[tuple[str, str]] = (), **facts: Any) -> Answer:
    """A template filled with these facts."""
    body = _TEMPLATES.get_template(f"{name}.html").render(who=facts.pop("who", None), **facts)
    kind = ("Content-Type", "text/html; charset=utf-8")
    return Answer(status, body.encode("utf-8", "replace"), (kind, PRIVATE, *headers))


def lead(to: str, *headers: tuple[str, str]) -> Answer:
    """Sends the browser to another page of ours, by GET."""
    return Answer(303, headers=(("Location", to), ("Cache-Control", "no-store"), *headers))
