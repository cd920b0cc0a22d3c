"""One request for a page: who asks, from where, and where they may be sent."""

import re
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

from equipoise.analysis.results import Results
from equipoise.application.answers import Answer
from equipoise.application.clients import Client
from equipoise.application.queries import Library, ReadRequest
from equipoise.application.sign_in import SESSION_MS, Reception
from equipoise.application.world import World
from equipoise.domain.identity import INSTANCE, Place
from equipoise.security.permissions import Act
from equipoise.security.principals import Principal
from equipoise.translation.errors import Unreadable

HOME = "/ui"
FORM_BYTES_MAX = 16_384
_WHOLE = re.compile("[0-9]{1,15}")
_PATH = re.compile("/ui(/[A-Za-z0-9._~%-]+)*(\\?[A-Za-z0-9._~%&=+-]*)?", re.ASCII)

T = TypeVar("T")


class Reports(Protocol):
    """Where results come from."""

    def __call__(self, principal: Principal, place: Place, key: str) -> Results:
        """The results of an experiment as of now. raises DomainError"""
        ...


class ForeignForm(Exception):
    """A form was sent from anywhere but our own pages; no dialect has forms."""


class Visit(Struct, frozen=True):
    """A request that found its page. Header names are lower case.

    path     parameters of the path, decoded
    secure   whether it came under TLS
    request  its id, for the log
    url      where clients reach this server, without a slash at the end
    clients  those that may be connected
    """

    method: str
    raw_path: str
    path: Mapping[str, str]
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    secure: bool
    request: str
    library: Library
    reception: Reception
    reports: Reports
    url: str
    clients: tuple[Client, ...]

    # what was said

    def asked(self, name: str, most: int = 256) -> str:
        """The first value of a query parameter, cut to so many characters; "" for none."""
        return _first(self.query_string, name)[:most].replace("\0", "").strip()

    def number(self, name: str) -> int | None:
        """A whole number from the query; None for whatever is none."""
        text = self.asked(name, 16)
        return int(text) if _WHOLE.fullmatch(text) else None

    def said(self, name: str) -> str:
        """A field of the form that was sent. raises Unreadable"""
        try:
            return _first(self.body.decode(), name)
        except UnicodeDecodeError:
            raise Unreadable("the form is not UTF-8") from None

    # who asks

    @property
    def cookie(self) -> str:
        """The name of our cookie: browsers do not tell ports apart, so the port stands in it."""
        port = _port(self.headers.get("host", ""))
        return f"equipoise-{port}" if port else "equipoise"

    @property
    def principal(self) -> Principal:
        """Who signed in. raises Unknown"""
        return self.reception.principal(_cookies(self.headers).get(self.cookie, ""))

    def keep(self, session: str, seconds: int = SESSION_MS // 1_000) -> tuple[str, str]:
        """The header that has the browser keep a session; an empty one with 0 seconds ends it."""
        secure = "; Secure" if self.secure else ""
        value = f"{self.cookie}={session}; Path={HOME}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        return "Set-Cookie", value

    def expect_own_form(self) -> None:
        """raises ForeignForm"""
        site = self.headers.get("sec-fetch-site")
        if site is not None:
            ours = site == "same-origin"
        else:
            host = self.headers.get("host", "")
            ours = bool(host) and urlsplit(self.headers.get("origin", "")).netloc.lower() == host.lower()
        if not ours:
            raise ForeignForm

    # what is asked of the library

    def read(self, answer: Callable[[World], T], place: Place = INSTANCE, who: Principal | None = None) -> T:
        """What the store says, to whoever signed in. raises DomainError"""
        found: list[T] = []

        def taken(world: World) -> Answer:
            found.append(answer(world))
            return Answer(200)

        self.library.read(ReadRequest(who or self.principal, Act.READ, place), taken)
        return found[0]

    @property
    def place(self) -> Place:
        """The environment that the path names."""
        return Place(self.path["project"], self.path["environment"])


def own_path(wished: str) -> str:
    """Where to go after signing in: a page of ours, or the first one. Never another site."""
    steps = wished.partition("?")[0].split("/")
    upwards = any(unquote(step) in (".", "..") for step in steps)
    return wished if _PATH.fullmatch(wished) and not upwards and "/ui/sign-" not in wished else HOME


def _first(encoded: str, name: str) -> str:
    try:
        return parse_qs(encoded, keep_blank_values=True, max_num_fields=50).get(name, [""])[0]
    except ValueError:
        return ""


def _port(host: str) -> str:
    port = host.rpartition(":")[2]
    return port if ":" in host and port.isascii() and port.isdigit() else ""


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}
