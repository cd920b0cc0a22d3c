"""The SDK's requests. What goes wrong is one exception, with when to come again."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any

import httpx

from equipoise import __version__
from equipoise.sdk.timing import Timing

STREAM, RULESET, EVENTS = (f"/equipoise/v1/sdk/{name}" for name in ("stream", "ruleset", "events"))
_USER = re.compile("//[^/@]*@")  # of an address; it may hold a password
HOW = "`equipoise sdk-key show --kind server` prints it"
_OTHERS = (
    (re.compile("mob-.*"), "a mobile key"),
    (re.compile("api-.*"), "an access token"),
    (re.compile("[0-9a-f]{24}"), "a client-side id"),
)
_FOR_GOOD = (400, 413, 415, 422)  # the same body will never be taken


class Trouble(Exception):
    """Nothing came of a request; the text has no secret in it.

    retry_after  seconds that the server asked for; 0 for none
    for_good     whether the same again would be refused again
    """

    def __init__(self, said: str, retry_after: float = 0.0, for_good: bool = False) -> None:
        self.retry_after, self.for_good = retry_after, for_good
        super().__init__(said)


class Link:
    """What a client talks to its server by. For one thread; `hang_up` is for any."""

    def __init__(self, key: str, url: str, timing: Timing, http: Callable[[], httpx.Client]) -> None:
        self._url, self._timing, self._make = url.rstrip("/"), timing, http
        self._at, self._hint = f"the server at {_USER.sub('//', self._url)}", _hint(key)
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": f"equipoise-python/{__version__}"}
        self.tag = ""  # of the ruleset that is held; whoever holds another takes it away
        self._socket: Any = None
        self.forked()

    def forked(self) -> None:
        """In a new process: connections are the parent's."""
        self._http: httpx.Client | None = None

    def ruleset(self) -> bytes | None:
        """The whole ruleset; None where it is the one of the tag. raises Trouble"""
        known = {"If-None-Match": self.tag} if self.tag else {}
        with self._trouble():
            answer = self._client.get(
                self._url + RULESET, headers={**self._headers, **known}, timeout=self._brief
            )
            if answer.status_code == 304:
                return None
            self._expect(answer)
            self.tag = answer.headers.get("ETag", "")
            return answer.content

    def stream(self) -> Iterator[bytes]:
        """Bytes as they come, until the server ends them. raises Trouble"""
        timeout = httpx.Timeout(self._timing.answer, connect=self._timing.connect, read=self._timing.silence)
        headers = {**self._headers, "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        with (
            self._trouble(),
            self._client.stream("GET", self._url + STREAM, headers=headers, timeout=timeout) as answer,
        ):
            if answer.status_code != 200:
                answer.read()
                self._expect(answer)
            network = answer.extensions.get("network_stream")
            self._socket = network.get_extra_info("socket") if network is not None else None
            try:
                yield from answer.iter_bytes()
            finally:
                self._socket = None

    def send(self, body: bytes, payload: str) -> None:
        """A body of events under gzip, which the server counts once however often it comes. raises Trouble"""
        headers = {
            **self._headers,
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Idempotency-Key": payload,
        }
        with self._trouble():
            url, timeout = self._url + EVENTS, self._brief
            self._expect(self._client.post(url, content=body, headers=headers, timeout=timeout))

    def hang_up(self) -> None:
        """Ends a stream that somebody waits on."""
        held = self._socket
        if held is not None:
            with suppress(Exception):
                held.shutdown(SHUT_RDWR)

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    @property
    def _client(self) -> httpx.Client:
        if self._http is None:
            self._http = self._make()
        return self._http

    @property
    def _brief(self) -> httpx.Timeout:
        return httpx.Timeout(self._timing.answer, connect=self._timing.connect)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (Trouble, GeneratorExit):
            raise
        except Exception as error:  # what a transport may raise is no closed list
            raise Trouble(f"{self._at} cannot be reached: {str(error) or type(error).__name__}") from error

    def _expect(self, answer: httpx.Response) -> None:
        """raises Trouble unless it is a success"""
        if answer.is_success:
            return
        status = answer.status_code
        if status == 401:
            raise Trouble(f"{self._at} knows nobody with this SDK key{self._hint}; {HOW}")
        why = "; is there too much behind the address?" if status == 404 else ""
        wait = _seconds(answer.headers.get("Retry-After", ""))
        raise Trouble(f"{self._at} answered {status}{why}", wait, status in _FOR_GOOD)


def _hint(key: str) -> str:
    """What another key than that of servers is, by what it looks like."""
    for looks, what in _OTHERS:
        if looks.fullmatch(key):
            return f", which looks like {what}"
    return ""


def _seconds(said: str) -> float:
    """A date is taken for nothing: our server says seconds."""
    return float(said) if said.isdecimal() else 0.0
